"""The event loop of the instrument."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Callable
from typing import cast


def new() -> asyncio.AbstractEventLoop:
    """Return uvloop where it is installed, which leaves more of the machine to what is measured; else asyncio's own.

    Only on Linux, where `timer` is exact with either; elsewhere uvloop's timers have whole milliseconds.
    """
    if sys.platform == "linux":
        try:
            uvloop = importlib.import_module("uvloop")
        except ImportError:
            return asyncio.new_event_loop()
        return cast("Callable[[], asyncio.AbstractEventLoop]", uvloop.new_event_loop)()
    return asyncio.new_event_loop()
