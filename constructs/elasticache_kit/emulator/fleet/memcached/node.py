"""One memcached process on one loopback address."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.fleet.deadline import Deadline
    from elasticache_kit.emulator.fleet.memcached.binary import MemcachedBinary
    from elasticache_kit.emulator.fleet.spawner import Child, Spawner

TIMEOUT = 2.0
END = b"END\r\n"


class MemcachedNode:
    """A process that can be started anew, empty, at the same address.

    Args:
        cache_node_id: its id in the cluster, for example `0001`.
        address: its loopback address.
        port: where it listens.
        log: what it writes.
    """

    def __init__(self, cache_node_id: str, address: str, port: int, log: Path) -> None:
        self.cache_node_id, self.address, self.port, self.log = cache_node_id, address, port, log
        self._child: Child | None = None
        # Whether it has answered since it was started last, and nobody has ended it.
        self.in_service = False

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.alive

    @property
    def pid(self) -> int | None:
        """The process id, or None when nothing runs."""
        return self._child.pid if self._child is not None and self._child.alive else None

    def lost(self, pid: int) -> bool:
        """Say whether this was its process, which has ended unasked while it served."""
        return self.in_service and self._child is not None and self._child.pid == pid

    def start(self, binary: MemcachedBinary, spawner: Spawner, options: Mapping[str, str]) -> None:
        """Start the process; `ready` says when it answers.

        Raises:
            EngineStartError: it cannot be started.
        """
        # No UDP, which could be used to flood others.
        fixed = {"-l": self.address, "-p": str(self.port), "-U": "0"}
        if os.geteuid() == 0:
            fixed["-u"] = "root"  # it refuses to run as root unless told so
        words = [word for pair in {**options, **fixed}.items() for word in pair]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._child = spawner.spawn([str(binary.path), *words], log=self.log, directory=self.log.parent)

    def ready(self, deadline: Deadline) -> None:
        """Return when the process answers, and it is this process that does.

        Raises:
            EngineStartError: it ended, does not answer in time, or another process answers in its place.
        """
        obstacle = deadline.wait_for(self._silence)
        if obstacle is not None:
            raise self._failure(obstacle)

    def kill(self, spawner: Spawner) -> None:
        """Kill the process (SIGKILL) and return when it has ended."""
        self.in_service = False
        if self._child is not None:
            spawner.kill(self._child)

    def stats(self, group: str = "") -> dict[str, str]:
        """Ask the process for its statistics, of a group such as `settings` or the general ones.

        Raises:
            OSError: it does not answer.
        """
        with socket.create_connection((self.address, self.port), timeout=TIMEOUT) as connection:
            connection.sendall(f"stats {group}".strip().encode() + b"\r\n")
            answer = b""
            while not answer.endswith(END):
                data = connection.recv(65536)
                if not data:
                    raise ConnectionResetError("memcached closed the connection")
                answer += data
        lines = (line.split(" ", 2) for line in answer.decode(errors="replace").splitlines()[:-1])
        return {words[1]: words[2] if len(words) > 2 else "" for words in lines}  # noqa: PLR2004 -- STAT name value

    def _silence(self) -> str | None:
        if self._child is None or not self._child.alive:
            raise self._failure("the process ended before it answered")
        try:
            answered_by = self.stats().get("pid")
        except OSError as error:
            return f"it does not answer ({error})"
        if answered_by != str(self._child.pid):
            raise self._failure(f"process {answered_by} answers there, not {self._child.pid}")
        return None

    def _failure(self, reason: str) -> EngineStartError:
        said = self.log.read_text(errors="replace").strip() if self.log.exists() else ""
        text = f"The memcached at {self.address}:{self.port} failed: {reason}."
        return EngineStartError(f"{text} Its log ({self.log}) ends with:\n  {said[-500:]}" if said else text)
