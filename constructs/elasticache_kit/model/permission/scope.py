"""The scope of a policy: the resources that it is narrowed down to, as ARNs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TypedDict, cast

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.data import load

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_EVERY = "*"


class _Fact(TypedDict):
    arn: str
    source: list[str]


def _nodes(group: str) -> tuple[str, ...]:
    # The ids of the nodes, `orders-001` and with cluster mode `orders-0001-001`; those of a group `orders-eu` fit none.
    return (f"{group}-???", f"{group}-????-???")


def _secret(name: str) -> tuple[str, ...]:
    # Secrets Manager adds a hyphen and six characters to the name; an ARN has them.
    return (name.rpartition(":secret:")[2],) if ":secret:" in name else (f"{name}-??????",)


def _stack(name: str) -> tuple[str, ...]:
    # Every making of a stack adds an id of its own.
    return (f"{name}/*",)


def _itself(name: str) -> tuple[str, ...]:
    return (name,)


# What can be named: the types of resources that its name stands for, with the names that these have.
KINDS: Mapping[str, Mapping[str, Callable[[str], tuple[str, ...]]]] = MappingProxyType(
    {
        "group": {"elasticache:replicationgroup": _itself, "elasticache:cluster": _nodes},
        "cluster": {"elasticache:cluster": _itself},
        "snapshot": {"elasticache:snapshot": _itself},
        "user": {"elasticache:user": _itself},
        "parameter-group": {"elasticache:parametergroup": _itself},
        "global-datastore": {"elasticache:globalreplicationgroup": _itself},
        "secret": {"secretsmanager:secret": _secret},
        "bucket": {"s3:bucket": _itself, "s3:object": lambda name: (f"{name}/*",)},
        "fis-template": {"fis:experiment-template": _itself},
        "alarm": {"cloudwatch:alarm": _itself},
        "stack": {"cloudformation:stack": _stack},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a policy is narrowed down to.

    Args:
        region: the Region; every one when omitted.
        account: the account id; every one when omitted.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        names: names by what they are of, a key of KINDS; all resources of a kind when none is named.

    Raises:
        ValidationError: there is no such kind.
    """

    region: str = _EVERY
    account: str = _EVERY
    partition: str = "aws"
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.names if kind not in KINDS]
        if unknown:
            raise ValidationError(f"nothing is named by {', '.join(unknown)}: take one of {', '.join(KINDS)}")

    def arns(self, resource_type: str, *, listed: bool = False) -> tuple[str, ...]:
        """Return the ARNs of a type of resources.

        Args:
            resource_type: as `elasticache:replicationgroup`, a key of the data.
            listed: whether the call names none, so that it takes the right to all of them.
        """
        narrowed = [
            name
            for kind, named in self.names.items()
            if resource_type in KINDS[kind]
            for given in named
            for name in KINDS[kind][resource_type](given)
        ]
        return tuple(self._arn(resource_type, name) for name in ([_EVERY] if listed or not narrowed else narrowed))

    def _arn(self, resource_type: str, name: str) -> str:
        values = {"Partition": self.partition, "Region": self.region, "Account": self.account, "Name": name}
        return _VARIABLE.sub(lambda found: values[found[1]], formats()[resource_type]["arn"])


@cache
def formats() -> Mapping[str, _Fact]:
    """Return the types of resources that policies here may name, with the form of their ARNs."""
    return cast("Mapping[str, Mapping[str, _Fact]]", load("authorization"))["resources"]
