"""The errors of the ElastiCache API: AWS's code, from which botocore's model gives the HTTP status and the class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.core.exceptions import ServiceException

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation


class Fault(ServiceException):
    """An answer that is an error.

    Args:
        code: the code of botocore's model, for example `ReplicationGroupNotFoundFault`.
        message: the sentence that the client reads.
        rule_ids: the rules of the rulebook that were broken, where it is the rulebook that refuses.
    """

    def __init__(self, code: str, message: str, rule_ids: Iterable[str] = ()) -> None:
        super().__init__(code, message)
        self.rule_ids = tuple(dict.fromkeys(rule_ids))


def invalid_value(message: str) -> Fault:
    """A parameter has a value that the service does not take."""
    return Fault("InvalidParameterValue", message)


def invalid_combination(message: str) -> Fault:
    """Parameters exclude each other."""
    return Fault("InvalidParameterCombination", message)


def invalid_state(message: str) -> Fault:
    """A replication group is in a state in which the operation is refused."""
    return Fault("InvalidReplicationGroupState", message)


def refuse(violations: Iterable[Violation]) -> None:
    """Raise the fault of a rulebook's verdict; warnings pass.

    Raises:
        Fault: with the first code of AWS's that is known of the violations that are errors, and the texts and rules of
            them all.
    """
    errors = [violation for violation in violations if violation.level == "error"]
    if not errors:
        return
    message = "; ".join(item.aws_message or f"{item.property}: {item.message}" for item in errors)
    code = next((item.aws_code for item in errors if item.aws_code), "InvalidParameterValue")
    raise Fault(code, message, [item.rule_id for item in errors])
