"""Run a command whose temporary files are in memory, and remove them when it ends.

    python scripts/in_memory.py COMMAND...

Tests start hundreds of servers that wait until the disk has what they write, beside others that fill environments with
packages: on a disk they wait for each other. Where there is no room in memory the command has its files where they
always are. Its exit code is this one's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - the command gets a directory of its own in it
PREFIX = "ek-"
# All tests have 2 GiB at most at one time; a machine keeps as much for its programs.
ROOM_BYTES = 6 * 1024**3


def fits(memory: Path, room_bytes: int) -> bool:
    """Tell whether programs may run from there, and whether there is room, also in the machine."""
    if sys.platform != "linux" or not os.access(memory, os.W_OK | os.X_OK):
        return False
    there = os.statvfs(memory)
    machine = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    free = min(there.f_bavail * there.f_frsize, int(machine[1]) * 1024 if machine else 0)
    return free >= room_bytes and not there.f_flag & os.ST_NOEXEC


def sweep(memory: Path) -> None:
    """Remove what a run has left that was killed: its process is no more."""
    for left in memory.glob(f"{PREFIX}*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not Path("/proc", number).exists():
            shutil.rmtree(left, ignore_errors=True)


def run(command: list[str], memory: Path = MEMORY, room_bytes: int = ROOM_BYTES) -> int:
    """Run a command and return its exit code.

    Args:
        command: its words.
        memory: a folder in memory; `/dev/shm` when omitted.
        room_bytes: what must be free there and in the machine, in bytes; 6 GiB when omitted.
    """
    if not fits(memory, room_bytes):
        return _run(command, dict(os.environ))
    sweep(memory)
    # Short: the path of a socket has 107 characters.
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=memory)
    try:
        return _run(command, {**os.environ, "TMPDIR": folder})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(command, env=environment) as process:

        def hand_on(_number: int, _frame: object) -> None:
            process.terminate()

        # The command ends in its own way; a terminal has told it of Ctrl-C as well.
        signal.signal(signal.SIGTERM, hand_on)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
