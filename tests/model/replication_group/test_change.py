"""Changes of a replication group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec, check_change
from elasticache_kit.model.unknown import UNKNOWN

GROUP = ReplicationGroupSpec(
    engine="valkey", engine_version="9.0", cache_node_type="cache.t4g.small", num_cache_clusters=2
)
COMPATIBLE = replace(GROUP, cluster_mode="compatible")
SHARDS = replace(GROUP, num_cache_clusters=None, num_node_groups=2, replicas_per_node_group=1)


def problems(old: ReplicationGroupSpec, new: ReplicationGroupSpec) -> list[tuple[str, str]]:
    """Return the rules that a change breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check_change(old, new)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("disabled", "compatible"), ("compatible", "enabled"), ("compatible", "disabled"), ("enabled", "enabled")],
)
def test_cluster_mode_goes_through_compatible(old: str, new: str) -> None:
    """These are the ways that there are."""
    assert problems(replace(GROUP, cluster_mode=old), replace(GROUP, cluster_mode=new)) == []


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ("disabled", "enabled", "set cluster_mode='compatible' first, and 'enabled' in a later change"),
        ("enabled", "disabled", "leave it enabled"),
        ("enabled", "compatible", "leave it enabled"),
    ],
)
def test_cluster_mode_goes_no_other_way(old: str, new: str, remedy: str) -> None:
    """There is no short cut, and no way back from enabled."""
    (found,) = check_change(replace(GROUP, cluster_mode=old), replace(GROUP, cluster_mode=new))

    assert (found.rule_id, found.value, found.remedy) == ("rg-cluster-mode-path", new, remedy)


def test_scaling_in_to_one_shard_leaves_cluster_mode_on() -> None:
    """Only ClusterMode and the parameter group speak of it in a change."""
    assert problems(SHARDS, replace(SHARDS, num_node_groups=1)) == []


def test_a_parameter_group_can_carry_the_change() -> None:
    """A group in cluster mode cannot take one without cluster-enabled."""
    old = replace(SHARDS, num_node_groups=1, cache_parameter_group_name="default.valkey9.cluster.on")

    assert problems(old, replace(old, cache_parameter_group_name="default.valkey9")) == [
        ("rg-cluster-mode-path", "cluster_mode")
    ]


def test_the_same_size_may_be_said_in_other_words() -> None:
    """With cluster mode come other properties for the number of nodes."""
    new = replace(COMPATIBLE, num_cache_clusters=None, num_node_groups=1, replicas_per_node_group=1)

    assert problems(GROUP, new) == []
    assert problems(GROUP, replace(new, replicas_per_node_group=2)) == [
        ("rg-cluster-mode-alone", "replicas_per_node_group")
    ]
    assert problems(GROUP, replace(COMPATIBLE, num_cache_clusters=3)) == [
        ("rg-cluster-mode-alone", "num_cache_clusters")
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("cache_node_type", "cache.t4g.medium"), ("engine_version", "9.1"), ("num_cache_clusters", 3)],
)
def test_in_mode_compatible_nothing_is_scaled_or_upgraded(name: str, value: object) -> None:
    """What changes neither may change."""
    assert problems(COMPATIBLE, replace(COMPATIBLE, **{name: value})) == [("rg-cluster-mode-alone", name)]
    assert problems(COMPATIBLE, replace(COMPATIBLE, snapshot_retention_limit=1)) == []
    assert problems(GROUP, replace(GROUP, **{name: value})) == []


def test_every_property_that_changes_with_cluster_mode_is_named() -> None:
    """All of them at once; one that is not known is not said to change."""
    new = replace(COMPATIBLE, multi_az_enabled=True, snapshot_retention_limit=1, port=UNKNOWN)

    assert problems(GROUP, new) == [
        ("rg-cluster-mode-alone", "multi_az_enabled"),
        ("rg-cluster-mode-alone", "snapshot_retention_limit"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("valkey", "8.0"), ("valkey", "9.0")),
        (("redis", "5.0.6"), ("redis", "7.1")),
        (("redis", "6.2"), ("redis", "6.x")),
        (("redis", "7.1"), ("valkey", "7.2")),
        (("valkey", "7.2"), ("redis", "7.1")),
        (("valkey", None), ("valkey", "7.2")),
        (("valkey", "9.0"), ("valkey", None)),
    ],
)
def test_versions_go_up(old: tuple[str, str | None], new: tuple[str, str | None]) -> None:
    """Or to the other engine; of a version that is not given nothing is said."""
    before, after = (ReplicationGroupSpec(engine=engine, engine_version=version) for engine, version in (old, new))

    assert problems(before, after) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "name"),
    [
        (("valkey", "9.1"), ("valkey", "9.0"), "rg-engine-downgrade", "engine_version"),
        (("redis", "7.0"), ("redis", "6.x"), "rg-engine-downgrade", "engine_version"),
        (("valkey", "8.0"), ("redis", "7.1"), "rg-engine-downgrade", "engine"),
        (("valkey", "7.2"), ("redis", "7.0"), "rg-engine-downgrade", "engine"),
    ],
)
def test_versions_never_go_down(old: tuple[str, str], new: tuple[str, str], rule: str, name: str) -> None:
    """There is one way back from valkey to redis."""
    before, after = (ReplicationGroupSpec(engine=engine, engine_version=version) for engine, version in (old, new))

    assert problems(before, after) == [(rule, name)]


def test_a_default_parameter_group_changes_with_the_engine_by_itself() -> None:
    """Only a group of one's own has to be replaced."""
    redis = ReplicationGroupSpec(engine="redis", engine_version="7.1", cache_parameter_group_name="default.redis7")

    assert problems(redis, replace(redis, engine="valkey", engine_version="8.0")) == []


def test_replicas_may_go_where_multi_az_is_off() -> None:
    """And in cluster mode, where each shard may do without."""
    one = replace(GROUP, num_cache_clusters=1)
    none_left = replace(SHARDS, replicas_per_node_group=0, multi_az_enabled=True)

    assert problems(GROUP, one) == []
    assert problems(replace(SHARDS, multi_az_enabled=True), none_left) == []
    assert problems(replace(GROUP, multi_az_enabled=True), one) == [("rg-scale-in-replicas", "num_cache_clusters")]


def test_a_shard_may_get_other_replicas() -> None:
    """NodeGroupConfiguration is compared by what it comes to."""
    old = replace(SHARDS, num_node_groups=None, node_group_configuration=(NodeGroupSpec(), NodeGroupSpec()))

    assert problems(old, replace(old, replicas_per_node_group=2)) == []
