"""The Memcached clusters of a fleet, by their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from elasticache_kit.emulator.fleet.memcached import binary as memcached_binary
from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster
from elasticache_kit.errors import EngineStartError, NotFoundError

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator
    from pathlib import Path

    from elasticache_kit.emulator.fleet.memcached.plan import MemcachedPlan
    from elasticache_kit.emulator.fleet.yard import Yard


class MemcachedOperations:
    """Starts, finds and ends Memcached clusters; whoever inherits this says where."""

    _lock: threading.Lock
    _clusters: dict[str, MemcachedCluster]
    _directory: Path
    _yard: Yard

    def start_memcached(self, plan: MemcachedPlan) -> MemcachedCluster:
        """Start the nodes of a Memcached cluster and return when all answer.

        Raises:
            EngineStartError: a node did not come up, or a cluster of this key runs. Nothing of it is left running.
            MissingToolError: memcached is not installed.
        """
        with self._lock:
            if plan.key in self._clusters:
                raise EngineStartError(f"{plan.key} is running already.")
            directory = self._directory / "memcached" / quote(plan.key, safe="")
            cluster = MemcachedCluster(plan, self._yard, memcached_binary.find(), directory)
            self._clusters[plan.key] = cluster
        try:
            cluster.start()
        except BaseException:
            with self._lock:
                self._clusters.pop(plan.key, None)
            raise
        return cluster

    def stop_memcached(self, key: str) -> None:
        """End the nodes of a Memcached cluster; nothing happens when none of this key runs."""
        with self._lock:
            cluster = self._clusters.pop(key, None)
        if cluster is not None:
            cluster.stop()

    def memcached(self, key: str) -> MemcachedCluster:
        """Give the Memcached cluster that runs under a key, with everything that can be done to it.

        Raises:
            NotFoundError: none does.
        """
        with self._lock:
            cluster = self._clusters.get(key)
        if cluster is None:
            raise NotFoundError(f"No Memcached cluster runs as {key}.")
        return cluster

    def find_memcached(self, key: str) -> MemcachedCluster | None:
        """Give the Memcached cluster that runs under a key, None where none does."""
        with self._lock:
            return self._clusters.get(key)

    def _lost_memcached(self, pid: int) -> Iterator[tuple[str, str]]:
        """Give the key and the node of a process that has ended unasked, where it is one of Memcached."""
        with self._lock:
            clusters = list(self._clusters.items())
        for key, cluster in clusters:
            yield from ((key, name) for name in cluster.lost(pid))
