"""The present moment, by the clock of the emulator that runs."""

from __future__ import annotations

import datetime as dt

from elasticache_kit.emulator import runtime


def now() -> dt.datetime:
    """The present moment, in UTC and without a zone, as moto's serializer wants it."""
    return runtime.current().clock.now()
