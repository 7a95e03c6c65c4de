"""One PostgreSQL process on one loopback address, behind the front, which speaks TLS for it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import unprivileged
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.front import Listening
from elasticache_kit.emulator.fleet.postgresql.verifier import verifier
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.postgresql.binary import PostgreSQLBinary
    from elasticache_kit.emulator.fleet.postgresql.plan import PostgreSQLPlan
    from elasticache_kit.emulator.fleet.spawner import Child
    from elasticache_kit.emulator.fleet.yard import Yard

# Of RDS itself, as on AWS; nobody else learns its password.
ADMINISTRATOR = "rdsadmin"
START_TIMEOUT = 60.0
STOP_SECONDS = 10.0
HIGHEST_PORT = 65535
STATUS_LINE = 7
OPTIONS = {
    "unix_socket_directories": "",
    "logging_collector": "off",
    # Among its data: what it has in /dev/shm nobody removes when it is killed.
    "dynamic_shared_memory_type": "mmap",
}


class PostgreSQLServer:
    """A server that can be stopped and started again at its address, with its data.

    Args:
        plan: the order.
        yard: where addresses and processes come from.
        binary: the programs.
        directory: its own, for its data, its log and the password of the administrator.
    """

    def __init__(self, plan: PostgreSQLPlan, yard: Yard, binary: PostgreSQLBinary, directory: Path) -> None:
        self.plan, self.binary, self.directory = plan, binary, directory
        self._authority = yard.authority
        # Those of the start: what comes after the end of the fleet must not begin another one.
        self._block, self._spawner, self._front = yard.block, yard.spawner, yard.front
        self._lock = threading.RLock()
        self._child: Child | None = None
        self.wanted = False
        self.address = self._block.take((plan.port, self.inner_port), name=f"postgresql/{plan.key}")

    @property
    def pid(self) -> int | None:
        """The process id, or None when nothing runs."""
        return self._child.pid if self._child is not None and self._child.alive else None

    @property
    def started_pid(self) -> int | None:
        """The process id of the last start, also when it has ended."""
        return None if self._child is None else self._child.pid

    @property
    def inner_port(self) -> int:
        """Where it listens itself, without TLS; the front leads there."""
        return self.plan.port + 1 if self.plan.port < HIGHEST_PORT else self.plan.port - 1

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _log(self) -> Path:
        return self.directory / "postgresql.log"

    def start(self) -> None:
        """Start the process, with a new database where there is none yet, and return when it answers.

        Raises:
            EngineStartError: it did not come up.
            MissingToolError: it would have to run as root.
        """
        with self._lock:
            complete = self.directory / "complete"
            if not complete.exists():
                self._initialise()
            self._spawn()
            if not complete.exists():
                self._query(self._first_statements())
                complete.touch()
            self.wanted = True
            self._open()

    def stop(self) -> None:
        """End the process and keep its data: clients are cut off, what they have committed stays."""
        with self._lock:
            self.wanted = False
            self._front.leave((self.address, self.plan.port))
            if self._child is not None:
                self._spawner.end(self._child, signal.SIGINT, STOP_SECONDS)

    def remove(self) -> None:
        """End the process and delete its data."""
        with self._lock:
            self.stop()
            self._block.give_back(self.address)
            shutil.rmtree(self.directory, ignore_errors=True)

    def recover(self) -> None:
        """Start the process again after it has ended unasked.

        Raises:
            EngineStartError: it did not come up.
        """
        with self._lock:
            if self.wanted and self.pid is None:
                self._spawn()

    def set_password(self, password: str) -> None:
        """Give the master user another password, for connections that come."""
        self._query(f"ALTER ROLE {_quoted(self.plan.master)} PASSWORD '{verifier(password)}';")

    def require_tls(self, *, required: bool) -> None:
        """Refuse clients without TLS from now on, or let them in."""
        with self._lock:
            self.plan = replace(self.plan, tls_required=required)
            if self.wanted:
                self._open()

    def _open(self) -> None:
        wanted = Listening(
            targets=((self.address, self.inner_port),),
            group=self.plan.key,
            certificate=self._authority.issue(self.address),
            key=self._authority.key_file,
            preferred=not self.plan.tls_required,
            postgresql=True,
        )
        self._front.lead((self.address, self.plan.port), wanted)

    def _initialise(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        self._data.mkdir(parents=True, mode=0o700)
        unprivileged.own(self._data)
        password = secrets.token_urlsafe(24)
        pass_file, word_file = self._pass_file, self.directory / "word"
        _write_secret(pass_file, f"*:*:*:{ADMINISTRATOR}:{password}\n")
        _write_secret(word_file, password)
        options = ["--encoding=UTF8", "--no-locale", "--no-sync", "--auth=scram-sha-256", f"--pwfile={word_file}"]
        argv = [str(self.binary.folder / "initdb"), "-D", str(self._data), "-U", ADMINISTRATOR, *options]
        try:
            self._run(unprivileged.command(argv))
        finally:
            word_file.unlink()
        # The front comes from a loopback address; nothing listens at any other, or at a socket.
        (self._data / "pg_hba.conf").write_text("host all all 127.0.0.0/8 scram-sha-256\n")

    @property
    def _pass_file(self) -> Path:
        return self.directory / "administrator"

    def _spawn(self) -> None:
        self._wait_for_predecessor()
        options = {**OPTIONS, "listen_addresses": self.address, "port": str(self.inner_port)}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        argv = [str(self.binary.folder / "postgres"), "-D", str(self._data), *words]
        self._child = self._spawner.spawn(
            unprivileged.command(argv), log=self._log, directory=self.directory, ending=signal.SIGQUIT
        )
        obstacle = Deadline(START_TIMEOUT).wait_for(self._silence)
        if obstacle is not None:
            raise self._failure(obstacle)

    def _wait_for_predecessor(self) -> None:
        """Wait until the process is gone that an emulator before this one had started, and remove what it left."""
        left = self._data / "postmaster.pid"

        def still_there() -> str | None:
            pid = ""
            try:
                pid = left.read_text().splitlines()[0]
                there = Path(f"/proc/{pid}/cwd").readlink() == self._data
            except (OSError, IndexError):
                there = False
            return f"process {pid} of an emulator before has not ended" if there else None

        if (obstacle := Deadline(START_TIMEOUT).wait_for(still_there)) is not None:
            raise self._failure(obstacle)
        # Its number may be that of another program by now, which PostgreSQL would take for it.
        left.unlink(missing_ok=True)

    def _silence(self) -> str | None:
        if self._child is None or not self._child.alive:
            raise self._failure("the process ended before it answered")
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return "it does not answer"
        ready = len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"
        return None if ready and lines[0] == str(self._child.pid) else "it does not answer"

    def _first_statements(self) -> str:
        """Say what RDS makes of a new server: the master user is no superuser, but a member of rds_superuser."""
        master = _quoted(self.plan.master)
        statements = [
            "CREATE ROLE rds_superuser NOLOGIN;",
            "GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION;",
            f"CREATE ROLE {master} LOGIN CREATEDB CREATEROLE PASSWORD '{verifier(self.plan.password)}';",
            f"GRANT rds_superuser TO {master};",
            f"ALTER DATABASE postgres OWNER TO {master};",
        ]
        if self.plan.database and self.plan.database != "postgres":
            statements.append(f"CREATE DATABASE {_quoted(self.plan.database)} OWNER {master};")
        return "\n".join(statements)

    def _query(self, statements: str) -> None:
        """Run statements as the administrator; they come on stdin, for others can read a command line."""
        options = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.address, "-p", str(self.inner_port)]
        argv = [str(self.binary.folder / "psql"), *options, "-U", ADMINISTRATOR, "-d", "postgres"]
        self._run(argv, statements)

    def _run(self, argv: list[str], text: str | None = None) -> None:
        environment = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSFILE": str(self._pass_file)}
        done = subprocess.run(
            argv, input=text, env=environment, capture_output=True, text=True, timeout=START_TIMEOUT, check=False
        )
        if done.returncode != 0:
            raise EngineStartError(f"The PostgreSQL of {self.plan.key} failed: {done.stderr.strip()[-500:]}")

    def _failure(self, reason: str) -> EngineStartError:
        said = self._log.read_text(errors="replace").strip() if self._log.exists() else ""
        text = f"The PostgreSQL of {self.plan.key} failed: {reason}."
        return EngineStartError(f"{text} Its log ({self._log}) ends with:\n  {said[-500:]}" if said else text)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def _write_secret(path: Path, text: str) -> None:
    # Made with its final mode: at no moment can others read it.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
