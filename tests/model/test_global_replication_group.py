"""Global datastores, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.global_replication_group import GlobalReplicationGroupSpec, check
from elasticache_kit.model.global_replication_group.prefix import global_replication_group_id, prefixes
from elasticache_kit.model.replication_group import NodeGroupSpec
from elasticache_kit.model.unknown import UNKNOWN
from tests.model.case.global_replication_group import DATASTORE, PRIMARY, PRIMARY_GROUP, SECONDARY, of
from tests.model.case.replication_group_option import SECONDARY as SECONDARY_GROUP


def problems(spec: GlobalReplicationGroupSpec) -> list[str]:
    """Return the rules that a global datastore breaks."""
    return [violation.rule_id for violation in check(spec)]


@pytest.mark.parametrize(
    "spec",
    [
        replace(DATASTORE, members=None),
        replace(DATASTORE, members=()),
        replace(DATASTORE, members=(SECONDARY,)),
        replace(DATASTORE, members=(PRIMARY, replace(SECONDARY, role="PRIMARY"))),
        replace(DATASTORE, members=(PRIMARY, replace(SECONDARY, role="REPLICA"))),
    ],
)
def test_there_is_one_primary(spec: GlobalReplicationGroupSpec) -> None:
    """None, two, and a role that does not exist are refused."""
    assert "gl-members" in problems(spec)


def test_members_of_which_nothing_is_known_are_not_judged() -> None:
    """They are in other stacks."""
    unseen = [replace(member, replication_group=None) for member in (PRIMARY, SECONDARY)]

    assert problems(replace(DATASTORE, members=tuple(unseen))) == []
    assert problems(replace(DATASTORE, members=(replace(PRIMARY, replication_group=UNKNOWN), unseen[1]))) == []
    assert problems(replace(DATASTORE, members=(replace(PRIMARY, role=UNKNOWN), SECONDARY))) == []


def test_the_shards_are_counted_whichever_way_they_are_given() -> None:
    """A number and a configuration can say the same."""
    sharded = replace(PRIMARY_GROUP, num_cache_clusters=None, num_node_groups=2, replicas_per_node_group=1)
    configured = replace(sharded, num_node_groups=None, node_group_configuration=(NodeGroupSpec(), NodeGroupSpec()))

    assert problems(of(sharded, configured)) == []
    assert problems(of(replace(sharded, num_node_groups=3), configured)) == ["gl-same-shape"]


def test_a_secondary_with_nodes_of_its_own_is_compared() -> None:
    """The message names both."""
    (found,) = check(of(PRIMARY_GROUP, replace(PRIMARY_GROUP, cache_node_type="cache.r7g.xlarge")))

    assert found.value == "cache.r7g.large and cache.r7g.xlarge"


@pytest.mark.parametrize("name", ["cache.t4g.medium", "cache.r99g.small"])
def test_small_nodes_are_not_for_it(name: str) -> None:
    """Nor is a small node of a family that is not known."""
    assert problems(replace(DATASTORE, cache_node_type=name)) == ["gl-node-family"]


def test_what_is_no_node_type_is_left_to_another_rule() -> None:
    """The replication group says it."""
    assert problems(replace(DATASTORE, cache_node_type="large")) == []


def test_without_failover_a_secondary_needs_no_replica() -> None:
    """It takes after the primary."""
    alone = replace(PRIMARY_GROUP, automatic_failover_enabled=False, multi_az_enabled=False)

    assert problems(of(alone, replace(SECONDARY_GROUP, num_cache_clusters=1))) == []


@pytest.mark.parametrize(
    "tags",
    [
        {f"key-{number}": "x" for number in range(51)},
        {"": "x"},
        {"k" * 129: "x"},
        {"key": "x" * 257},
        {"key": "é"},
        {"k#y": "x"},
    ],
)
def test_tags_have_bounds(tags: dict[str, str]) -> None:
    """Their number, their lengths and their characters."""
    assert problems(replace(DATASTORE, tags=tags)) == ["gl-tags"]


def test_the_prefix_follows_from_the_region_of_the_primary() -> None:
    """AWS publishes one for each Region, five small letters, and no two are the same."""
    assert global_replication_group_id("us-east-1", "orders") == "ldgnf-orders"
    assert global_replication_group_id("mx-central-1", "orders") is None
    assert len(set(prefixes().values())) == len(prefixes()) == 20
    assert all(len(prefix) == 5 and prefix.isalpha() and prefix.islower() for prefix in prefixes().values())
