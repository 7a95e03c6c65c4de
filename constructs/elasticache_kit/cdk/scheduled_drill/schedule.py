"""The schedule of a drill: whether CloudWatch can miss it, and whether AWS takes so many failovers."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import violation
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.quota import TEST_FAILOVERS_PER_DAY
from elasticache_kit.model.schedule_expression import longest_pause, most_a_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.rule import Violation

# An alarm looks back seven days, see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MOST_HOURS = 7 * 24
_HOUR = timedelta(hours=1)
# Last days, nearest weekdays and the third Friday: right, and not understood here.
_BEYOND = re.compile(r"cron\(.*[LW#].*\)")


def silent_hours(expression: str, longest_run: timedelta) -> int | None:
    """Return after how many hours without a run a schedule has failed; None where an alarm cannot look back so far.

    Args:
        expression: the schedule.
        longest_run: how long a run takes at most.
    """
    try:
        pause = None if is_token(expression) else longest_pause(expression)
    except (ValueError, KeyError):
        return None
    if pause is None:
        return None
    # A clock that changes makes a day an hour longer.
    hours = math.ceil((pause + longest_run) / _HOUR) + 1
    return hours if hours <= MOST_HOURS else None


def mistakes(expression: str, failovers: int) -> Iterator[Violation]:
    """Yield what is wrong with a schedule.

    Args:
        expression: the schedule.
        failovers: how many calls of TestFailover a run makes.
    """
    if is_token(expression) or _BEYOND.fullmatch(expression):
        return
    try:
        a_day = most_a_day(expression)
    except (ValueError, KeyError) as error:
        remedy = 'write ScheduleExpression.cron(minute="0", hour="4", week_day="TUE,FRI"), for example'
        yield violation("cdk-drill-schedule", "schedule", expression, str(error).rstrip("."), remedy)
        return
    if a_day * failovers > TEST_FAILOVERS_PER_DAY:
        message = (
            f"AWS takes {TEST_FAILOVERS_PER_DAY} calls of TestFailover in 24 hours, and this makes {a_day * failovers}"
        )
        yield violation("cdk-drill-quota", "schedule", expression, message, "run it less often, or in fewer trials")
    elif a_day > 1 and failovers == 0 and a_day > _MOST_A_DAY:
        message = f"it would run {a_day} times in 24 hours, and one run takes minutes"
        yield violation("cdk-drill-quota", "schedule", expression, message, "run it hourly or less often")


_MOST_A_DAY = 24
