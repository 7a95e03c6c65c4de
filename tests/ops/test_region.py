"""Observing all caches of a Region, of every Region, and of moto alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elasticache_kit.ops import region
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def test_every_kind_of_cache_is_seen(account: Session) -> None:
    """Groups, clusters of their own and serverless caches, each once."""
    client: Any = account.act
    make_group(account)
    make_sharded(account, "shards", 3, SnapshotRetentionLimit=3)
    client.create_cache_cluster(
        CacheClusterId="words", Engine="memcached", CacheNodeType="cache.m7g.large", NumCacheNodes=2
    )
    client.create_serverless_cache(ServerlessCacheName="carts", Engine="valkey")

    found = region.observe(account)

    assert [item.replication_group_id for item in found.replication_groups] == ["orders", "shards"]
    assert [item.slots for item in found.replication_groups[1].node_groups] == ["0-5461", "5462-10922", "10923-16383"]
    assert [(item.cache_cluster_id, len(item.nodes)) for item in found.cache_clusters] == [("words", 2)]
    assert [item.serverless_cache_name for item in found.serverless_caches] == ["carts"]
    assert {item.cache_id for item in found.updates} == {"orders", "shards", "words"}
    assert (found.unknown, found.empty) == ((), False)


def test_a_group_has_what_the_rulebook_judges(account: Session) -> None:
    """Its spec is what a template would say of it."""
    make_sharded(account, "shards", 3)

    (group,) = region.observe(account).replication_groups

    assert (group.spec.num_node_groups, group.spec.replicas_per_node_group) == (3, 1)
    assert (group.spec.engine, group.spec.engine_version, group.cluster_mode) == ("valkey", "8.1", "enabled")
    assert group.account == "123456789012"


def test_an_empty_region_is_asked_for_no_updates_and_metrics(account: Session) -> None:
    """What needs a permission is not asked where there is nothing to ask about."""
    assert region.observe(account) == region.Region("us-east-1")


def test_with_moto_alone_what_it_has_is_seen_and_the_rest_is_named(moto_alone: Session) -> None:
    """Groups are there, and it is said what nobody answered."""
    make_group(moto_alone)

    found = region.observe(moto_alone)

    assert [item.replication_group_id for item in found.replication_groups] == ["orders"]
    assert [item.partition(":")[0] for item in found.unknown] == ["serverless caches", "service updates"]
    assert "moto alone has only a part of ElastiCache" in found.unknown[0]
