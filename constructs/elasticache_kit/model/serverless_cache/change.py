"""Rules of a change of an existing serverless cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.serverless_cache.identity import engine_of, is_major_version, number
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.serverless_cache.spec import ServerlessCacheSpec

_BACK = (Engine.VALKEY, Engine.REDIS)
_ON = (Engine.REDIS, Engine.VALKEY)


@dataclass(frozen=True, slots=True)
class Change:
    """A serverless cache before and after."""

    old: ServerlessCacheSpec
    new: ServerlessCacheSpec


def engine(change: Change) -> Iterator[Finding]:
    """sl-engine-change."""
    before, after = engine_of(change.old), engine_of(change.new)
    old, new = known(change.old.major_engine_version), known(change.new.major_engine_version)
    if (before, after) == _ON:
        return
    if (before, after) == _BACK:
        if old is not None and (old, new) != ("7", "7"):
            yield Finding(
                "engine", after, f"only valkey 7 goes back to redis 7; this is valkey {old}", "stay with valkey"
            )
    elif before is not after:
        yield Finding("engine", after, f"a cache of {before} cannot become one of {after}", "make a new cache")
    elif old and new and is_major_version(before, old) and is_major_version(after, new) and number(new) < number(old):
        yield Finding(
            "major_engine_version",
            new,
            f"a version never goes down, and the cache runs {old}",
            f"stay with {old}, or make a new cache",
        )


CHECKS = {"sl-engine-change": engine}
