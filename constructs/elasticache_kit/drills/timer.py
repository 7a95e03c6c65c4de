"""Timers as exact as the machine's, whatever the event loop."""

from __future__ import annotations

import asyncio
import ctypes
import math
import os
import struct
import sys
import time
from collections.abc import Callable

_SECOND = 1_000_000_000
_ABSOLUTE = 1  # TFD_TIMER_ABSTIME
# The kernel counts in whole nanoseconds; after so many times what they are off by is made good.
_DRIFTS_AFTER = 1000


class Timer:
    """Calls back at a moment, and again and again after it, until cancelled.

    epoll waits for whole milliseconds, so that the timers of asyncio and of uvloop are late by up to one or two: as
    long as the time between two writes of a drill. On Linux this one is a file, for which epoll waits as for any other
    and which knows nanoseconds (https://man7.org/linux/man-pages/man2/timerfd_create.2.html). Elsewhere it is the event
    loop's own, which is exact there.

    Args:
        work: gets how often it has become due since it was called last.
        first: when it is due first, on the monotonic clock.
        every: and after how many seconds again; only once when omitted.
    """

    def __init__(self, work: Callable[[int], None], first: float, every: float = 0.0) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._start(first, every)

    if sys.platform == "linux":

        def _start(self, first: float, every: float) -> None:
            self._first, self._every, self._count, self._set_at = first, every, 0, 0
            # By the C library, because Python has it from 3.13 on.
            self._file: int = _LIBC.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
            if self._file < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            self._loop.add_reader(self._file, self._strike)
            self._set()

        def _set(self) -> None:
            self._set_at = self._count
            moments = (self._every, self._first + self._count * self._every)
            times = (part for moment in moments for part in divmod(math.ceil(moment * _SECOND), _SECOND))
            _LIBC.timerfd_settime(self._file, _ABSOLUTE, struct.pack("@4l", *times), None)

        def _strike(self) -> None:
            times = int.from_bytes(os.read(self._file, 8), sys.byteorder)
            self._count += times
            if self._every and self._count - self._set_at > _DRIFTS_AFTER:
                self._set()
            self._work(times)

        def cancel(self) -> None:
            """Call back no more."""
            if self._file >= 0:
                self._loop.remove_reader(self._file)
                os.close(self._file)
                self._file = -1

    else:

        def _start(self, first: float, every: float) -> None:
            self._every = every
            self._due = self._loop.time() + first - time.monotonic()
            self._handle = self._loop.call_at(self._due, self._strike)

        def _strike(self) -> None:
            times = 1 + int((self._loop.time() - self._due) / self._every) if self._every else 1
            self._due += times * self._every
            if self._every:
                self._handle = self._loop.call_at(self._due, self._strike)
            self._work(times)

        def cancel(self) -> None:
            """Call back no more."""
            self._handle.cancel()


if sys.platform == "linux":
    _LIBC = ctypes.CDLL(None, use_errno=True)


async def sleep(seconds: float) -> None:
    """Wait for so long, and not for a millisecond longer."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    timer = Timer(lambda _: None if over.done() else over.set_result(None), time.monotonic() + seconds)
    try:
        await over
    finally:
        timer.cancel()
