"""The append only file of an engine: how long it is, and how much of that is surely on the disk.

An engine with `appendfsync everysec` writes to the kernel before it answers, and has a thread of its own (`bio_aof`)
call fsync once a second. It tells nobody how far that came. But the thread sleeps between its calls, so the kernel's
count of its switches moves only when there is a call; and INFO says when the call is done.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.engine import Engine

DIRECTORY = "appendonlydir"
MANIFEST = "appendonly.aof.manifest"
SYNC_THREAD = "bio_aof"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the part of the file that is written to.

    Args:
        path: the file.
        length: bytes from its beginning.
        moment: when it was that long, on the monotonic clock.
    """

    path: Path
    length: int
    moment: float


def end(engine: Engine) -> Mark | None:
    """Say how long the part that is written to is now; None where there is no append only file."""
    directory = engine.directory / DIRECTORY
    with contextlib.suppress(OSError):
        # One line for each part: `file NAME seq N type i`; the last one of type i is written to.
        lines = [line.split() for line in (directory / MANIFEST).read_text().splitlines()]
        names = [words[1] for words in lines if words[-1] == "i" or words[5:6] == ["i"]]
        path = directory / names[-1]
        return Mark(path, path.stat().st_size, time.monotonic())
    return None


def cut(mark: Mark) -> int:
    """Take away everything behind a place, and give the number of bytes that this was. The process must have ended."""
    with mark.path.open("r+b") as file:
        lost = mark.path.stat().st_size - mark.length
        if lost > 0:
            file.truncate(mark.length)
    return max(lost, 0)


class SyncWatch:
    """Notes up to where the file of an engine is on the disk; `look` must be called again and again.

    What it says is cautious: never more than there is, and less by what was written between two looks.

    Args:
        engine: whose file.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = _sync_thread(engine.pid)
        self._switches = self._count()
        self._begun = end(engine)
        # The last place before the last look, and the one before that.
        self._last = self._before = self._begun
        self.synced: Mark | None = None
        self._candidate: Mark | None = None

    def look(self) -> None:
        """Look at the file and at the thread that syncs it."""
        now, switches = end(self._engine), self._count()
        if switches != self._switches and self._candidate is None:
            # A call has begun since: what was there two looks ago is part of it for certain.
            self._candidate = self._before
        self._switches = switches
        if self._candidate is not None and not self._pending():
            self.synced, self._candidate = self._candidate, None
        if now is not None and self._last is not None and now.path != self._last.path:
            # A new part: the one before was synced when it was closed.
            self.synced = Mark(now.path, 0, now.moment)
        self._before, self._last = self._last, now

    @property
    def quiet(self) -> bool:
        """Whether nothing has been written since the watch began."""
        begun, last = self._begun, self._last
        return begun is not None and last is not None and (begun.path, begun.length) == (last.path, last.length)

    @property
    def last_synced(self) -> Mark | None:
        """Up to where the file is on the disk: to where it was at the beginning where no call was seen since.

        That is right where the watch has gone on for longer than the engine lets pass between two calls.
        """
        return self.synced or self._begun

    def _pending(self) -> bool:
        try:
            with self._engine.admin() as admin:
                return admin.info("persistence").get("aof_pending_bio_fsync") != "0"
        except (OSError, ReplyError):
            return True

    def _count(self) -> str:
        if self._thread is not None:
            with contextlib.suppress(OSError):
                lines = (self._thread / "status").read_text().splitlines()
                return next(line for line in lines if line.startswith("voluntary_ctxt_switches"))
        return ""


def _sync_thread(pid: int | None) -> Path | None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text().strip() == SYNC_THREAD:
                return task
    return None
