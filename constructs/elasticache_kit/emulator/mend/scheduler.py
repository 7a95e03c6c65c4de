"""EventBridge Scheduler, whose schedules moto keeps and never runs: they learn when they were made, see `schedule`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.scheduler.models import Schedule

from elasticache_kit.emulator.state.moment import now


def install() -> Callable[[], None]:
    """Note when a schedule is made and return what undoes that."""
    schedules: Any = Schedule
    stock = schedules.__init__

    def make(schedule: Any, *arguments: Any, **named: Any) -> None:
        stock(schedule, *arguments, **named)
        schedule.begun = schedule.looked_at = now()

    schedules.__init__ = make

    def undo() -> None:
        schedules.__init__ = stock

    return undo
