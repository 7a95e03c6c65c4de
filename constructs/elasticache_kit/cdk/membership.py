"""Which caches of an app are in a global datastore, and which are scaled automatically: one cannot be both.

Either can be said first, so both are kept here until the other comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

from elasticache_kit.cdk.argument import violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import Resource

    from elasticache_kit.model.rule import Violation

_IN_GLOBAL_DATASTORE: WeakSet[Resource] = WeakSet()
_SCALED: WeakSet[Resource] = WeakSet()

_SENTENCE = "auto scaling does not work in a global datastore"


def add_to_global_datastore(group: Resource) -> None:
    """Remember that a replication group is in a global datastore."""
    _IN_GLOBAL_DATASTORE.add(group)


def add_scaled(group: Resource) -> None:
    """Remember that a cache is scaled automatically."""
    _SCALED.add(group)


def is_scaled(cache: Resource) -> bool:
    """Tell whether a cache is scaled automatically, and may have more nodes than it was made with."""
    return cache in _SCALED


def scaled_member(group: Resource) -> Iterator[Violation]:
    """Yield a violation where a group that is to join a global datastore is scaled automatically."""
    if group in _SCALED:
        yield _both(group, "leave out its auto scaling, and scale the global datastore by hand")


def member_scaled(group: Resource) -> Iterator[Violation]:
    """Yield a violation where a group that is to be scaled automatically is in a global datastore.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling.html
    """
    if group in _IN_GLOBAL_DATASTORE:
        yield _both(group, "leave the auto scaling out, and scale the global datastore by hand")


def _both(group: Resource, remedy: str) -> Violation:
    return violation("cdk-global-auto-scaling", "replication_group", group.node.path, _SENTENCE, remedy)
