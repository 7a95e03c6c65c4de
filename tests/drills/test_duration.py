"""Durations in words."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.duration import offset, spoken


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "-"),
        (0.0, "0 ms"),
        (0.0123, "12 ms"),
        (2.414, "2.41 s"),
        (1.9, "1.90 s"),
        (31.24, "31.2 s"),
        (60.0, "60 s"),
        (119.0, "119 s"),
        (665.2, "11 min 05 s"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_fits(seconds: float | None, words: str) -> None:
    """Milliseconds, seconds or minutes, never more digits than anybody reads."""
    assert spoken(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "+0.00 s"),
        (2.414, "+2.41 s"),
        (-0.3, "\N{MINUS SIGN}0.30 s"),
        (-0.001, "+0.00 s"),
        (665.2, "+11 min 05 s"),
    ],
)
def test_an_offset_has_a_sign(seconds: float, words: str) -> None:
    """Nothing is minus zero."""
    assert offset(seconds) == words
