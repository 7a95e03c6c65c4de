"""Rules of a change of an existing serverless cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.rule import Finding
    from elasticache_kit.model.serverless_cache.spec import ServerlessCacheSpec


@dataclass(frozen=True, slots=True)
class Change:
    """A serverless cache before and after."""

    old: ServerlessCacheSpec
    new: ServerlessCacheSpec


CHECKS: dict[str, Callable[[Change], Iterator[Finding]]] = {}
