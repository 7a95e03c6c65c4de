"""Schedules of EventBridge Scheduler that start a state machine really do, by the clock of the emulator.

As all that is done by the calendar here, it is done at the next request to ElastiCache, before that is answered. What
is late is made up for one after the other. Other targets than state machines are kept and never called.
"""

from __future__ import annotations

import datetime as dt
import logging
import sys
import uuid
from collections.abc import Callable
from typing import Any

from moto.backends import get_backend

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model import schedule_expression

logger = logging.getLogger(__name__)

ENABLED, MACHINE = "ENABLED", ":stateMachine:"
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


def start_what_is_due(account_id: str, region: str) -> None:
    """Start the state machines of an account and region that are due since somebody last looked."""
    if "moto.scheduler.models" not in sys.modules:
        return
    backend: Any = get_backend("scheduler")[account_id][region]
    for group in list(backend.schedule_groups.values()):
        for schedule in list(group.schedules.values()):
            due = _due(schedule)
            if due and MACHINE in schedule.target["Arn"]:
                job = starting(schedule, account_id, region, due)
                runtime.current().lifecycle.start(f"schedule {schedule.name}", job)


def starting(schedule: Any, account_id: str, region: str, due: list[dt.datetime]) -> Callable[[], None]:
    """Return what runs the state machine of a schedule for each moment, one after the other."""

    def run() -> None:
        # Step Functions and JSONata are there with the first state machine, and not before.
        from moto.stepfunctions.models import Execution  # noqa: PLC0415 - see above

        from elasticache_kit.emulator import execution  # noqa: PLC0415 - see above

        backend: Any = get_backend("stepfunctions")[account_id][region]
        machine = backend.describe_state_machine(schedule.target["Arn"])
        while due:
            given = schedule.target.get("Input", "{}").replace(SCHEDULED_TIME, f"{due[0].isoformat()}Z")
            made = Execution(region, account_id, machine.name, str(uuid.uuid4()), machine.arn, given)
            machine.executions.append(made)
            execution.prepare(made, due[0])
            execution.job(machine, made)()
            due.pop(0)

    return run


def _due(schedule: Any) -> list[dt.datetime]:
    after, schedule.looked_at = schedule.looked_at, now()
    if schedule.state != ENABLED:
        return []
    zone, expression = schedule.schedule_expression_timezone, schedule.schedule_expression
    try:
        return schedule_expression.moments(expression, zone, schedule.begun, after, schedule.looked_at)
    except ValueError as unknown:
        logger.warning("schedule %s never starts: %s", schedule.name, unknown)
        return []
