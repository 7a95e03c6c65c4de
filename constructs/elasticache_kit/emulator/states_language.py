"""An interpreter of Amazon States Language with JSONata, as far as workflows around a cache need it.

States of all types but Parallel, tasks that call the API of a service. What it does not know ends an execution with an
error that says so. See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, cast

# Answers a call of a service's API: the service, the operation and its arguments.
Call = Callable[[str, str, dict[str, Any]], dict[str, Any]]
State = Mapping[str, Any]

# The quota of Step Functions, which counts events of the history; each state has two.
MOST_STATES = 12_500
RUNTIME, QUERY, TASK = "States.Runtime", "States.QueryEvaluationError", "States.TaskFailed"
_RESOURCE = re.compile(r"arn:[\w-]+:states:::aws-sdk:(\w+):(\w+)")


class TaskError(Exception):
    """What a service answers instead of a result.

    Args:
        name: the error, as Step Functions names it.
        cause: the service's sentence.
    """

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(name)
        self.name, self.cause = name, cause


class ExecutionFailedError(Exception):
    """An execution ended in a Fail state, or an error was not caught.

    Args:
        error: the error's name.
        cause: a sentence.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(error, cause)
        self.error, self.cause = error, cause


@dataclass(frozen=True, slots=True)
class Position:
    """Where an execution is: enough to go on from there.

    Args:
        state: the state that is next.
        given: its input.
        variables: what was assigned so far.
    """

    state: str
    given: Any
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])


def _nothing(_: object) -> None:
    pass


