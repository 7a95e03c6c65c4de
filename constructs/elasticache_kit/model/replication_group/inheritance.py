"""Rules of a secondary of a global datastore, which takes after the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UNKNOWN, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_INHERITED = (
    "cache_node_type",
    "engine",
    "engine_version",
    "cache_parameter_group_name",
    "at_rest_encryption_enabled",
    "transit_encryption_enabled",
)
_SHARDS = ("num_node_groups",)


def shards(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """gl-secondary-inherits."""
    yield from _inherited(spec, _SHARDS)


def everything(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """gl-secondary-inherits-all."""
    yield from _inherited(spec, _INHERITED)


def auto_minor_version_upgrade(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """gl-auto-minor-off."""
    if known(spec.global_replication_group_id) is not None and known(spec.auto_minor_version_upgrade):
        yield Finding(
            "auto_minor_version_upgrade",
            True,
            "it is turned off in a global datastore",
            "set auto_minor_version_upgrade=False",
        )


def _inherited(spec: ReplicationGroupSpec, names: tuple[str, ...]) -> Iterator[Finding]:
    if known(spec.global_replication_group_id) is None:
        return
    for name in names:
        value = getattr(spec, name)
        # A value that is UNKNOWN could still be none.
        if value is not None and value is not UNKNOWN:
            yield Finding(name, value, "a secondary takes it from the primary", "leave it out")


CHECKS = {
    "gl-secondary-inherits": shards,
    "gl-secondary-inherits-all": everything,
    "gl-auto-minor-off": auto_minor_version_upgrade,
}
