"""The event loop of the instrument."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from contextlib import suppress


def new() -> asyncio.AbstractEventLoop:
    """Return uvloop where it is installed, which leaves more of the machine to what is measured; else asyncio's own.

    Only on Linux, where `timer` is exact with either; elsewhere uvloop's timers have whole milliseconds.
    """
    make: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if sys.platform == "linux":
        with suppress(ImportError):
            make = importlib.import_module("uvloop").new_event_loop
    return make()
