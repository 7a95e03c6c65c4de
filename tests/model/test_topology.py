"""Topology: node groups, members, zones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.model.topology import cluster_mode_enabled, node_groups, replica_counts
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError, Unknown

PLAIN = ReplicationGroupSpec(num_cache_clusters=3)
SHARDED = ReplicationGroupSpec(num_node_groups=2, replicas_per_node_group=1)
ZONES = ("a", "b", "c")


def test_without_cluster_mode_there_is_one_node_group_without_slots() -> None:
    """The nodes are numbered from 001 and spread over the zones; the first one is the primary."""
    (group,) = node_groups("Orders", PLAIN, ZONES)

    assert (group.node_group_id, group.slots) == ("0001", None)
    assert [(node.cache_cluster_id, node.availability_zone) for node in group.members] == [
        ("orders-001", "a"),
        ("orders-002", "b"),
        ("orders-003", "c"),
    ]


def test_in_cluster_mode_ids_hold_the_node_group() -> None:
    """Each shard has its share of slots, and starts one zone further."""
    first, second = node_groups("orders", SHARDED, ZONES)

    assert (first.node_group_id, first.slots) == ("0001", "0-8191")
    assert [(node.cache_cluster_id, node.availability_zone) for node in first.members] == [
        ("orders-0001-001", "a"),
        ("orders-0001-002", "b"),
    ]
    assert (second.node_group_id, second.slots) == ("0002", "8192-16383")
    assert [(node.cache_cluster_id, node.availability_zone) for node in second.members] == [
        ("orders-0002-001", "b"),
        ("orders-0002-002", "c"),
    ]


@pytest.mark.parametrize("mode", ["compatible", "enabled"])
def test_one_shard_in_cluster_mode_is_named_like_a_shard(mode: str) -> None:
    """Mode compatible is cluster mode already."""
    (group,) = node_groups("orders", ReplicationGroupSpec(cluster_mode=mode, num_cache_clusters=2), ())

    assert group.slots == "0-16383"
    assert [node.cache_cluster_id for node in group.members] == ["orders-0001-001", "orders-0001-002"]


def test_node_group_configuration_is_followed() -> None:
    """Ids, slots, counts and zones are those that were asked for."""
    spec = ReplicationGroupSpec(
        node_group_configuration=(
            NodeGroupSpec(
                node_group_id="7",
                slots="0-99",
                primary_availability_zone="c",
                replica_availability_zones=("b", "a"),
                replica_count=2,
            ),
            NodeGroupSpec(slots="100-16383"),
        ),
        replicas_per_node_group=1,
    )
    first, second = node_groups("orders", spec, ZONES)

    assert (first.node_group_id, first.slots) == ("0007", "0-99")
    assert [node.availability_zone for node in first.members] == ["c", "b", "a"]
    assert (second.node_group_id, second.slots) == ("0002", "100-16383")
    assert [node.cache_cluster_id for node in second.members] == ["orders-0002-001", "orders-0002-002"]


def test_preferred_zones_are_followed() -> None:
    """The first zone is the primary's."""
    spec = replace(PLAIN, preferred_cache_cluster_azs=("c", "c", "a"))
    (group,) = node_groups("orders", spec, ZONES)

    assert [node.availability_zone for node in group.members] == ["c", "c", "a"]


@given(st.integers(1, 90), st.integers(0, 5), st.integers(1, 4))
def test_zones_are_spread_evenly(shards: int, replicas: int, zones: int) -> None:
    """No two nodes of a shard share a zone while there are others, and no zone has many more primaries."""
    spec = ReplicationGroupSpec(cluster_mode="enabled", num_node_groups=shards, replicas_per_node_group=replicas)
    groups = node_groups("orders", spec, "abcd"[:zones])
    primaries = Counter(group.members[0].availability_zone for group in groups)

    assert len({node.cache_cluster_id for group in groups for node in group.members}) == shards * (replicas + 1)
    for group in groups:
        assert len({node.availability_zone for node in group.members}) == min(zones, replicas + 1)
    assert max(primaries.values()) - min(primaries.values()) <= 1


def test_without_zones_nodes_have_none() -> None:
    """Nothing is made up."""
    (group,) = node_groups("orders", PLAIN, ())

    assert {node.availability_zone for node in group.members} == {None}


@pytest.mark.parametrize(
    ("spec", "enabled"),
    [
        (ReplicationGroupSpec(), False),
        (ReplicationGroupSpec(cluster_mode="disabled"), False),
        (ReplicationGroupSpec(cluster_mode="compatible"), True),
        (ReplicationGroupSpec(cluster_mode=UNKNOWN), UNKNOWN),
        (ReplicationGroupSpec(num_node_groups=1), False),
        (ReplicationGroupSpec(num_node_groups=2), True),
        (ReplicationGroupSpec(num_node_groups=UNKNOWN), UNKNOWN),
        (ReplicationGroupSpec(node_group_configuration=(NodeGroupSpec(), NodeGroupSpec())), True),
        (ReplicationGroupSpec(cache_parameter_group_name="default.valkey9"), False),
        (ReplicationGroupSpec(cache_parameter_group_name="default.valkey9.cluster.on"), True),
        (ReplicationGroupSpec(cache_parameter_group_name="ours"), UNKNOWN),
        (ReplicationGroupSpec(cache_parameter_group_name="ours", parameter_group_cluster_enabled=True), True),
        (ReplicationGroupSpec(cache_parameter_group_name="ours", num_node_groups=2), True),
        (ReplicationGroupSpec(num_node_groups=UNKNOWN, parameter_group_cluster_enabled=True), True),
    ],
)
def test_cluster_mode_shows_in_many_ways(spec: ReplicationGroupSpec, enabled: bool | Unknown) -> None:
    """ClusterMode says it, else the number of shards, else the parameter group."""
    assert cluster_mode_enabled(spec) is enabled


@pytest.mark.parametrize(
    ("spec", "counts"),
    [
        (ReplicationGroupSpec(), (0,)),
        (PLAIN, (2,)),
        (ReplicationGroupSpec(num_node_groups=1, num_cache_clusters=3), (2,)),
        (ReplicationGroupSpec(replicas_per_node_group=2), (2,)),
        (ReplicationGroupSpec(num_node_groups=3), (0, 0, 0)),
        (
            ReplicationGroupSpec(
                node_group_configuration=(NodeGroupSpec(replica_count=2), NodeGroupSpec()), replicas_per_node_group=1
            ),
            (2, 1),
        ),
        (ReplicationGroupSpec(node_group_configuration=(NodeGroupSpec(replica_availability_zones=("a",)),)), (1,)),
        # Refused by rules of their own, but no crash.
        (ReplicationGroupSpec(num_cache_clusters=-1), (0,)),
        (ReplicationGroupSpec(num_node_groups=0, replicas_per_node_group=-1), (0,)),
    ],
)
def test_replicas_are_counted_per_shard(spec: ReplicationGroupSpec, counts: tuple[int, ...]) -> None:
    """There are several ways to say how many nodes there are."""
    assert replica_counts(spec) == counts


def test_what_is_not_known_is_not_guessed() -> None:
    """A count that only a deployment knows has no answer."""
    with pytest.raises(UndecidedError):
        replica_counts(ReplicationGroupSpec(num_cache_clusters=UNKNOWN))
