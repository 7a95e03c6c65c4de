"""The statements of a policy: which actions on which resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypedDict, cast

from elasticache_kit.model.data import load
from elasticache_kit.model.permission.command import ABOUT, CONDITIONS, actions
from elasticache_kit.model.permission.scope import Scope, formats

# Calls that name no resource: they list, and IAM asks for the right to all that could be listed. Of those that some
# commands make with a name, the commands that make them without.
LISTED: Mapping[str, frozenset[str] | None] = {
    "cloudwatch:DescribeAlarms": None,
    "elasticache:DescribeCacheClusters": None,
    "elasticache:DescribeReplicationGroups": frozenset({"events", "inventory", "reboot", "service-updates apply"}),
    "elasticache:DescribeSnapshots": frozenset(
        {"snapshot create", "snapshot list", "snapshot prune", "drill run backup-restore"}
    ),
    "elasticache:DescribeUpdateActions": None,
    "elasticache:DescribeUsers": frozenset({"drill cleanup", "drill run credential-rotation"}),
}
_EVERYTHING = "*"
# As IAM writes a statement's name: letters and digits.
_WORDS = {
    "experiment-template": "ExperimentTemplate",
    "globalreplicationgroup": "GlobalReplicationGroup",
    "parametergroup": "ParameterGroup",
    "replicationgroup": "ReplicationGroup",
    "serverlesscache": "ServerlessCache",
    "subnetgroup": "SubnetGroup",
    "usergroup": "UserGroup",
}


class _Fact(TypedDict):
    resources: list[str]
    source: list[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """Actions that are allowed on the same resources.

    Args:
        sid: a name that says what the resources are.
        actions: the actions, sorted.
        resources: the ARNs, or `*` where the actions are about no resource.
        conditions: what else must hold, by the operator; nothing when omitted.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    def document(self) -> dict[str, object]:
        """Return it as a policy has it."""
        place = _EVERYTHING if self.resources == (_EVERYTHING,) else list(self.resources)
        conditions = {key: dict(value) for key, value in self.conditions.items()}
        return {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": place,
            **({"Condition": conditions} if conditions else {}),
        }


def statements(commands: Sequence[str], scope: Scope | None = None) -> tuple[Statement, ...]:
    """Return what commands need, and nothing else.

    An action that can be about several types of resources is allowed on those that are named, and on all of the types
    of which none is named: a group is made with a parameter group, too.

    Args:
        commands: as on the command line.
        scope: what it is narrowed down to; nothing when omitted.

    Raises:
        ValidationError: there is no such command.
    """
    narrowed = scope or Scope()
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    apart: list[Statement] = []
    for action, types in sorted(_types(commands).items()):
        listed = _listed(action, commands)
        places = tuple(arn for item in types for arn in narrowed.arns(item, listed=listed)) or (_EVERYTHING,)
        sid = "".join(_word(item) for item in types) or "Any"
        if action in CONDITIONS:
            apart.append(Statement(action.partition(":")[2], (action,), places, CONDITIONS[action]))
        else:
            together.setdefault((f"List{sid}" if listed else sid, places), []).append(action)
    return (*(Statement(sid, tuple(found), places) for (sid, places), found in together.items()), *apart)


def policy(commands: Sequence[str], scope: Scope | None = None) -> dict[str, object]:
    """Return the same as an IAM policy.

    Raises:
        ValidationError: there is no such command.
    """
    return {"Version": "2012-10-17", "Statement": [item.document() for item in statements(commands, scope)]}


def types_of(action: str, command: str) -> tuple[str, ...]:
    """Return the types of resources that a command uses an action on, as far as they can be named; none means all."""
    about = ABOUT.get(action, {}).get(command, _facts()[action]["resources"])
    names = (f"{action.partition(':')[0]}:{item.lower()}" for item in about)
    return tuple(sorted(name for name in names if name in formats()))


def _types(commands: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the actions of commands, each with the types of resources that they use it on."""
    found: dict[str, set[str]] = {}
    for command in commands:
        for action in actions(command):
            found.setdefault(action, set()).update(types_of(action, command))
    return {action: tuple(sorted(types)) for action, types in found.items()}


def _listed(action: str, commands: Sequence[str]) -> bool:
    lists = LISTED.get(action, frozenset[str]())
    return lists is None or not lists.isdisjoint(commands)


def _word(resource_type: str) -> str:
    name = resource_type.partition(":")[2]
    return _WORDS.get(name, name.capitalize())


@cache
def _facts() -> Mapping[str, _Fact]:
    return cast("Mapping[str, Mapping[str, _Fact]]", load("authorization"))["actions"]