class Execution:
    """One execution of a state machine.

    Args:
        definition: the state machine.
        call: what answers a call.
        context: what `$states.context` has.
        wait: lets so many seconds pass. When omitted waiting takes no time.
        visit: is told of each state of the machine before that is run. When omitted nobody is.
    """

    def __init__(
        self,
        definition: State,
        call: Call,
        context: Mapping[str, Any],
        *,
        wait: Callable[[float], None] = _nothing,
        visit: Callable[[Position], None] = _nothing,
    ) -> None:
        self._definition, self._call, self._context = definition, call, context
        self._wait_for, self._visit = wait, visit
        self._variables: dict[str, Any] = {}
        self.path: list[str] = []

    def run(self, given: object = None, position: Position | None = None) -> Any:
        """Run to the end and return the output.

        Args:
            given: the input; an empty object when omitted.
            position: where to go on. At the beginning when omitted.

        Raises:
            ExecutionFailedError: it failed.
        """
        if self._definition.get("QueryLanguage") != "JSONata":
            raise ExecutionFailedError(RUNTIME, "The local emulator runs only what has JSONata as its QueryLanguage.")
        begin = position or Position(self._definition["StartAt"], {} if given is None else given)
        self._variables.update(begin.variables)
        return self._run(self._definition, begin.state, begin.given, self._visit)

    def _run(self, machine: State, name: str, given: Any, visit: Callable[[Position], None]) -> Any:
        for _ in range(MOST_STATES):
            visit(Position(name, given, dict(self._variables)))
            self.path.append(name)
            state = machine["States"][name]
            kinds = {
                "Pass": self._pass, "Wait": self._wait, "Choice": self._choice, "Task": self._task, "Map": self._map,
                "Fail": self._fail, "Succeed": self._pass,
            }  # fmt: skip
            if state["Type"] not in kinds:
                raise ExecutionFailedError(RUNTIME, f"The local emulator runs no {state['Type']} state such as {name}.")
            given, following = kinds[state["Type"]](state, given)
            if following is None:
                return given
            name = following
        raise ExecutionFailedError(RUNTIME, f"after {MOST_STATES} states there is no end: {', '.join(self.path[-6:])}")

    def _pass(self, state: State, given: object) -> tuple[Any, str | None]:
        return self._leave(state, given), state.get("Next")

    def _wait(self, state: State, given: object) -> tuple[Any, str | None]:
        if "Seconds" not in state:
            raise ExecutionFailedError(RUNTIME, "The local emulator waits for Seconds, not for a Timestamp.")
        self._wait_for(self._value(state["Seconds"], given))
        return self._leave(state, given), state.get("Next")

    def _choice(self, state: State, given: object) -> tuple[Any, str | None]:
        for choice in state["Choices"]:
            met = self._value(choice["Condition"], given)
            if not isinstance(met, bool):
                raise ExecutionFailedError(QUERY, f"a condition is true or false, not {met!r}: {choice['Condition']}")
            if met:
                return self._leave(choice, given), choice["Next"]
        if "Default" not in state:
            raise ExecutionFailedError("States.NoChoiceMatched", "no condition is true, and there is no Default")
        return self._leave(state, given), state["Default"]

    def _fail(self, state: State, given: object) -> tuple[Any, str | None]:
        error, cause = (self._value(state.get(name, ""), given) for name in ("Error", "Cause"))
        raise ExecutionFailedError(error, cause)

    def _map(self, state: State, given: object) -> tuple[Any, str | None]:
        items = self._value(state["Items"], given)
        if not isinstance(items, list):
            raise ExecutionFailedError(QUERY, f"a Map goes over a list, not {items!r}: {state['Items']}")
        machine = state["ItemProcessor"]
        # Its own states are not told of: whoever goes on here begins with the first item again.
        results = [self._run(machine, machine["StartAt"], item, _nothing) for item in cast("list[Any]", items)]
        return self._leave(state, given, results), state.get("Next")

    def _task(self, state: State, given: object) -> tuple[Any, str | None]:
        arguments = self._value(state.get("Arguments", {}), given)
        tries: dict[int, int] = {}
        while True:
            try:
                result = self._answer(state["Resource"], arguments)
            except TaskError as error:
                if self._try_again(state, error, tries):
                    continue
                for catcher in _that_match(state.get("Catch", ()), error):
                    failure = {"Error": error.name, "Cause": error.cause}
                    return self._leave(catcher, failure, given=given, error=failure), catcher["Next"]
                raise ExecutionFailedError(error.name, error.cause) from error
            return self._leave(state, given, result), state.get("Next")

    def _try_again(self, state: State, error: TaskError, tries: dict[int, int]) -> bool:
        for number, retry in enumerate(state.get("Retry", ())):
            tried = tries.get(number, 0)
            if any(_that_match([retry], error)) and tried < retry.get("MaxAttempts", 3):
                self._wait_for(retry.get("IntervalSeconds", 1) * retry.get("BackoffRate", 2.0) ** tried)
                tries[number] = tried + 1
                return True
        return False

    def _answer(self, resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        parts = _RESOURCE.fullmatch(resource)
        if parts is None:
            raise ExecutionFailedError(RUNTIME, f"The local emulator runs calls of an AWS SDK only, not {resource}.")
        return _plain(self._call(parts[1], parts[2][0].upper() + parts[2][1:], arguments))

    def _leave(self, state: State, output: Any, result: Any = None, **more: Any) -> Any:
        """Assign what a state, choice or catcher assigns, and return its output."""
        given, error = more.get("given", output), more.get("error")
        values = {name: self._value(value, given, result, error) for name, value in state.get("Assign", {}).items()}
        if "Output" in state:
            output = self._value(state["Output"], given, result, error)
        elif result is not None:
            output = result
        self._variables.update(values)
        return output

    def _value(self, value: object, given: object, result: object = None, error: object = None) -> Any:
        if isinstance(value, str) and value.startswith("{%"):
            return self._evaluate(value.removeprefix("{%").removesuffix("%}"), given, result, error)
        if isinstance(value, Mapping):
            items = cast("Mapping[str, object]", value)
            return {name: self._value(item, given, result, error) for name, item in items.items()}
        if isinstance(value, list):
            return [self._value(item, given, result, error) for item in cast("list[object]", value)]
        return value

    def _evaluate(self, text: str, given: object, result: object, error: object) -> Any:
        states = {"context": self._context, "input": given, "result": result, "errorOutput": error}
        try:
            expression = _jsonata().Jsonata(text)
            frame = expression.create_frame()
            for name, value in self._variables.items():
                frame.bind(name, value)
            frame.bind("states", states)
            found: Any = expression.evaluate(None, frame)
        except Exception as problem:  # jsonata-python raises plain Python errors, too, where an expression is at fault
            raise ExecutionFailedError(QUERY, f"{text.strip()}: {problem}") from problem
        if found is None:
            raise ExecutionFailedError(QUERY, f"{text.strip()}: an expression without a value")
        return _plain(found)


@cache
def _jsonata() -> Any:
    """Import jsonata-python, which sets the recursion limit of the whole process meanwhile: that is not ours."""
    limit = sys.getrecursionlimit()
    try:
        return import_module("jsonata.jsonata")
    finally:
        sys.setrecursionlimit(limit)


def _that_match(rules: Sequence[State], error: TaskError) -> Iterator[State]:
    known = {error.name, TASK, "States.ALL"}
    return (rule for rule in rules if known & set(rule["ErrorEquals"]))


def _plain(value: Any) -> Any:
    """Write a value as JSON has it: moments as text, lists of jsonata-python as lists."""
    return json.loads(json.dumps(value, default=lambda other: getattr(other, "isoformat", other.__str__)()))
