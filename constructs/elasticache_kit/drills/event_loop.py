"""The event loop of the instrument, which wakes when something is due, and not up to a millisecond later."""

from __future__ import annotations

import asyncio
import select
import selectors
import sys


def exact() -> asyncio.AbstractEventLoop:
    """Return an event loop whose timers are as exact as the machine's.

    epoll waits for whole milliseconds, so that asyncio's timers, and those of uvloop, are late by up to one: as long as
    the time between two writes of a drill. Where there is no epoll the usual loop is exact.
    """
    if sys.platform != "linux":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(_Selector())


if sys.platform == "linux":

    class _Selector(selectors.EpollSelector):
        """epoll, which is itself waited for with select: that one knows microseconds."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """Wait until a file is ready or the time is over."""
            if timeout is None or timeout <= 0:
                return super().select(timeout)
            ready, _, _ = select.select((self.fileno(),), (), (), timeout)
            return super().select(0) if ready else []
