"""What is left when the tour is over: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tour.promise import Promise, require

if TYPE_CHECKING:
    from elasticache_kit.emulator.daemon import Running


def nothing_left(running: Running, engines: Sequence[int]) -> Promise:
    """Return the last promise, which is looked at when the emulator has been stopped.

    Args:
        running: the emulator.
        engines: the processes that it had.
    """

    def check(_: object) -> str:
        require(engines, "the emulator had no engines, so that none is left says nothing")
        alive = [pid for pid in (running.pid, *engines) if _is_alive(pid)]
        require(not alive, f"processes {alive} are still there")
        require(not Path(running.directory).exists(), f"{running.directory} is still there")
        return f"the emulator and its {len(engines)} engines have ended, and their files are gone"

    return Promise("nothing-left", "nothing stays behind", check)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
