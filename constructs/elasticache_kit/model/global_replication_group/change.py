"""Rules of a change of an existing global datastore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.global_replication_group.spec import GlobalReplicationGroupSpec
    from elasticache_kit.model.rule import Finding


@dataclass(frozen=True, slots=True)
class Change:
    """A global datastore before and after."""

    old: GlobalReplicationGroupSpec
    new: GlobalReplicationGroupSpec


CHECKS: dict[str, Callable[[Change], Iterator[Finding]]] = {}
