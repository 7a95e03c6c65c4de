"""Rules of a change of an existing global datastore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.global_replication_group.spec import GlobalReplicationGroupSpec


@dataclass(frozen=True, slots=True)
class Change:
    """A global datastore before and after."""

    old: GlobalReplicationGroupSpec
    new: GlobalReplicationGroupSpec


def parameter_group(change: Change) -> Iterator[Finding]:
    """gl-parameter-group."""
    old, new = known(change.old.cache_parameter_group_name), known(change.new.cache_parameter_group_name)
    if new is not None and old != new and known(change.old.engine_version) == known(change.new.engine_version):
        yield Finding(
            "cache_parameter_group_name",
            new,
            "the parameter group of a global datastore changes with the engine version only",
            "change engine_version in the same deployment, or leave it as it is",
        )


CHECKS = {"gl-parameter-group": parameter_group}
