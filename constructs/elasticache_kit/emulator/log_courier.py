"""Carries the logs of engines that run to where their caches deliver them.

AWS takes a fixed number of slow log entries from each engine from time to time, and so does this: entries that the
engine has dropped in between (`slowlog-max-len`) are not delivered.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import SEEK_END
from typing import TYPE_CHECKING, Any, cast

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import fleet_key, log_destination
from elasticache_kit.emulator.fleet.admin import NAME, ReplyError
from elasticache_kit.emulator.log_entry import CACHE_NODE_ID, LogEntry, engine_log_entry, slow_log_entry
from elasticache_kit.errors import NotFoundError
from elasticache_kit.model.log_delivery import LogDeliverySpec

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.gate import Gate
    from elasticache_kit.emulator.region import Region

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 0.5
EXIT_SECONDS = 5.0
# So many entries of the slow log are taken at once.
MOST_ENTRIES = 1000
SLOW_LOG = "slow-log"


@dataclass(frozen=True, slots=True)
class Source:
    """What delivers its logs.

    Args:
        region: where it is.
        key: how the fleet calls it.
        engine: `valkey` or `redis`.
        deliveries: which log goes where.
    """

    region: Region
    key: str
    engine: str
    deliveries: tuple[LogDeliverySpec, ...]


@dataclass(slots=True)
class Place:
    """How far a log of a process has been read.

    Args:
        pid: the process.
        read: the number of its last slow log entry, or the bytes of its engine log.
    """

    pid: int | None = None
    read: int = 0


@dataclass(slots=True)
class LogCourier:
    """Looks at the logs from time to time, in a thread of its own.

    Args:
        fleet: the engines.
        gate: what it goes through when it delivers, which changes the state of other services.
    """

    fleet: Fleet
    gate: Gate
    # By cache, node and log: another destination goes on where the one before it ended.
    _places: dict[tuple[str, str, str], Place] = field(default_factory=dict[tuple[str, str, str], Place])
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="log-courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and return when it has ended."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(EXIT_SECONDS)

    def deliver(self) -> None:
        """Deliver what has been written since the last time."""
        for source in _sources():
            try:
                nodes = self.fleet.group(source.key).nodes
            except NotFoundError:
                continue  # not started yet, or gone
            for delivery in source.deliveries:
                if log_destination.trouble(source.region, delivery) is None:
                    self._deliver(source, delivery, nodes)

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD_SECONDS):
            try:
                self.deliver()
            except Exception:
                logger.exception("logs could not be delivered")

    def _deliver(self, source: Source, delivery: LogDeliverySpec, nodes: Mapping[str, Node]) -> None:
        for name, node in nodes.items():
            place = self._places.setdefault((source.key, name, str(delivery.log_type)), Place())
            entries = self._slow(node, place) if delivery.log_type == SLOW_LOG else self._written(node, place)
            if entries:
                stream = f"elasticache/{source.engine}/{name}/{CACHE_NODE_ID}/{delivery.log_type}"
                with self.gate.step(changes=True):
                    log_destination.put(source.region, delivery, stream, entries)

    def _slow(self, node: Node, place: Place) -> list[LogEntry]:
        """Take the slow log entries that are new, without those of the emulator's own commands."""
        if node.engine.pid is None:
            return []
        if node.engine.pid != place.pid:
            place.pid, place.read = node.engine.pid, -1
        try:
            with node.engine.admin() as admin:
                (rows,) = admin.raw([("SLOWLOG", "GET", MOST_ENTRIES)])
        except (OSError, ReplyError):
            return []  # it does not answer now
        known = [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
        new = [row for row in known if _number(row) > place.read]
        place.read = max([place.read, *map(_number, new)])
        return [slow_log_entry(node.cache_cluster_id, row) for row in new if row[-1] != NAME.encode()]

    def _written(self, node: Node, place: Place) -> list[LogEntry]:
        """Take the lines that are new; those of a process that has ended, too."""
        engine = node.engine
        if place.pid is None and place.read == 0:
            place.read = engine.log_start
        place.pid = engine.pid
        try:
            with engine.log.open("rb") as log:
                # A node that was made anew under the same name has a log of its own.
                place.read = min(place.read, log.seek(0, SEEK_END))
                log.seek(place.read)
                data = log.read()
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        place.read += len(whole)
        lines = whole.decode(errors="replace").splitlines()
        found = (engine_log_entry(node.cache_cluster_id, line) for line in lines)
        return [entry for entry in found if entry is not None]


def _number(row: Sequence[object]) -> int:
    return int(str(row[0]))


def _sources() -> Iterator[Source]:
    """Give every cache that delivers logs, as moto's backends know them at this moment."""
    for _, _, backend in elasticache_backends.iter_backends():
        region = _region(backend)
        for group in tuple(region.replication_groups.values()):
            if deliveries := _deliveries(group.spec.log_delivery_configurations):
                key = region.fleet_key(group.replication_group_id)
                yield Source(region, key, str(group.spec.engine or "redis"), deliveries)
        for cluster in tuple(region.cache_clusters.values()):
            if deliveries := _deliveries(cluster.spec.log_delivery_configurations):
                key = fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
                yield Source(region, key, str(cluster.engine), deliveries)


def _region(backend: Any) -> Region:
    return backend.region


def _deliveries(entries: object) -> tuple[LogDeliverySpec, ...]:
    given = cast("tuple[object, ...]", entries) if isinstance(entries, tuple) else ()
    return tuple(item for item in given if isinstance(item, LogDeliverySpec))
