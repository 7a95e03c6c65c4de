"""Run a command whose temporary files are in memory, and remove them when it ends.

    python scripts/in_memory.py COMMAND...

Tests start hundreds of servers that wait until the disk has what they write, beside others that fill environments with
packages: on a disk they wait for each other. Where there is no room in memory the command has its files where they
always are. Its exit code is this one's. What a command leaves that fails goes there, too, and where to is said.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - the command gets a directory of its own in it
PREFIX, LOCK = "ek-", ".lock"
# All tests together had 0.4 GiB at most at one time; a machine keeps some for its programs.
ROOM_BYTES = 4 * 1024**3
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def fits(memory: Path, room_bytes: int) -> bool:
    """Tell whether programs may run from there, and whether there is room, also in the machine and in a container."""
    if sys.platform != "linux" or not os.access(memory, os.W_OK | os.X_OK):
        return False
    there = os.statvfs(memory)
    machine = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    free = min(there.f_bavail * there.f_frsize, int(machine[1]) * 1024 if machine else 0)
    # What is written there counts against the limit of a container.
    for limit in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        with suppress(OSError, ValueError):
            free = min(free, int(limit.read_text(encoding="ascii")))
    return free >= room_bytes and not there.f_flag & os.ST_NOEXEC


def sweep(memory: Path) -> None:
    """Remove what runs have left that were killed: nobody holds their lock."""
    for left in memory.glob(f"{PREFIX}*/{LOCK}"):
        with suppress(OSError), left.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)


def run(command: list[str], memory: Path = MEMORY, room_bytes: int = ROOM_BYTES) -> int:
    """Run a command and return its exit code.

    Args:
        command: its words.
        memory: a folder in memory; `/dev/shm` when omitted.
        room_bytes: what must be free there and in the machine, in bytes; 4 GiB when omitted.
    """
    if not fits(memory, room_bytes):
        return _run(command, dict(os.environ))
    sweep(memory)
    # Short: the path of a socket has 107 characters.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=memory))
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            code = _run(command, {**os.environ, "TMPDIR": str(folder)})
        (folder / LOCK).unlink(missing_ok=True)
        if code and any(folder.iterdir()):
            kept = Path(tempfile.mkdtemp(prefix=PREFIX))
            # As much of it as can be read: the command's own exit code says more.
            with suppress(OSError):
                shutil.copytree(folder, kept, dirs_exist_ok=True, symlinks=True, ignore=_no_files)
            sys.stderr.write(f"what it has left is in {kept}\n")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _no_files(folder: str, names: list[str]) -> list[str]:
    """Return what cannot be copied: sockets and the like."""
    paths = {name: Path(folder, name) for name in names}
    return [name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())]


def _run(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(command, env=environment) as process:

        def hand_on(number: int, _frame: object) -> None:
            process.send_signal(number)

        # The command ends in its own way; a terminal has told it of Ctrl-C as well.
        before = {number: signal.signal(number, hand_on) for number in _SIGNALS}
        before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            code = process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
