"""Subnet groups: the subnets that the nodes of a cache may be in.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier, quota
from elasticache_kit.model.rule import Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetGroupSpec:
    """A subnet group; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        cache_subnet_group_name: its name. Default: CloudFormation makes one up; the API asks for one.
        description: what it is for.
        subnet_ids: its subnets.
    """

    cache_subnet_group_name: str | Unknown | None = None
    description: str | Unknown | None = None
    subnet_ids: tuple[str, ...] | Unknown | None = None


def check(spec: SubnetGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a subnet group."""
    return apply(RULES, spec)


def _name(spec: SubnetGroupSpec) -> Iterator[Finding]:
    name = known(spec.cache_subnet_group_name)
    for problem in identifier.subnet_group_name(name) if name is not None else ():
        yield Finding(
            "cache_subnet_group_name",
            name,
            f"the name {problem}",
            identifier.REMEDY,
        )


def _description(spec: SubnetGroupSpec) -> Iterator[Finding]:
    if known(spec.description) is None:
        yield Finding("description", None, "a subnet group needs a description", "say what it is for in description")


def _subnets(spec: SubnetGroupSpec) -> Iterator[Finding]:
    subnets = known(spec.subnet_ids)
    if not subnets:
        yield Finding("subnet_ids", subnets, "a subnet group needs at least one subnet", "give one in subnet_ids")


def _subnets_quota(spec: SubnetGroupSpec) -> Iterator[Finding]:
    subnets = known(spec.subnet_ids) or ()
    if len(subnets) > quota.SUBNETS_PER_SUBNET_GROUP:
        yield Finding(
            "subnet_ids",
            subnets,
            f"{len(subnets)} subnets are above the default quota of {quota.SUBNETS_PER_SUBNET_GROUP} in a subnet group",
            "take fewer, or ask AWS to raise the quota",
        )


RULES: tuple[Rule[SubnetGroupSpec], ...] = join(
    "subnet_group",
    {
        "sg-name": _name,
        "sg-description-required": _description,
        "sg-subnets-required": _subnets,
        "sg-subnets-quota": _subnets_quota,
    },
)
