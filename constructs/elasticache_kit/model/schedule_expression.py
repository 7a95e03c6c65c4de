"""When a schedule of EventBridge Scheduler is due: cron, rate and at.

See https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise, product
from zoneinfo import ZoneInfo

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# The week of a cron expression begins on Sunday, with 1.
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
DAY = dt.timedelta(days=1)
_SOME_DAY = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - all moments here are in UTC and have no zone
_TWO_MONTHS = dt.timedelta(days=62)
_EXPRESSION = re.compile(r"(cron|rate|at)\((.+)\)")
_PART = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d+))?")


def moments(
    expression: str, zone: str, begun: dt.datetime, after: dt.datetime, until: dt.datetime
) -> list[dt.datetime]:
    """Return each moment after one and up to another at which a schedule is due, oldest first.

    Args:
        expression: the schedule.
        zone: the time zone that cron and at are told in.
        begun: when the schedule was made, from which a rate counts.
        after: the moment after which.
        until: the last moment. All moments are in UTC and have no zone.

    Raises:
        ValueError: the expression is not one that is understood here: cron with L, W or # is not.
    """
    found = _EXPRESSION.fullmatch(expression.strip())
    if found is None:
        raise ValueError(f"{expression!r} is no schedule: it is cron(...), rate(...) or at(...).")
    kind, text = found.groups()
    if kind == "rate":
        return [moment for moment in _rate(text, begun, until) if moment > after]
    local = [dt.datetime.fromisoformat(text)] if kind == "at" else _cron(text, after - DAY, until + DAY)
    known = (_universal(moment, zone) for moment in local)
    return [moment for moment in known if after < moment <= until]


def longest_pause(expression: str, zone: str = "Etc/UTC") -> dt.timedelta | None:
    """Return the longest time between two moments of a schedule; None where it is rarer than once in two months.

    Args:
        expression: the schedule.
        zone: the time zone that it is told in.

    Raises:
        ValueError: as for `moments`.
    """
    found = _over_two_months(expression, zone)
    return max((later - earlier for earlier, later in pairwise(found)), default=None)


def most_a_day(expression: str, zone: str = "Etc/UTC") -> int:
    """Return how often a schedule is due in the 24 hours in which it is due most often.

    Args:
        expression: the schedule.
        zone: the time zone that it is told in.

    Raises:
        ValueError: as for `moments`.
    """
    found = _over_two_months(expression, zone)
    return max((bisect_left(found, moment + DAY) - place for place, moment in enumerate(found)), default=0)


def _over_two_months(expression: str, zone: str) -> list[dt.datetime]:
    return moments(expression, zone, _SOME_DAY, _SOME_DAY - DAY, _SOME_DAY + _TWO_MONTHS)


def _universal(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC).replace(tzinfo=None)


def _rate(text: str, begun: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    number, unit = text.split()
    step = dt.timedelta(**{f"{unit.removesuffix('s')}s": int(number)})
    # The first time is when the schedule is made.
    moment = begun
    while moment <= until:
        yield moment
        moment += step


def _cron(text: str, first: dt.datetime, last: dt.datetime) -> Iterator[dt.datetime]:
    minutes, hours, days, months, weekdays, years = text.split()
    times = sorted(product(_numbers(hours, 0, 23), _numbers(minutes, 0, 59)))
    fits_month, fits_year = _numbers(months, 1, 12, MONTHS), _numbers(years, 1970, 2199)
    fits_day, fits_weekday = _numbers(days, 1, 31), _numbers(weekdays, 1, 7, DAYS)
    date = first.date()
    while date <= last.date():
        weekday = date.isoweekday() % 7 + 1
        if date.year in fits_year and date.month in fits_month and date.day in fits_day and weekday in fits_weekday:
            for hour, minute in times:
                yield dt.datetime.combine(date, dt.time(hour, minute))
        date += DAY


def _numbers(field: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> set[int]:
    """Return the numbers that a field of a cron expression means."""

    def number(text: str) -> int:
        return names.index(text.upper()) + 1 if text.upper() in names else int(text)

    found: set[int] = set()
    for part in field.split(","):
        read = _PART.fullmatch(part)
        if read is None:
            raise ValueError(f"{part!r} in the field {field!r} of a cron expression is not understood here.")
        begin, end, step = read.groups()
        whole = begin in ("*", "?")
        low = lowest if whole else number(begin)
        high = number(end) if end else highest if whole or step else low
        found.update(range(low, high + 1, int(step or 1)))
    return found
