"""What the kernel says of processes, their files, and who listens where."""

from __future__ import annotations

import contextlib
from pathlib import Path

PROC = Path("/proc")
LISTENS = "0A"


def command_of(pid: int) -> str:
    """Return the command line of a process, empty where it has ended."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def parent_of(pid: int) -> int | None:
    """Return the parent of a process."""
    with contextlib.suppress(OSError):
        return int((PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return None


def processes() -> list[int]:
    """Return all that run."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def children_of(pid: int) -> list[int]:
    """Return the children of a process."""
    return [other for other in processes() if parent_of(other) == pid]


def naming(text: str) -> list[str]:
    """Return the command lines that have a text in them."""
    return [command for pid in processes() if text in (command := command_of(pid))]


def open_files(pid: int) -> int:
    """Count the files that a process has open."""
    return len(list((PROC / str(pid) / "fd").iterdir()))


def listening(block: int) -> list[str]:
    """Return the addresses of 127.BLOCK.0.0/16 at which somebody listens."""
    found: list[str] = []
    for line in (PROC / "net/tcp").read_text(encoding="utf-8").splitlines()[1:]:
        words = line.split()
        address, _, port = words[1].partition(":")
        octets = [str(int(address[at : at + 2], 16)) for at in (6, 4, 2, 0)]
        if words[3] == LISTENS and octets[:2] == ["127", str(block)]:
            found.append(f"{'.'.join(octets)}:{int(port, 16)}")
    return found
