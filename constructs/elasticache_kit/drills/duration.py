"""Durations as people read them."""

from __future__ import annotations

_TWO_MINUTES = 120


def spoken(seconds: float | None) -> str:
    """Return `4 ms`, `2.41 s`, `60 s`, `11 min 05 s`, or a dash for None."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _TWO_MINUTES:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"
