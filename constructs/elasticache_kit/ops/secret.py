"""Secrets of AWS Secrets Manager: which version is current, and their text, which goes nowhere but into a call.

A secret is JSON with a `password`, as the constructs make them, or the password alone.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html#term_version
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, ValidationError
from elasticache_kit.ops.plan import Deferred
from elasticache_kit.ops.session import Session, code, message, reaching

SERVICE = "secretsmanager"
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
_PASSWORD = "password"  # noqa: S105 - the name of a member


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret without its text.

    Args:
        name: its name.
        arn: its ARN.
        stages: the labels of each version by its id.
        rotated: whether Secrets Manager rotates it by itself.
        deleted: whether it is being deleted.
    """

    name: str
    arn: str
    stages: Mapping[str, tuple[str, ...]]
    rotated: bool
    deleted: bool

    def version(self, stage: str) -> str | None:
        """Return the id of the version with a label, or None."""
        return next((version for version, labels in self.stages.items() if stage in labels), None)


def observe(session: Session, name: str) -> Secret:
    """Look at a secret.

    Raises:
        NotFoundError: there is none of that name.
        ConnectionFailedError: Secrets Manager cannot be reached, or does not permit it.
    """
    client = session.reading(SERVICE)
    with reaching():
        try:
            record = client.describe_secret(SecretId=name)
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise
            raise NotFoundError(f"there is no secret {name!r} in {session.where}: make it, or name another") from error
    return Secret(
        name=record["Name"],
        arn=record["ARN"],
        stages={version: tuple(labels) for version, labels in record.get("VersionIdsToStages", {}).items()},
        rotated=bool(record.get("RotationEnabled")),
        deleted=record.get("DeletedDate") is not None,
    )


def password(session: Session, name: str, stage: str = CURRENT) -> str:
    """Return the password that a version of a secret holds.

    Raises:
        ValidationError: it holds none.
        NotFoundError: there is no such secret or version.
        ConnectionFailedError: Secrets Manager cannot be reached, or does not permit it.
    """
    found = _record(_text(session, name, stage)).get(_PASSWORD)
    if not isinstance(found, str) or not found:
        raise ValidationError(
            f"the secret {name!r} holds no password: it must be JSON with a `password`, or the text itself"
        )
    return found


def deferred(name: str, stage: str = CURRENT) -> Deferred:
    """Return the password of a secret as a value of a call, which nobody sees."""
    return Deferred(f"the secret {name}, {stage}", lambda session: password(session, name, stage))


def put(session: Session, name: str, new: str, labels: Sequence[str]) -> None:
    """Write a new password as a version with labels; whatever else the secret holds stays.

    Raises:
        ConnectionFailedError: Secrets Manager cannot be reached, or does not permit it.
    """
    text = _text(session, name, CURRENT)
    record = _record(text)
    whole = json.dumps({**record, _PASSWORD: new}) if _is_record(text) else new
    with reaching():
        session.changing(SERVICE).put_secret_value(SecretId=name, SecretString=whole, VersionStages=list(labels))


def move(session: Session, found: Secret, stage: str, to: str | None) -> None:
    """Give a label to a version and take it from the one that has it; to nobody where `to` is None.

    Raises:
        ConnectionFailedError: Secrets Manager cannot be reached, or does not permit it.
    """
    given: dict[str, Any] = {"SecretId": found.name, "VersionStage": stage}
    if to is not None:
        given["MoveToVersionId"] = to
    holder = found.version(stage)
    if holder is not None:
        given["RemoveFromVersionId"] = holder
    with reaching():
        session.changing(SERVICE).update_secret_version_stage(**given)


def generate(session: Session, length: int) -> str:
    """Return a new password of letters and digits, made by Secrets Manager.

    Raises:
        ConnectionFailedError: Secrets Manager cannot be reached, or does not permit it.
    """
    with reaching():
        answer = session.reading(SERVICE).get_random_password(PasswordLength=length, ExcludePunctuation=True)
    return answer["RandomPassword"]


def _text(session: Session, name: str, stage: str) -> str:
    with reaching():
        try:
            answer = session.reading(SERVICE).get_secret_value(SecretId=name, VersionStage=stage)
        except ClientError as error:
            if code(error) not in {"ResourceNotFoundException", "InvalidRequestException"}:
                raise
            raise NotFoundError(f"the secret {name!r} has no version {stage}: {message(error)}") from error
    return answer.get("SecretString", "")


def _is_record(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _record(text: str) -> dict[str, object]:
    """Return what a secret holds; the password alone is a record with nothing else."""
    return cast("dict[str, object]", json.loads(text)) if _is_record(text) else {_PASSWORD: text}
