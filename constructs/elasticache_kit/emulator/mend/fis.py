"""AWS FIS, whose experiments moto only records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.fis.models import Experiment, FISBackend
from moto.moto_api import state_manager

from elasticache_kit.emulator import experiment

MODEL = "fis::experiment"
# No look at an experiment ends it.
_NEVER = 10**9


def install() -> Callable[[], None]:
    """Run experiments that are about ElastiCache and return what undoes that."""
    backend: Any = FISBackend
    stock_start, stock_stop = backend.start_experiment, backend.stop_experiment
    state_manager.set_transition(MODEL, {"progression": "manual", "times": _NEVER})

    def start(self: Any, *arguments: Any, **named: Any) -> Any:
        known = set(self.experiments)
        told = stock_start(self, *arguments, **named)
        if told["id"] not in known:
            experiment.begin(self.experiments[told["id"]])
        return self.experiments[told["id"]].to_dict(tags=told["tags"])

    def stop(self: Any, *arguments: Any, **named: Any) -> Any:
        told = stock_stop(self, *arguments, **named)
        made = self.experiments[told["id"]]
        if made.status not in Experiment.TERMINAL_STATUSES:
            experiment.end(made, experiment.STOPPED)
        return made.to_dict(tags=told["tags"])

    backend.start_experiment, backend.stop_experiment = start, stop

    def undo() -> None:
        backend.start_experiment, backend.stop_experiment = stock_start, stock_stop
        state_manager.unset_transition(MODEL)

    return undo
