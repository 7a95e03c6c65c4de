"""The id of a global datastore: the prefix of the Region of its primary, and a suffix of one's own.

The prefix makes the id known before the datastore is made. So a stack in another Region can name it, which the exports
of CloudFormation don't reach.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-CLI.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypedDict, cast

from elasticache_kit.model.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping


class _PrefixFact(TypedDict):
    region: str
    prefix: str
    source: list[str]


def global_replication_group_id(region: str, suffix: str) -> str | None:
    """Return the id that ElastiCache makes of a suffix, None in a Region whose prefix AWS does not publish."""
    prefix = prefixes().get(region)
    return None if prefix is None else f"{prefix}-{suffix}"


@cache
def prefixes() -> Mapping[str, str]:
    """Return what ids begin with, by the Region of the primary."""
    facts = cast("Mapping[str, list[_PrefixFact]]", load("limits"))["global_datastore_prefixes"]
    return {fact["region"]: fact["prefix"] for fact in facts}
