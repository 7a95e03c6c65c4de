"""When schedules are due."""

from __future__ import annotations

import datetime as dt

import pytest

from elasticache_kit.model.schedule_expression import moments

# A Monday.
BEGUN = dt.datetime(2026, 11, 23, 1, 30)  # noqa: DTZ001 - without a zone, as everywhere in the emulator
WEEK = dt.timedelta(days=7)


def due(expression: str, zone: str = "UTC", until: dt.datetime = BEGUN + WEEK) -> list[str]:
    """Return the moments of a week, by day and time."""
    return [f"{moment:%d %H:%M}" for moment in moments(expression, zone, BEGUN, BEGUN, until)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 3 * * ? *)", [f"{day} 03:00" for day in range(23, 30)]),
        ("cron(0 1 * * ? *)", [f"{day} 01:00" for day in range(24, 31)]),
        ("cron(15,45 6 ? * MON *)", ["23 06:15", "23 06:45"]),
        ("cron(0 6 ? * 2-3 *)", ["23 06:00", "24 06:00"]),
        ("cron(0/20 2 25 11 ? 2026)", ["25 02:00", "25 02:20", "25 02:40"]),
        ("cron(0 2 25 DEC ? *)", []),
        ("cron(0 2 25 * ? 2027)", []),
        ("rate(2 days)", ["25 01:30", "27 01:30", "29 01:30"]),
        ("rate(1 day)", [f"{day} 01:30" for day in range(24, 31)]),
        ("at(2026-11-26T12:00:00)", ["26 12:00"]),
        ("at(2026-11-23T01:00:00)", []),
    ],
)
def test_moments_of_a_week(expression: str, expected: list[str]) -> None:
    """After its beginning, and up to its end."""
    assert due(expression) == expected


def test_the_zone_is_that_of_the_schedule() -> None:
    """Three at night in Berlin is two in UTC, in winter."""
    assert due("cron(0 3 * * ? *)", "Europe/Berlin", BEGUN + dt.timedelta(days=1)) == ["23 02:00"]


@pytest.mark.parametrize("expression", ["cron(0 3 L * ? *)", "daily", "cron(0 3 ? * 2#1 *)", "cron(1 2 3)"])
def test_what_is_not_understood_is_refused(expression: str) -> None:
    """Rather than never being due without a word."""
    with pytest.raises(ValueError, match=r"not understood|is no schedule|unpack|invalid literal"):
        due(expression)
