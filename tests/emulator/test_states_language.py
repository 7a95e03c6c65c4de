"""The interpreter of Amazon States Language; the workflow of a backup tries the most of it, see tests/cdk."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from elasticache_kit.emulator.states_language import Call, Execution, ExecutionFailedError, Position, TaskError

RESOURCE = "arn:aws:states:::aws-sdk:sns:publish"


def nothing(service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Answer any call."""
    del service, operation, arguments
    return {}


def run(states: dict[str, Any], call: Call = nothing, **given: Any) -> Any:
    """Run a machine that begins with its first state."""
    machine = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    return Execution(machine, call, {"Execution": {"Name": "x"}}).run(**given)


def test_variables_and_outputs() -> None:
    """What is assigned counts from the next state on; null is a value; a machine may end without another state."""
    states = {
        "A": {"Type": "Pass", "Assign": {"n": "{% $states.input.n + 1 %}"}, "Output": {"kept": None}, "Next": "B"},
        "B": {"Type": "Succeed", "Output": {"n": "{% $n %}", "had": "{% $states.input %}", "list": ["{% $n %}"]}},
    }

    assert run(states, given={"n": 1}) == {"n": 2, "had": {"kept": None}, "list": [2]}


def test_it_goes_on_where_it_was() -> None:
    """A position has all that a state needs."""
    states = {
        "A": {"Type": "Fail", "Error": "not again"},
        "B": {"Type": "Pass", "Output": "{% $states.input & $v %}", "End": True},
    }

    assert run(states, position=Position("B", "in", {"v": "var"})) == "invar"


def test_an_error_is_tried_again_and_then_caught() -> None:
    """The catcher sees the error, and what it assigns is there."""
    calls: list[str] = []

    def fail(service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        calls.append(f"{service}:{operation} {arguments}")
        raise TaskError("Sns.NotFoundException", "no such topic")

    states = {
        "A": {
            "Type": "Task",
            "Resource": RESOURCE,
            "Arguments": {"Message": "m"},
            "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2, "IntervalSeconds": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"e": "{% $states.errorOutput.Cause %}"}, "Next": "B"}],
            "End": True,
        },
        "B": {"Type": "Pass", "Output": "{% $states.input.Error & ': ' & $e %}", "End": True},
    }

    assert run(states, fail) == "Sns.NotFoundException: no such topic"
    assert calls == ["sns:Publish {'Message': 'm'}"] * 3


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({"Type": "Parallel", "Branches": []}, "States.Runtime.*runs no Parallel state such as A"),
        ({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}, "States.Runtime.*lambda:invoke"),
        ({"Type": "Wait", "Timestamp": "x", "End": True}, "States.Runtime.*Timestamp"),
        ({"Type": "Pass", "Output": "{% $nothing %}", "End": True}, "QueryEvaluationError.*without a value"),
        ({"Type": "Pass", "Output": "{% 1 + %}", "End": True}, "QueryEvaluationError"),
        ({"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "B"}]}, "NoChoiceMatched"),
        ({"Type": "Pass", "Next": "A"}, "States.Runtime.*there is no end"),
    ],
)
def test_what_cannot_go_on_fails_with_its_reason(state: dict[str, Any], error: str) -> None:
    """What the interpreter does not know among it."""
    with pytest.raises(ExecutionFailedError, match=error):
        run({"A": state})


def test_the_recursion_limit_of_the_process_stays() -> None:
    """jsonata-python sets it where it is imported, for everything else in the process as well."""
    program = (
        "import sys; from elasticache_kit.emulator import states_language as s; before = sys.getrecursionlimit(); "
        "s.Execution({}, lambda *_: {}, {})._evaluate('1 + 1', None, None, None); "
        "assert 'jsonata' in sys.modules; print(before == sys.getrecursionlimit())"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, text=True, stdout=subprocess.PIPE)

    assert done.stdout == "True\n"


def test_jsonpath_is_not_run() -> None:
    """A machine without a query language is in JSONPath."""
    with pytest.raises(ExecutionFailedError, match="JSONata as its QueryLanguage"):
        Execution({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, nothing, {}).run()
