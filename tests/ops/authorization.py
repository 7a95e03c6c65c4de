"""IAM as far as policies of commands go: which calls a policy denies, by the resources that each call names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from elasticache_kit.model.permission import ACTIONS, Scope
from elasticache_kit.model.permission.statement import types_of
from tests.ops.completed import REGION

ACCOUNT = "123456789012"
# Members of requests that name resources, by the type of the resources.
MEMBERS = {
    "elasticache:cluster": ("CacheClusterId",),
    "elasticache:globalreplicationgroup": ("GlobalReplicationGroupId",),
    "elasticache:parametergroup": ("CacheParameterGroupName",),
    "elasticache:replicationgroup": ("ReplicationGroupId", "ReplicationGroupIds", "PrimaryReplicationGroupId"),
    "elasticache:snapshot": ("SnapshotName", "SourceSnapshotName", "TargetSnapshotName"),
    "elasticache:subnetgroup": ("CacheSubnetGroupName",),
    "elasticache:user": ("UserId",),
    "elasticache:usergroup": ("UserGroupIds",),
    "secretsmanager:secret": ("SecretId",),
    "s3:bucket": ("Bucket",),
    "cloudwatch:alarm": ("AlarmNames",),
    "fis:experiment-template": ("experimentTemplateId",),
    "cloudformation:stack": ("StackName",),
}


_ENDINGS = {"cloudformation:stack": "/0c1d", "secretsmanager:secret": "-AbCdEf"}


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made.

    Args:
        name: service and operation.
        given: its parameters.
    """

    name: str
    given: dict[str, Any]


def denied(calls: Iterable[Made], policy: Any, command: str) -> list[tuple[str, str]]:
    """Return each action and resource that a policy of a command denies to calls."""
    return [
        (action, resource)
        for call in calls
        for action in ACTIONS.get(call.name, (call.name,))
        for resource in _resources(action, call, command)
        if not _allows(policy, action, resource)
    ]


def _allows(policy: Any, action: str, resource: str) -> bool:
    return any(
        action in statement["Action"] and any(_like(resource, pattern) for pattern in _listed(statement["Resource"]))
        for statement in policy["Statement"]
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def _like(resource: str, pattern: str) -> bool:
    """Compare as IAM does, to which brackets mean nothing."""
    text = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(text, resource) is not None


def _resources(action: str, call: Made, command: str) -> Iterator[str]:
    """Yield what a call is about: what it names; all resources of the types where it names none."""
    types = types_of(action, command)
    if not types:
        yield "*"
        return
    named = [arn for kind in types for arn in _named(kind, action, call)]
    yield from named or [Scope(region=REGION, account=ACCOUNT).arns(kind)[0] for kind in types]


def _named(kind: str, action: str, call: Made) -> Iterator[str]:
    given = call.given
    if kind == "s3:object":
        source = given.get("CopySource") if action == "s3:GetObject" else None
        if isinstance(source, dict):
            source = f"{source['Bucket']}/{source['Key']}"
        yield f"arn:aws:s3:::{source or given['Bucket'] + '/' + given['Key']}"
        return
    if "ResourceName" in given and f":{kind.partition(':')[2]}:" in given["ResourceName"]:
        yield given["ResourceName"]
    for member in MEMBERS.get(kind, ()):
        for name in _listed(given.get(member, [])):
            # Secrets Manager and CloudFormation find theirs by name, and IAM goes by the ARN.
            yield _arn(kind, f"{name}{_ENDINGS.get(kind, '')}")


def _arn(kind: str, name: str) -> str:
    (pattern,) = Scope(region=REGION, account=ACCOUNT).arns(kind)
    return f"{pattern.removesuffix('*')}{name}"
