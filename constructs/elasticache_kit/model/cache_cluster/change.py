"""Rules of a change of an existing cache cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec
    from elasticache_kit.model.rule import Finding


@dataclass(frozen=True, slots=True)
class Change:
    """A cache cluster before and after."""

    old: CacheClusterSpec
    new: CacheClusterSpec


CHECKS: dict[str, Callable[[Change], Iterator[Finding]]] = {}
