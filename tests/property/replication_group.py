"""Replication groups that ElastiCache takes, by construction: from the facts, and without asking a rule."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from elasticache_kit.model.engine import Engine, EngineVersion, versions
from elasticache_kit.model.node_type import NodeType, node_types
from elasticache_kit.model.parameter import default_parameter_group
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec

if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS = 16384
ZONES = ("a", "b", "c")
VERSIONS = (*versions(Engine.VALKEY), *versions(Engine.REDIS))
NAMES = st.from_regex(r"\A[a-zA-Z]([a-zA-Z0-9]|-[a-z0-9]){0,15}\Z")
TEXTS = st.text(string.ascii_letters + string.digits + " .,/-", min_size=1, max_size=60)
HOURS = st.integers(0, 20)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def fitting(version: EngineVersion) -> list[NodeType]:
    """Return the node types that run a version and can be made today, without data tiering."""
    return [
        item
        for item in node_types().values()
        if item.supports("create_new")
        and not item.supports("data_tiering")
        and (first := item.min_version(version.engine)) is not None
        and first <= version
    ]


@st.composite
def good(draw: Callable[[st.SearchStrategy[Any]], Any]) -> ReplicationGroupSpec:
    """Draw a replication group that ElastiCache takes."""
    version: EngineVersion = draw(st.sampled_from(VERSIONS))
    node_type: NodeType = draw(st.sampled_from(fitting(version)))
    # Nodes without encryption at rest are none of those that can be made today; TLS came with 4.0.10.
    tls: bool = draw(st.booleans())
    retention: int | None = draw(st.none() | st.integers(0, 35))
    hour: int = draw(HOURS)
    shape: dict[str, Any] = draw(_sharded(version) if draw(st.booleans()) else _replicated(version))
    optional: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "port": st.integers(1150, 65535),
                "auto_minor_version_upgrade": st.booleans() if version.number >= (6,) else st.just(False),
                "security_group_ids": st.just(("sg-0123456789abcdef0",)),
                "kms_key_id": st.just("arn:aws:kms:eu-west-1:123456789012:key/k"),
                "at_rest_encryption_enabled": st.just(True),
                "network_type": st.just("ipv4"),
                "durability": st.sampled_from(["default", "disabled"]),
                "snapshot_window": st.just(f"{hour:02}:00-{hour + 1:02}:30"),
                "preferred_maintenance_window": st.sampled_from(WEEKDAYS).map(
                    lambda day: f"{day}:{hour + 2:02}:00-{day}:{hour + 3:02}:00"
                ),
            },
        )
    )
    mode = draw(st.sampled_from([None, "required", "preferred"])) if tls and version.number >= (7,) else None
    return ReplicationGroupSpec(
        replication_group_id=draw(NAMES),
        replication_group_description=draw(TEXTS),
        engine=version.engine.value,
        engine_version=version.version,
        cache_node_type=node_type.name,
        cache_subnet_group_name="private",
        subnet_zones=ZONES,
        transit_encryption_enabled=tls,
        transit_encryption_mode=mode,
        snapshot_retention_limit=retention,
        **{**optional, **shape},
    )


@st.composite
def _replicated(draw: Callable[[st.SearchStrategy[Any]], Any], version: EngineVersion) -> dict[str, Any]:
    """Draw a size with cluster mode disabled."""
    nodes: int = draw(st.integers(1, 6))
    failover = nodes > 1 and draw(st.booleans())
    multi_az = failover and draw(st.booleans())
    shape: dict[str, Any] = {
        "num_cache_clusters": nodes,
        "automatic_failover_enabled": failover,
        "multi_az_enabled": multi_az,
        "cluster_mode": draw(st.sampled_from([None, "disabled"])),
    }
    if draw(st.booleans()):
        zones = draw(st.lists(st.sampled_from(ZONES), min_size=nodes, max_size=nodes))
        shape["preferred_cache_cluster_azs"] = (*zones[:-1], "a" if zones[0] != "a" else "b")
    own: dict[str, Any] = {
        "cache_parameter_group_name": "ours",
        "parameter_group_family": version.family,
        "parameter_group_cluster_enabled": False,
        "parameter_group_parameters": draw(st.sampled_from([{}, {"maxmemory-policy": "allkeys-lru"}])),
    }
    aws: dict[str, Any] = {"cache_parameter_group_name": draw(st.sampled_from([None, f"default.{version.family}"]))}
    return {**shape, **(own if draw(st.booleans()) else aws)}


@st.composite
def _sharded(draw: Callable[[st.SearchStrategy[Any]], Any], version: EngineVersion) -> dict[str, Any]:
    """Draw a size with cluster mode enabled."""
    shards: int = draw(st.integers(1, 12))
    replicas: int = draw(st.integers(0, 5))
    shape: dict[str, Any] = {
        "cache_parameter_group_name": default_parameter_group(version.family, cluster_mode=True),
        "automatic_failover_enabled": True,
        "multi_az_enabled": replicas > 0 and draw(st.booleans()),
        "cluster_mode": draw(st.sampled_from([None, "enabled"])) if version.number >= (7,) else None,
    }
    match draw(st.sampled_from(["counts", "slots", "zones"])):
        case "counts":
            return {**shape, "num_node_groups": shards, "replicas_per_node_group": replicas}
        case "slots":
            edges = [round(SLOTS * number / shards) for number in range(shards + 1)]
            groups = [
                NodeGroupSpec(
                    node_group_id=f"{number + 1:04}",
                    slots=f"{edges[number]}-{edges[number + 1] - 1}",
                    replica_count=replicas,
                )
                for number in range(shards)
            ]
        case _:
            others = tuple(ZONES[1 + number % 2] for number in range(replicas))
            groups = [
                NodeGroupSpec(
                    primary_availability_zone="a",
                    replica_availability_zones=others or None,
                    replica_count=replicas,
                )
                for _ in range(shards)
            ]
    return {**shape, "node_group_configuration": tuple(groups)}
