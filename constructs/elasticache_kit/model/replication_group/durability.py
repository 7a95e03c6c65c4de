"""Rules of durability: writes that survive the loss of every node.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.Limitations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from elasticache_kit.model.replication_group import effective as derived
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_VALUES = ("default", "async", "sync", "disabled")
_DURABLE = ("async", "sync")


def values(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-values."""
    value = known(spec.durability)
    if value is not None and value not in _VALUES:
        yield Finding("durability", value, f"it is one of {', '.join(_VALUES)}", "take one of them")


def engine(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-engine."""
    if is_durable(spec) and not (version := derived.version(spec)).supports("durability"):
        yield Finding(
            "durability",
            spec.durability,
            f"durability needs valkey 9.0 or newer, not {version}",
            "take engine='valkey' with engine_version='9.0' or newer",
        )


def cluster_mode(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-cme."""
    if is_durable(spec) and not derived.cluster_mode_enabled(spec):
        yield Finding(
            "durability",
            spec.durability,
            "durability needs cluster mode",
            "make a group in cluster mode, which may have 1 shard",
        )


def multi_az(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-multiaz."""
    if not is_durable(spec):
        return
    if not derived.multi_az(spec):
        yield Finding(
            "multi_az_enabled", spec.multi_az_enabled, "durability needs Multi-AZ", "set multi_az_enabled=True"
        )
    if not all(derived.replica_counts(spec)):
        name = derived.replicas_property(spec)
        yield Finding(
            name,
            getattr(spec, name),
            "durability needs at least 1 replica in every shard",
            "give every shard a replica",
        )


def transit_encryption(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-tls."""
    if is_durable(spec) and not derived.transit_encryption(spec):
        yield Finding(
            "transit_encryption_enabled",
            spec.transit_encryption_enabled,
            "durability needs TLS from the start",
            "set transit_encryption_enabled=True",
        )


def at_rest_encryption(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-atrest."""
    if is_durable(spec) and known(spec.at_rest_encryption_enabled) is False:
        yield Finding(
            "at_rest_encryption_enabled",
            False,
            "a durable group is always encrypted at rest",
            "set at_rest_encryption_enabled=True, or leave it out",
        )


def node_families(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-families."""
    if not is_durable(spec):
        return
    node_type = derived.node_type(spec)
    if node_type.known and not node_type.supports("durability"):
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"nodes of the family {node_type.family} cannot be durable",
            "take one of m6g, m7g, m8g, r6g, r7g, r8g, c7gn or c8gn",
        )


def not_with(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-durability-not-with."""
    if not is_durable(spec):
        return
    if known(spec.data_tiering_enabled):
        yield Finding(
            "data_tiering_enabled",
            True,
            "durability cannot be combined with data tiering",
            "take nodes without data tiering, or durability='disabled'",
        )
    if known(spec.global_replication_group_id) is not None:
        yield Finding(
            "durability",
            spec.durability,
            "durability cannot be combined with a global datastore",
            "set durability='disabled', or keep the group out of the global datastore",
        )


def effective(spec: ReplicationGroupSpec) -> Literal["disabled", "async", "sync"]:
    """Return what EffectiveDurability says: what was asked for, and `disabled` where that is left to the service."""
    match known(spec.durability):
        case "async":
            return "async"
        case "sync":
            return "sync"
        case _:
            return "disabled"


def is_durable(spec: ReplicationGroupSpec) -> bool:
    """Tell whether durability is asked for; `default` is none of it on all versions so far."""
    return known(spec.durability) in _DURABLE


CHECKS = {
    "rg-durability-values": values,
    "rg-durability-engine": engine,
    "rg-durability-cme": cluster_mode,
    "rg-durability-multiaz": multi_az,
    "rg-durability-tls": transit_encryption,
    "rg-durability-atrest": at_rest_encryption,
    "rg-durability-families": node_families,
    "rg-durability-not-with": not_with,
}
