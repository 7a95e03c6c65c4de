"""Rules of a change of an existing replication group."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from elasticache_kit.model.engine import Engine
from elasticache_kit.model.parameter.family import default_group_family
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATHS = {
    ("disabled", "compatible"),
    ("compatible", "enabled"),
    ("compatible", "disabled"),
}
_MODES = {"disabled", "compatible", "enabled"}
# They are compared by what they come to, since the properties that say it differ with the cluster mode.
_SIZES = {"num_cache_clusters", "num_node_groups", "replicas_per_node_group", "node_group_configuration"}
_CONTEXT = {
    "subnet_zones",
    "parameter_group_cluster_enabled",
    "parameter_group_family",
    "parameter_group_parameters",
    "user_group_engine",
    "user_group_users",
    "snapshot_engine",
    "snapshot_cache_node_type",
    "snapshot_num_node_groups",
}
_GOES_WITH_CLUSTER_MODE = {*_SIZES, *_CONTEXT, "cluster_mode", "cache_parameter_group_name"}
_SCALES = ("cache_node_type", "engine", "engine_version")


@dataclass(frozen=True, slots=True)
class Change:
    """A replication group before and after."""

    old: ReplicationGroupSpec
    new: ReplicationGroupSpec


def cluster_mode_path(change: Change) -> Iterator[Finding]:
    """rg-cluster-mode-path."""
    old, new = _modes(change)
    if old == new or (old, new) in _PATHS:
        return
    if old == "enabled":
        yield Finding("cluster_mode", new, "cluster mode cannot be left once it is enabled", "leave it enabled")
    else:
        yield Finding(
            "cluster_mode",
            new,
            "cluster mode goes from disabled to compatible, and from there to enabled",
            "set cluster_mode='compatible' first, and 'enabled' in a later change",
        )


def cluster_mode_alone(change: Change) -> Iterator[Finding]:
    """rg-cluster-mode-alone."""
    old, new = _modes(change)
    if old != new:
        names = [
            item.name
            for item in fields(ReplicationGroupSpec)
            if item.name not in _GOES_WITH_CLUSTER_MODE and _differs(change, item.name)
        ]
        fault, remedy = "it changes together with cluster_mode", "change cluster_mode in a deployment of its own"
    elif new == "compatible":
        names = [name for name in _SCALES if _differs(change, name)]
        fault, remedy = (
            "it cannot change in cluster mode 'compatible'",
            "go on to 'enabled', or back to 'disabled', first",
        )
    else:
        return
    for name in names:
        yield Finding(name, getattr(change.new, name), fault, remedy)
    if effective.replica_counts(change.old) != effective.replica_counts(change.new):
        name = effective.replicas_property(change.new)
        yield Finding(name, getattr(change.new, name), fault.replace("it ", "the number of nodes ", 1), remedy)


def transit_encryption_versions(change: Change) -> Iterator[Finding]:
    """rg-tls-mode-versions."""
    switched = effective.transit_encryption(change.old) != effective.transit_encryption(change.new)
    mode = known(change.new.transit_encryption_mode)
    loosened = mode == "preferred" and known(change.old.transit_encryption_mode) != mode
    version = effective.version(change.old)
    if (switched or loosened) and not version.supports("tls_change_after_create"):
        yield Finding(
            "transit_encryption_enabled",
            change.new.transit_encryption_enabled,
            f"TLS of an existing group changes from valkey 7.2 and redis 7.0 on, not with {version}",
            "upgrade engine_version in an earlier change",
        )


def transit_encryption_two_steps(change: Change) -> Iterator[Finding]:
    """rg-tls-enable-two-steps."""
    if effective.transit_encryption(change.old) or not effective.transit_encryption(change.new):
        return
    mode = known(change.new.transit_encryption_mode)
    if mode != "preferred":
        yield Finding(
            "transit_encryption_mode",
            mode,
            "TLS comes to an existing group with mode 'preferred', which takes clients with and without TLS",
            "set transit_encryption_mode='preferred' now, and 'required' in a later change",
        )


def engine_downgrade(change: Change) -> Iterator[Finding]:
    """rg-engine-downgrade."""
    if known(change.old.engine_version) is None or known(change.new.engine_version) is None:
        # What is omitted stays as it is, whatever that may be.
        return
    old, new = effective.version(change.old), effective.version(change.new)
    if (old.engine, new.engine) == (Engine.VALKEY, Engine.REDIS):
        if (old.version, new.version) != ("7.2", "7.1"):
            yield Finding(
                "engine",
                new.engine,
                f"only valkey 7.2 goes back to redis, and only to 7.1; this is {old} to {new}",
                f"stay with {old}, or make a new group",
            )
    elif old.engine is new.engine and new < old:
        yield Finding(
            "engine_version",
            new.version,
            f"an engine version never goes down, and the group runs {old.version}",
            f"stay with {old.version}, or make a new group",
        )


def cross_engine(change: Change) -> Iterator[Finding]:
    """rg-cross-engine."""
    if (effective.engine(change.old), effective.engine(change.new)) != (Engine.REDIS, Engine.VALKEY):
        return
    old, new = known(change.old.cache_parameter_group_name), known(change.new.cache_parameter_group_name)
    if old is not None and old == new and default_group_family(old) is None:
        yield Finding(
            "cache_parameter_group_name",
            new,
            "a change from redis to valkey needs a valkey parameter group with the same values",
            "make one and name it in the same change",
        )


def scale_in_replicas(change: Change) -> Iterator[Finding]:
    """rg-scale-in-replicas."""
    if _modes(change)[1] != "disabled" or not effective.multi_az(change.old):
        return
    old, new = effective.replica_counts(change.old)[0], effective.replica_counts(change.new)[0]
    if new == 0 < old:
        yield Finding(
            "num_cache_clusters",
            new + 1,
            "Multi-AZ keeps at least 1 replica",
            "keep 2 nodes, or turn Multi-AZ and automatic failover off in an earlier change",
        )


def tiering_switch(change: Change) -> Iterator[Finding]:
    """rg-tiering-no-switch."""
    old, new = effective.node_type(change.old), effective.node_type(change.new)
    if old.supports("data_tiering") != new.supports("data_tiering"):
        yield Finding(
            "cache_node_type",
            new.name,
            f"nodes do not change between data tiering and none, and the group has {old.name}",
            "take a snapshot and restore it into a new group",
        )


def durability_alone(change: Change) -> Iterator[Finding]:
    """rg-durability-fixed."""
    if not _differs(change, "durability"):
        return
    names = [
        item.name
        for item in fields(ReplicationGroupSpec)
        if item.name not in {"durability", *_CONTEXT} and _differs(change, item.name)
    ]
    if names:
        yield Finding(
            "durability",
            change.new.durability,
            f"{', '.join(names)} would change with it, and durability changes alone",
            "change durability in a deployment of its own",
        )


def manual_promotion(change: Change) -> Iterator[Finding]:
    """rg-manual-promotion."""
    old, new = known(change.old.primary_cluster_id), known(change.new.primary_cluster_id)
    if old is None or new is None or old == new:
        return
    if effective.multi_az(change.new) or effective.automatic_failover(change.new):
        yield Finding(
            "primary_cluster_id",
            new,
            "a replica is promoted by hand only while Multi-AZ and automatic failover are off",
            "turn both off first, or test a failover instead",
        )


def rollback_users(change: Change) -> Iterator[Finding]:
    """rg-rollback-users."""
    if (effective.engine(change.old), effective.engine(change.new)) != (Engine.VALKEY, Engine.REDIS):
        return
    users = change.new.user_group_users
    engines = [change.new.user_group_engine, *(user.engine for user in (users if isinstance(users, tuple) else ()))]
    if known(change.new.user_group_ids) and Engine.VALKEY in engines:
        yield Finding(
            "user_group_ids",
            change.new.user_group_ids,
            "a group goes back to redis only if its user group and all users are of redis",
            "attach a user group of redis first",
        )


def _modes(change: Change) -> tuple[str, str]:
    """Return the cluster mode before and after; the number of shards alone does not change it."""
    old = effective.cluster_mode(change.old)
    silent = known(change.new.cluster_mode) is None and known(change.new.cache_parameter_group_name) is None
    new = old if silent else effective.cluster_mode(change.new)
    if not {old, new} <= _MODES:
        raise UndecidedError
    return old, new


def _differs(change: Change, name: str) -> bool:
    """Tell whether a property changes for sure."""
    old, new = getattr(change.old, name), getattr(change.new, name)
    return not isinstance(old, Unknown) and not isinstance(new, Unknown) and old != new


CHECKS = {
    "rg-cluster-mode-path": cluster_mode_path,
    "rg-cluster-mode-alone": cluster_mode_alone,
    "rg-tls-mode-versions": transit_encryption_versions,
    "rg-tls-enable-two-steps": transit_encryption_two_steps,
    "rg-engine-downgrade": engine_downgrade,
    "rg-cross-engine": cross_engine,
    "rg-scale-in-replicas": scale_in_replicas,
    "rg-tiering-no-switch": tiering_switch,
    "rg-durability-fixed": durability_alone,
    "rg-manual-promotion": manual_promotion,
    "rg-rollback-users": rollback_users,
}
