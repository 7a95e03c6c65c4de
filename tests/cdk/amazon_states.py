"""A small interpreter of Amazon States Language with JSONata: enough to run the state machines of the constructs.

Expressions are evaluated by jsonata-python, and every call is checked against botocore's model of the API, so a
parameter that AWS does not know fails here too. Waiting takes no time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

pytest.importorskip("jsonata", reason="needs the package jsonata-python: pip install jsonata-python")
from jsonata import jsonata

Call = Callable[[str, str, dict[str, Any]], dict[str, Any]]

_MOST_STEPS = 1000
_RESOURCE = re.compile(r"arn:aws:states:::aws-sdk:(\w+):(\w+)")
SERVICES = {
    service: ServiceModel(Loader().load_service_model(service, "service-2"), service)
    for service in ("elasticache", "s3")
}


class ApiError(Exception):
    """What a service answers instead of a result, named as Step Functions names it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ExecutionFailed(Exception):  # noqa: N818 - what Step Functions calls it
    """The execution ended in a Fail state, or an error was not caught; the first argument is the error."""


class Execution:
    """One execution of a state machine.

    Args:
        definition: the state machine.
        call: what answers a call: the service, the operation and its arguments.
        started: when the execution began, as the context says it.
    """

    def __init__(self, definition: Mapping[str, Any], call: Call, started: str) -> None:
        assert definition["QueryLanguage"] == "JSONata"
        self._definition = definition
        self._call = call
        self._context = {"Execution": {"StartTime": started}}
        self._variables: dict[str, Any] = {}
        self.waited_seconds = 0
        self.path: list[str] = []

    def run(self) -> Any:
        """Run to the end and return the output."""
        return self._run(self._definition, {})

    def _run(self, machine: Mapping[str, Any], given: object) -> Any:
        name: str = machine["StartAt"]
        for _ in range(_MOST_STEPS):
            self.path.append(name)
            state = machine["States"][name]
            output, following = getattr(self, f"_{state['Type'].lower()}")(state, given)
            if following is None:
                return output
            given, name = output, following
        raise AssertionError(f"after {_MOST_STEPS} states there is no end: {self.path[-6:]}")

    def _pass(self, state: Mapping[str, Any], given: object) -> tuple[Any, str | None]:
        self._assign(state, given, None)
        return given, state.get("Next")

    def _wait(self, state: Mapping[str, Any], given: object) -> tuple[Any, str | None]:
        self.waited_seconds += state["Seconds"]
        return given, state["Next"]

    def _choice(self, state: Mapping[str, Any], given: object) -> tuple[Any, str | None]:
        for choice in state["Choices"]:
            met = self._value(choice["Condition"], given, None)
            assert isinstance(met, bool), f"a condition is true or false, not {met!r}"
            if met:
                return given, choice["Next"]
        return given, state["Default"]

    def _fail(self, state: Mapping[str, Any], given: object) -> tuple[Any, str | None]:
        raise ExecutionFailed(state["Error"], self._value(state["Cause"], given, None))

    def _map(self, state: Mapping[str, Any], given: object) -> tuple[Any, str | None]:
        items = self._value(state["Items"], given, None)
        assert isinstance(items, list), f"a Map goes over a list, not {items!r}"
        results = [self._run(state["ItemProcessor"], item) for item in cast("list[object]", items)]
        return self._value(state["Output"], given, results), state.get("Next")

    def _task(self, state: Mapping[str, Any], given: object) -> tuple[Any, str | None]:
        arguments = self._value(state["Arguments"], given, None)
        tries: dict[int, int] = {}
        while True:
            try:
                result = self._answer(state["Resource"], arguments)
            except ApiError as error:
                if self._try_again(state, error, tries):
                    continue
                for catcher in state.get("Catch", ()):
                    if error.name in catcher["ErrorEquals"]:
                        failure = {"Error": error.name}
                        output = self._value(catcher["Output"], given, None) if "Output" in catcher else failure
                        return output, catcher["Next"]
                raise ExecutionFailed(error.name) from error
            self._assign(state, given, result)
            output = self._value(state["Output"], given, result) if "Output" in state else result
            return output, state.get("Next")

    def _try_again(self, state: Mapping[str, Any], error: ApiError, tries: dict[int, int]) -> bool:
        for number, retry in enumerate(state["Retry"]):
            if error.name in retry["ErrorEquals"] and tries.get(number, 0) < retry["MaxAttempts"]:
                self.waited_seconds += int(retry["IntervalSeconds"] * retry["BackoffRate"] ** tries.get(number, 0))
                tries[number] = tries.get(number, 0) + 1
                return True
        return False

    def _answer(self, resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        parts = _RESOURCE.fullmatch(resource)
        assert parts is not None, f"{resource} is no SDK integration"
        service, operation = parts[1], parts[2][0].upper() + parts[2][1:]
        model = SERVICES[service].operation_model(operation)
        _valid(arguments, model.input_shape)
        result = self._call(service, operation, arguments)
        _valid(result, model.output_shape)
        return result

    def _assign(self, state: Mapping[str, Any], given: object, result: object) -> None:
        values = {name: self._value(value, given, result) for name, value in state.get("Assign", {}).items()}
        self._variables.update(values)

    def _value(self, value: object, given: object, result: object) -> Any:
        if isinstance(value, str) and value.startswith("{%"):
            found = self._evaluate(value.removeprefix("{%").removesuffix("%}"), given, result)
            assert found is not None, f"an expression without a value fails the execution: {value}"
            return found
        if isinstance(value, dict):
            return {name: self._value(item, given, result) for name, item in cast("dict[str, object]", value).items()}
        return value

    def _evaluate(self, text: str, given: object, result: object) -> Any:
        expression = jsonata.Jsonata(text)
        frame = expression.create_frame()
        for name, value in self._variables.items():
            frame.bind(name, value)
        frame.bind("states", {"context": self._context, "input": given, "result": result})
        return expression.evaluate(None, frame)


def _valid(value: Mapping[str, Any], shape: Any) -> None:
    """Check a value against the API's model; a field that it does not have is a mistake too."""
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
