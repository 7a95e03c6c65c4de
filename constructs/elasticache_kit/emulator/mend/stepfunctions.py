"""Step Functions, whose executions moto only records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.stepfunctions.models import Execution, StateMachine

from elasticache_kit.emulator import execution


def install() -> Callable[[], None]:
    """Run executions and return what undoes that."""
    machines: Any = StateMachine
    executions: Any = Execution
    stock_start, stock_history = machines.start_execution, executions.get_execution_history

    def start(machine: Any, *arguments: Any, **named: Any) -> Any:
        before = len(machine.executions)
        made = stock_start(machine, *arguments, **named)
        if len(machine.executions) > before and execution.runs(machine):
            execution.begin(machine, made)
        return made

    def history(made: Any, role_arn: str) -> Any:
        return execution.history(made, role_arn) if hasattr(made, "events") else stock_history(made, role_arn)

    machines.start_execution, executions.get_execution_history = start, history

    def undo() -> None:
        machines.start_execution, executions.get_execution_history = stock_start, stock_history

    return undo
