"""One engine process on one loopback address."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import engine_file
from elasticache_kit.emulator.fleet.address import control_address
from elasticache_kit.emulator.fleet.admin import TIMEOUT, Admin, ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.sign_in import InternalAccount
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from elasticache_kit.emulator.fleet.binary import EngineBinary
    from elasticache_kit.emulator.fleet.detour import Detour
    from elasticache_kit.emulator.fleet.spawner import Child, Spawner

LOG_LINES = 8
# So long may a child that is about to save hold what an engine listens on.
BIND_TIMEOUT = 2.0


class Engine:
    """A server process that can be started anew at the same address.

    Args:
        binary: the program; another one is started the next time where it is changed.
        spawner: who starts it.
        directory: its working directory, with its configuration and log.
        address: its loopback address.
        port: where it listens.
        account: whom the emulator and other engines sign in as; one of its own when omitted.
    """

    def __init__(
        self,
        binary: EngineBinary,
        spawner: Spawner,
        directory: Path,
        address: str,
        port: int,
        *,
        account: InternalAccount | None = None,
    ) -> None:
        self.binary, self._spawner = binary, spawner
        self._started = binary
        self.account = account or InternalAccount()
        self.directory, self.address, self.port = directory, address, port
        self._child: Child | None = None
        self._log_start = 0
        self._detour: Detour | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.alive

    @property
    def runs(self) -> EngineBinary:
        """The program of the present process, or of the next one where nothing runs."""
        return self._started if self.alive else self.binary

    @property
    def pid(self) -> int | None:
        """The process id, or None when nothing runs."""
        return self._child.pid if self._child is not None and self._child.alive else None

    def ends_within(self, seconds: float) -> bool:
        """Say whether the process has ended, or does so within a time."""
        return self._child is None or self._child.ended.wait(seconds)

    @property
    def child(self) -> Child | None:
        """The process that was started last, whether it runs or not."""
        return self._child

    @property
    def log(self) -> Path:
        """What the process writes."""
        return self.directory / "engine.log"

    @property
    def socket(self) -> Path:
        """Its Unix socket, a shorter way to it than its address."""
        return self.directory / engine_file.FIXED["unixsocket"]

    @property
    def log_start(self) -> int:
        """Where in the log the present process begins, in bytes."""
        return self._log_start

    def admin(self, timeout: float = TIMEOUT) -> Admin:
        """Connect to the process; an answer may take so many seconds, two when omitted."""
        return Admin(self._own_address, self.port, self.account, timeout, source=control_address(self.address))

    def wipe(self, *, keep: Collection[str] = ()) -> None:
        """Delete what the process has left but its log; replication goes through files, so there is data among it."""
        for path in self.directory.iterdir() if self.directory.is_dir() else ():
            if path.is_dir():
                shutil.rmtree(path)
            elif path != self.log and path.name not in keep:
                path.unlink()

    def start(
        self,
        settings: Mapping[str, str],
        *,
        accounts: Mapping[str, Sequence[str]] | None = None,
        files: Mapping[str, str | Path] | None = None,
    ) -> None:
        """Start the process; `ready` says when it answers.

        Args:
            settings: by the engine's own names.
            accounts: the rules of each user; when omitted everybody may do everything.
            files: what it finds in its directory, by name: the content, or a file to copy.

        Raises:
            EngineStartError: it cannot be started.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        for name, content in (files or {}).items():
            if isinstance(content, str):
                (self.directory / name).write_text(content)
            else:
                shutil.copyfile(content, self.directory / name)
        fixed = engine_file.FIXED | {"bind": self.address, "port": str(self.port), "dir": str(self.directory)}
        fixed |= {"masteruser": self.account.name, "masterauth": self.account.secret}
        users = {**(accounts or {}), self.account.name: self.account.rules}
        configuration = self.directory / "engine.conf"
        settings = engine_file.DEFAULTS | dict(settings) | fixed
        engine_file.write(configuration, engine_file.render(settings) + engine_file.render_users(users))
        self._started = self.binary
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._child = self._spawner.spawn(
            [str(self.binary.path), str(configuration)], log=self.log, directory=self.directory
        )

    def ready(self, deadline: Deadline) -> None:
        """Return when the process answers, and it is this process that does.

        Raises:
            EngineStartError: it ended, does not answer in time, or another process answers in its place.
        """
        obstacle = deadline.wait_for(self._silence)
        if obstacle is not None:
            raise self.failure(obstacle)

    def kill(self) -> None:
        """Kill the process (SIGKILL) and return when it has ended."""
        if self._child is not None:
            self._spawner.kill(self._child)
        # The process that comes in its place has its address for itself.
        detour, self._detour = self._detour, None
        if detour is not None:
            detour.close()

    def hold(self) -> None:
        """Stop the process where it is (SIGSTOP); `release` lets it go on."""
        if self._child is not None:
            self._spawner.hold(self._child)

    def release(self) -> None:
        """Let the process go on (SIGCONT)."""
        if self._child is not None:
            self._spawner.release(self._child)

    def listen_also(self, addresses: Sequence[str]) -> None:
        """Listen on these addresses too, and on no other than its own.

        Raises:
            EngineStartError: an address is taken, or the process does not answer.
        """
        if self._detour is not None:
            self._detour.lead([self.address, *addresses])
            return
        self._bind([self.address, *addresses])

    def leave_to(self, detour: Detour, addresses: Sequence[str]) -> None:
        """Leave its own address and these to a detour that leads to the process; connections of clients end.

        Raises:
            EngineStartError: the process does not answer, or the detour cannot be made.
        """
        # The front finds the detour where the shorter way is gone; that comes back with the end of it.
        with contextlib.suppress(FileNotFoundError):
            self.socket.rename(self._socket_aside)
        self._bind([detour.address])
        self._detour = detour
        detour.lead([self.address, *addresses])
        self._cut_clients()

    def come_back(self, addresses: Sequence[str]) -> None:
        """Listen on its own address and on these again, after `leave_to`; nothing happens where there is no detour.

        Raises:
            EngineStartError: the process does not answer, or an address is taken.
        """
        detour = self._detour
        if detour is not None:
            detour.close()
            self._bind([self.address, *addresses])
            self._detour = None
            with contextlib.suppress(FileNotFoundError):
                self._socket_aside.rename(self.socket)

    def _cut_clients(self) -> None:
        with self.admin() as admin:
            admin.commands([("CLIENT", "KILL", "TYPE", kind) for kind in ("normal", "pubsub")])

    @property
    def _socket_aside(self) -> Path:
        return self.socket.with_suffix(".aside")

    @property
    def _own_address(self) -> str:
        return self.address if self._detour is None else self._detour.address

    def _bind(self, addresses: Sequence[str]) -> None:
        try:
            with self.admin() as admin:
                # A child that has just been forked to save has the old ones open for a moment, and an engine that fails
                # listens nowhere: it is told again by the same connection.
                obstacle = Deadline(BIND_TIMEOUT).wait_for(lambda: _unbound(admin, addresses))
        except OSError as error:
            obstacle = str(error)
        if obstacle is not None:
            raise self.failure(f"it cannot listen on {', '.join(addresses)}: {obstacle}")

    def move(self, port: int) -> None:
        """Listen on another port, at its own address alone; connections that exist stay.

        Raises:
            OSError: the process does not answer.
            ReplyError: the port is taken.
        """
        if self.alive and port != self.port:
            with self.admin() as admin:
                admin.command("CONFIG", "SET", "bind", self.address)
                admin.command("CONFIG", "SET", "port", port)
        self.port = port

    def failure(self, reason: str) -> EngineStartError:
        """Make the error that says what is wrong with this process and what it wrote last."""
        text = f"The engine at {self.address}:{self.port} failed: {reason}."
        tail = self.log_tail()
        return EngineStartError(f"{text} Its log ({self.log}) ends with:\n{tail}" if tail else text)

    def log_tail(self) -> str:
        """Give the last lines that the present process has written."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode(errors="replace").splitlines()
            return "\n".join(f"  {line}" for line in lines[-LOG_LINES:])
        return ""

    def _silence(self) -> str | None:
        child = self._child
        if child is None or not child.alive:
            # Not worth waiting for: the caller's deadline is for processes that are on their way.
            raise self.failure("the process ended before it answered")
        try:
            with self.admin() as admin:
                answered_by = admin.info("server").get("process_id")
                loading = admin.info("persistence").get("loading") == "1"
        except ReplyError as error:
            if str(error).startswith("WRONGPASS"):
                raise self.failure(
                    f"another process answers there, not {child.pid}, which was started for it"
                ) from error
            return f"it does not answer ({error})"
        except OSError as error:
            return f"it does not answer ({error})"
        if answered_by != str(child.pid):
            raise self.failure(f"process {answered_by} answers there, not {child.pid}, which was started for it")
        return "it loads its data" if loading else None


def _unbound(admin: Admin, addresses: Sequence[str]) -> str | None:
    try:
        admin.command("CONFIG", "SET", "bind", " ".join(addresses))
    except ReplyError as error:
        return str(error)
    return None
