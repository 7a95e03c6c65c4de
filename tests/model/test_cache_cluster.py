"""Cache clusters, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.model.cache_cluster import CacheClusterSpec, check, check_change
from tests.model.case.cache_cluster import CLUSTER, REDIS


def problems(spec: CacheClusterSpec) -> list[tuple[str, str]]:
    """Return the rules that a cluster breaks, with the property."""
    return [(violation.rule_id, violation.property) for violation in check(spec)]


@pytest.mark.parametrize(("count", "says"), [(41, "40 nodes at once"), (61, "default quota of 60")])
def test_many_nodes_are_warned_of(count: int, says: str) -> None:
    """The API's text and the quota say different numbers."""
    (found,) = check(replace(CLUSTER, num_cache_nodes=count))

    assert (found.rule_id, found.level) == ("mc-nodes-quota", "warn")
    assert says in found.message


def test_what_is_wrong_is_reported_once() -> None:
    """A version or a node type that is none leaves the other rules silent."""
    assert problems(replace(CLUSTER, engine_version="newest")) == [("mc-version-format", "engine_version")]
    assert problems(replace(CLUSTER, cache_node_type="large")) == [("mc-node-type-exists", "cache_node_type")]
    assert problems(replace(CLUSTER, cache_node_type="cache.r6gd.xlarge")) == [("mc-r6gd", "cache_node_type")]
    assert problems(replace(CLUSTER, num_cache_nodes=0)) == [("mc-nodes", "num_cache_nodes")]


def test_a_cluster_without_number_of_nodes_lacks_it() -> None:
    """No rule counts what is not there."""
    assert problems(replace(CLUSTER, num_cache_nodes=None)) == [("mc-required", "num_cache_nodes")]


def test_one_zone_or_several() -> None:
    """Both at once say two things."""
    spec = replace(CLUSTER, preferred_availability_zone="a", preferred_availability_zones=("a", "b"))

    assert problems(spec) == [("mc-azs-count", "preferred_availability_zone")]


def test_ipv6_needs_a_version_and_a_node() -> None:
    """Both are named."""
    spec = replace(
        CLUSTER,
        engine_version="1.5.16",
        cache_node_type="cache.m4.large",
        network_type="ipv6",
        transit_encryption_enabled=False,
    )

    assert problems(spec) == [("mc-ipv6", "network_type"), ("mc-ipv6", "cache_node_type")]


def test_a_change_without_versions_keeps_the_version() -> None:
    """What is omitted stays as it is."""
    assert check_change(CLUSTER, replace(CLUSTER, engine_version=None)) == ()
    assert check_change(CLUSTER, replace(REDIS, engine_version="7.1")) != ()


def test_another_engine_is_no_downgrade() -> None:
    """CloudFormation makes a new cluster of it."""
    rules = {found.rule_id for found in check_change(CLUSTER, replace(REDIS, transit_encryption_enabled=True))}

    assert rules.isdisjoint({"mc-downgrade", "mc-upgrade-loses-data"})


def test_aws_says_which_downgrade_it_refuses() -> None:
    """The sentence names both versions."""
    found = check_change(CLUSTER, replace(CLUSTER, engine_version="1.6.17"))[0]

    assert found.aws_code == "InvalidParameterCombination"
    assert found.aws_message == "Cannot modify memcached from 1.6.22 to 1.6.17"
