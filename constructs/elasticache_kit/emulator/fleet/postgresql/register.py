"""All PostgreSQL servers of an emulator."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

from elasticache_kit.emulator.fleet.postgresql import binary as postgresql_binary
from elasticache_kit.emulator.fleet.postgresql.server import PostgreSQLServer
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elasticache_kit.emulator.fleet.postgresql.binary import PostgreSQLBinary
    from elasticache_kit.emulator.fleet.postgresql.plan import PostgreSQLPlan
    from elasticache_kit.emulator.fleet.yard import Yard

logger = logging.getLogger(__name__)

# Where servers have their directories, in that of the fleet.
DATABASES = "databases"
VERSION_FILE = "PG_VERSION"


class PostgreSQLRegister:
    """Starts servers, finds them by key, and starts one anew that has ended unasked.

    Args:
        yard: where addresses and processes come from.
    """

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self._lock = threading.Lock()
        self._servers: dict[str, PostgreSQLServer] = {}

    def start(self, plan: PostgreSQLPlan) -> PostgreSQLServer:
        """Start a server and return when it answers; data that is there under its key is taken up.

        Raises:
            EngineStartError: it did not come up, or one of this key runs. Nothing of it is left running.
            MissingToolError: no PostgreSQL is installed that reads its data.
        """
        directory = self._yard.directory / DATABASES / quote(plan.key, safe="")
        binary = _program(plan, directory / "data" / VERSION_FILE)
        with self._lock:
            if plan.key in self._servers:
                raise EngineStartError(f"{plan.key} is running already.")
            server = self._servers[plan.key] = PostgreSQLServer(plan, self._yard, binary, directory)
        # A server without its mark is a new one, and is not worth keeping where it fails.
        give_up: Callable[[], None] = server.stop if (directory / "complete").exists() else server.remove
        try:
            server.start()
        except BaseException:
            with self._lock:
                self._servers.pop(plan.key, None)
            give_up()
            raise
        return server

    def find(self, key: str) -> PostgreSQLServer | None:
        """Give the server of a key, None where there is none."""
        with self._lock:
            return self._servers.get(key)

    def versions(self) -> dict[str, dict[str, str]]:
        """Give what was asked for and what runs, by key: `asked` and `running`."""
        with self._lock:
            servers = dict(self._servers)
        return {
            key: {
                "asked": f"postgresql {server.plan.version}".strip(),
                "running": f"postgresql {server.binary.version}",
            }
            for key, server in servers.items()
        }

    def remove(self, key: str) -> None:
        """End a server and delete its data; nothing happens when there is none of this key."""
        with self._lock:
            server = self._servers.pop(key, None)
        if server is not None:
            server.remove()

    def stop(self) -> None:
        """End all servers and keep their data."""
        with self._lock:
            servers, self._servers = list(self._servers.values()), {}
        for server in servers:
            server.stop()

    def lost(self, pid: int) -> None:
        """Start the server again whose process has ended unasked; nothing happens when it was none of these."""
        with self._lock:
            found = [server for server in self._servers.values() if server.started_pid == pid]
        for server in found:
            try:
                server.recover()
            except EngineStartError:
                logger.exception("%s did not come back", server.plan.key)


def _program(plan: PostgreSQLPlan, written_by: Path) -> PostgreSQLBinary:
    """Choose the programs: those that read the data that is there, else those of the version that is asked for."""
    programs = postgresql_binary.find_all()
    if not written_by.exists():
        return postgresql_binary.fitting(programs, plan.version)
    major = written_by.read_text().strip()
    found = [program for program in programs if str(program.major) == major]
    if not found:
        raise EngineStartError(
            f"The data of {plan.key} are of PostgreSQL {major}, and here is only "
            f"{', '.join(program.version for program in programs)}: install it, or name it with "
            f"{postgresql_binary.VARIABLE}."
        )
    return found[0]
