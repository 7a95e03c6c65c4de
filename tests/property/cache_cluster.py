"""Cache clusters of Memcached that ElastiCache takes, by construction, and how they are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from elasticache_kit.model import cache_cluster
from elasticache_kit.model.cache_cluster import CacheClusterSpec
from elasticache_kit.model.engine import Engine, EngineVersion, versions
from tests.property.member import request
from tests.property.replication_group import NAMES, WEEKDAYS, ZONES, fitting
from tests.property.world import LETTERS, REGION, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.node_type import NodeType
    from elasticache_kit.model.rule import Violation

VERSIONS = [item for item in versions(Engine.MEMCACHED) if fitting(item)]
# More in one request are beyond the quota, and 300 nodes in all beyond that of the Region.
MOST_NODES = 40
FIRST_WITH_TLS = (1, 6, 12)
RENAMED = {"cluster_name": "CacheClusterId", "vpc_security_group_ids": "SecurityGroupIds"}


@st.composite
def good(draw: Callable[[st.SearchStrategy[Any]], Any]) -> CacheClusterSpec:
    """Draw a cluster of Memcached that ElastiCache takes."""
    version: EngineVersion = draw(st.sampled_from(VERSIONS))
    node_type: NodeType = draw(st.sampled_from(fitting(version)))
    nodes: int = draw(st.integers(1, MOST_NODES))
    spread = nodes > 1 and draw(st.booleans())
    optional: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "port": st.integers(1150, 65535),
                "vpc_security_group_ids": st.just(("sg-0123456789abcdef0",)),
                "network_type": st.just("ipv4"),
                "ip_discovery": st.just("ipv4"),
                "auto_minor_version_upgrade": st.booleans(),
                "cache_parameter_group_name": st.just(f"default.{version.family}"),
                "preferred_maintenance_window": st.sampled_from(WEEKDAYS).map(lambda day: f"{day}:03:00-{day}:04:00"),
            },
        )
    )
    if draw(st.booleans()):
        some = draw(st.lists(st.sampled_from(ZONES), min_size=nodes, max_size=nodes))
        optional["preferred_availability_zones"] = ("a", "b", *some[2:]) if spread else ("a",) * nodes
    return CacheClusterSpec(
        cluster_name=draw(NAMES),
        engine=version.engine.value,
        engine_version=version.version,
        cache_node_type=node_type.name,
        num_cache_nodes=nodes,
        az_mode="cross-az" if spread else draw(st.sampled_from([None, "single-az"])),
        subnet_zones=ZONES,
        transit_encryption_enabled=version.number >= FIRST_WITH_TLS and draw(st.booleans()),
        **optional,
    )


def settled(spec: CacheClusterSpec, world: World) -> CacheClusterSpec:
    """Name a subnet group and zones that are there; snapshots, topics and own parameter groups are left out."""
    covered = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ("a", "b")
    letters = "".join(sorted({zone for zone in covered if zone in LETTERS})) or "ab"
    told: dict[str, Any] = {
        "cluster_name": "pages" if spec.cluster_name is None else spec.cluster_name,
        "cache_subnet_group_name": world.subnet_group(letters),
        "subnet_zones": tuple(REGION + letter for letter in letters),
        # The API looks for what is named before it asks the rulebook, and the world has none of these.
        "snapshot_name": None,
        "notification_topic_arn": None,
        "parameter_group_family": None,
        "parameter_group_cluster_enabled": None,
        "parameter_group_parameters": None,
    }
    if not str(spec.cache_parameter_group_name).lower().startswith("default."):
        told["cache_parameter_group_name"] = None
    if isinstance(spec.preferred_availability_zone, str):
        told["preferred_availability_zone"] = REGION + spec.preferred_availability_zone
    if isinstance(spec.preferred_availability_zones, tuple):
        told["preferred_availability_zones"] = tuple(REGION + zone for zone in spec.preferred_availability_zones)
    return replace(spec, **told)


def requests(spec: CacheClusterSpec) -> Iterator[tuple[str, dict[str, Any], tuple[Violation, ...]]]:
    """Yield the request that asks for a cluster."""
    yield "create_cache_cluster", request("CreateCacheCluster", spec, RENAMED), cache_cluster.check(spec)


def undo(spec: CacheClusterSpec) -> tuple[str, dict[str, Any]]:
    """Return the request that removes a cluster."""
    return "delete_cache_cluster", {"CacheClusterId": spec.cluster_name}
