"""Durations as people read them."""

from __future__ import annotations

_TEN, _TWO_MINUTES = 10, 120


def spoken(seconds: float | None) -> str:
    """Return `4 ms`, `2.41 s`, `60 s`, `11 min 05 s`, or a dash for None."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _TEN:
        return f"{seconds:.2f} s"
    if seconds < _TWO_MINUTES:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def offset(seconds: float) -> str:
    """Return how long after or before another moment something was: `+2.41 s`, `+11 min 05 s`."""
    sign = "\N{MINUS SIGN}" if round(seconds, 2) < 0 else "+"
    return f"{sign}{abs(seconds):.2f} s" if abs(seconds) < _TWO_MINUTES else sign + spoken(abs(seconds))
