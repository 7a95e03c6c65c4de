"""The second half of an operation: what happens after the API has answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


def later(region: Region, name: str, seconds: float, finish: Callable[[], None]) -> None:
    """Let time pass in the background, then finish while no request changes anything.

    Args:
        region: where the operation is.
        name: what the job is, for the log.
        seconds: how long it takes, of the timing profile.
        finish: what becomes true then.
    """

    def run() -> None:
        # The lifecycle of the moment: the job may have begun in an emulator that was killed since.
        runtime.current().lifecycle.pause(seconds)
        with region.lock:
            finish()

    runtime.current().lifecycle.start(name, run)
