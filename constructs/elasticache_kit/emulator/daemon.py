"""An emulator that runs in a process of its own: started, found again, stopped."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from elasticache_kit.emulator import capability
from elasticache_kit.errors import EmulatorError, PortInUseError

STATE_FILE = "emulator.json"
LOCK_FILE = "lock"
LOG_FILE = "emulator.log"
# A process that ends before it answers is noticed at once; one with many caches starts their engines first.
START_SECONDS = 120
STOP_SECONDS = 20
POLL_SECONDS = 0.05
LOG_LINES = 20

# The emulators that this process has started: a child must be reaped by its parent.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class Running:
    """What is remembered of a running emulator.

    Args:
        pid: its process.
        started: the process's start time in clock ticks since boot, so that another process with the same id is not
            taken for it.
        endpoint_url: where its API answers.
        directory: where it keeps what it writes.
    """

    pid: int
    started: str
    endpoint_url: str
    directory: str


def default_directory() -> Path:
    """Return the folder of an emulator that names none: elasticache-kit in $XDG_STATE_HOME, else in ~/.local/state."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "elasticache-kit"


def claim(directory: Path) -> IO[bytes]:
    """Make this process the only emulator of a directory for as long as the returned file is open.

    Raises:
        EmulatorError: another emulator has it.
    """
    lock = (directory / LOCK_FILE).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise EmulatorError(
            f"an emulator runs or starts in {directory} already: see `elasticache-kit emulator status`, or name "
            "another directory with --directory."
        ) from error
    return lock


def remember(directory: Path, endpoint_url: str) -> None:
    """Write down that this process is the emulator of a directory."""
    running = Running(os.getpid(), _start_time(os.getpid()) or "", endpoint_url, str(directory))
    target = directory / STATE_FILE
    draft = target.with_suffix(".new")
    draft.write_text(json.dumps(asdict(running)))
    draft.replace(target)


def forget(directory: Path) -> None:
    """Remove what `remember` wrote."""
    (directory / STATE_FILE).unlink(missing_ok=True)


def find(directory: Path) -> Running | None:
    """Return the emulator of a directory if its process lives."""
    try:
        running = Running(**json.loads((directory / STATE_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return running if _start_time(running.pid) == running.started else None


def start(directory: Path, arguments: list[str], *, bound: bool = False) -> Running:
    """Start an emulator in the background and return when it answers.

    Args:
        directory: where it keeps what it writes.
        arguments: further arguments of `elasticache-kit emulator serve`.
        bound: whether it stops by itself when this process ends, however that ends. Off, it stays.

    Raises:
        EmulatorError: it did not start; the message quotes its log.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / LOG_FILE).touch()
    except OSError as error:
        raise EmulatorError(
            f"{directory} cannot be used by an emulator: {error.strerror}. Name another one with --directory."
        ) from error
    tail = [*arguments, *(["--until-eof"] if bound else [])]
    leash = _leash() if bound else None
    with (directory / LOG_FILE).open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "elasticache_kit.cli",
                "emulator",
                "serve",
                "--directory",
                str(directory),
                *tail,
            ],
            # It plays AWS and asks none: a profile that is not there would end moto while it is imported.
            env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            stdin=leash if leash is not None else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[process.pid] = process
    if leash is not None:
        os.close(leash)
    running: Running | None = None
    try:
        running = _answering(directory, process)
    finally:
        # Also after Ctrl-C: an emulator that nobody knows of would stay.
        if running is None:
            process.kill()
            process.wait()
            del _children[process.pid]
    if running is not None:
        return running
    text = (directory / LOG_FILE).read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
    message = "\n".join(text).removeprefix("Error: ") or "it said nothing"
    kind = PortInUseError if "cannot be used" in message else EmulatorError
    raise kind(message if kind is PortInUseError else f"the emulator did not start; its log ends with:\n{message}")


def _answering(directory: Path, process: subprocess.Popen[bytes]) -> Running | None:
    """Wait until the emulator that a process becomes answers; None where it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        running = find(directory)
        if running and running.pid == process.pid and said(running):
            return running
        time.sleep(POLL_SECONDS)
    return None


def _leash() -> int:
    """Return the read end of a pipe whose write end this process keeps until it ends: its end of file says so."""
    read, _ = os.pipe()
    return read


def stop(running: Running) -> None:
    """Stop an emulator and return when its process is gone.

    Raises:
        EmulatorError: it could not be ended.
    """
    for number, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
        if _start_time(running.pid) != running.started:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline and _start_time(running.pid) == running.started:
            time.sleep(POLL_SECONDS)
    if _start_time(running.pid) == running.started:
        raise EmulatorError(f"process {running.pid} could not be ended")
    if child := _children.pop(running.pid, None):
        child.wait()
    forget(Path(running.directory))


def said(running: Running) -> dict[str, Any]:
    """Return what an emulator says of itself, see `server.Emulator.capability`; nothing where it does not answer."""
    with contextlib.suppress(OSError):
        return capability.ask(running.endpoint_url) or {}
    return {}


def _start_time(pid: int) -> str | None:
    """Tell when a process started, or None where there is none or it is a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _start_time_elsewhere(pid)
    return None if fields[0] == "Z" else fields[19]


def _start_time_elsewhere(pid: int) -> str | None:
    if Path("/proc/self").exists():
        return None
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return listed.stdout.strip() or None
