"""StartExecution, which moto answers without running anything: state machines in JSONata really run.

Each task is a call of its service's API over the wire. A Wait takes a moment, and with the timing profile `aws` its
whole time. An execution that was cut off by the end of the emulator goes on at the state where it was.
"""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ParamValidationError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.service_call import ServiceRefusedError, call
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.emulator.states_language import (
    RUNTIME,
    Execution,
    ExecutionFailedError,
    Position,
    TaskError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.stepfunctions.models import Execution as StockExecution
    from moto.stepfunctions.models import StateMachine

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
# What Step Functions calls a service in the names of its errors.
_LABELS = {"elasticache": "ElastiCache", "s3": "S3", "sns": "Sns", "secretsmanager": "SecretsManager", "ssm": "Ssm"}


class AbortedError(Exception):
    """StopExecution was called meanwhile."""


def runs(machine: StateMachine) -> bool:
    """Tell whether executions of a state machine really run here: those in JSONata do."""
    return json.loads(machine.definition).get("QueryLanguage") == "JSONata"


def begin(machine: StateMachine, execution: StockExecution, started: dt.datetime | None = None) -> None:
    """Run an execution in the background.

    Args:
        machine: the state machine.
        execution: moto's record of it, which tells what came of it.
        started: when it began. Now when omitted.
    """
    prepare(execution, started or now())
    runtime.current().lifecycle.start(f"execution {execution.name}", job(machine, execution))


def prepare(execution: StockExecution, started: dt.datetime) -> None:
    """Give moto's record of an execution what it lacks to be run."""
    record: Any = execution
    record.start_date, record.position, record.events = started, None, []


def job(machine: StateMachine, execution: StockExecution) -> Callable[[], None]:
    """Return what runs an execution from where it is to its end."""

    def run() -> None:
        record: Any = execution
        try:
            output = _interpreter(machine, record).run(json.loads(record.execution_input), record.position)
        except AbortedError:
            return
        except ExecutionFailedError as failed:
            record.error, record.cause = failed.error, failed.cause
            _end(record, FAILED, error=failed.error, cause=failed.cause)
        else:
            record.output = json.dumps(output)
            _end(record, SUCCEEDED, output=record.output)

    return run


def history(execution: StockExecution, role_arn: str) -> list[dict[str, Any]]:
    """Return what happened, as GetExecutionHistory shows it."""
    record: Any = execution
    given = {"input": record.execution_input, "roleArn": role_arn}
    first = {"timestamp": record.start_date, "type": "ExecutionStarted", "executionStartedEventDetails": given}
    return [
        {**event, "id": number, "previousEventId": number - 1}
        for number, event in enumerate((first, *record.events), start=1)
    ]


def error_name(service: str, code: str) -> str:
    """Name an error as Step Functions does: as the SDK for Java, or after the service where its model has none such.

    See https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    label = _LABELS.get(service, service.capitalize())
    model: Any = service_model(service)
    shape = model.shape_for_error_code(code)
    known = str(shape.name).removesuffix("Fault").removesuffix("Exception") if shape is not None else label
    return f"{label}.{known}Exception"


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _interpreter(machine: StateMachine, record: Any) -> Execution:
    lifecycle = runtime.current().lifecycle
    definition = json.loads(machine.definition)
    context = {
        "Execution": {
            "Id": record.execution_arn,
            "Input": json.loads(record.execution_input),
            "Name": record.name,
            "RoleArn": machine.roleArn,
            "StartTime": record.start_date.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z",
        },
        "StateMachine": {"Id": machine.arn, "Name": machine.name},
    }

    def ask(service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = call(service, xform_name(operation), record.account_id, record.region_name, **arguments)
        except ServiceRefusedError as refused:
            raise TaskError(error_name(service, refused.code), refused.message) from refused
        except ParamValidationError as wrong:
            raise ExecutionFailedError(RUNTIME, str(wrong)) from wrong
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    def visit(position: Position) -> None:
        if record.status != RUNNING:
            raise AbortedError
        record.position = position
        details = {"name": position.state, "input": json.dumps(position.given)}
        kind = definition["States"][position.state]["Type"]
        record.events.append({"timestamp": now(), "type": f"{kind}StateEntered", "stateEnteredEventDetails": details})

    return Execution(
        definition, ask, context, wait=lambda seconds: lifecycle.pause(seconds * lifecycle.timing.wait), visit=visit
    )


def _end(record: Any, status: str, **details: str) -> None:
    kind = f"Execution{status.capitalize()}"
    record.events.append({"timestamp": now(), "type": kind, f"{kind[0].lower()}{kind[1:]}EventDetails": details})
    record.status, record.stop_date, record.position = status, now(), None
