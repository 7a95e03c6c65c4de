"""Quotas: how much of something an account, a Region or a group may have.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from elasticache_kit.model.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

TEST_FAILOVERS_PER_DAY = 15
NODES_PER_SHARD = 6
REPLICAS_PER_SHARD = 5
NODES_PER_GROUP = 90
NODES_PER_GROUP_CEILING = 500
NODES_PER_GROUP_CEILING_BEFORE_5_0_6 = 250
PARAMETERS_PER_CALL = 20
SUBNETS_PER_SUBNET_GROUP = 20
NODES_PER_MEMCACHED_CLUSTER = 60
USERS_PER_GROUP = 100
USER_GROUPS_PER_REPLICATION_GROUP = 1
PASSWORDS_PER_USER = 2
GLOBAL_SECONDARIES = 2
AUTO_SCALING_SHARDS = 250
AUTO_SCALING_REPLICAS = 5
TAGS_PER_RESOURCE = 50


class _QuotaFact(TypedDict):
    id: str
    what: str
    value: int
    adjustable: bool | None
    ceiling: NotRequired[int]
    source: list[str]


@dataclass(frozen=True, slots=True)
class Quota:
    """How much there may be of something.

    Args:
        id: its name.
        what: what is counted.
        value: the most, where nobody asked AWS for more.
        adjustable: whether AWS raises it on request; None where no page tells.
        ceiling: the most that AWS raises it to; None where no page tells.
        source: where it is written.
    """

    id: str
    what: str
    value: int
    adjustable: bool | None
    ceiling: int | None
    source: tuple[str, ...]


@cache
def quotas() -> Mapping[str, Quota]:
    """Return all quotas by id."""
    facts = cast("Mapping[str, list[_QuotaFact]]", load("limits"))["quotas"]
    return {
        fact["id"]: Quota(
            id=fact["id"],
            what=fact["what"],
            value=fact["value"],
            adjustable=fact["adjustable"],
            ceiling=fact.get("ceiling"),
            source=tuple(fact["source"]),
        )
        for fact in facts
    }
