"""Quotas."""

from __future__ import annotations

from elasticache_kit.model import quota


def test_the_numbers_that_rules_use_are_those_of_the_data() -> None:
    """A quota that is edited in one place only is noticed."""
    quotas = quota.quotas()

    assert quotas["nodes-per-shard"].value == quota.NODES_PER_SHARD
    assert quotas["replicas-per-shard"].value == quota.REPLICAS_PER_SHARD
    assert quotas["nodes-per-cluster-cme"].value == quota.NODES_PER_GROUP
    assert quotas["nodes-per-cluster-cme"].ceiling == quota.NODES_PER_GROUP_CEILING
    assert quotas["subnets-per-subnet-group"].value == quota.SUBNETS_PER_SUBNET_GROUP
    assert quotas["modify-parameters-per-call"].value == quota.PARAMETERS_PER_CALL
    assert quotas["nodes-per-memcached-cluster"].value == quota.NODES_PER_MEMCACHED_CLUSTER
    assert quotas["users-per-group"].value == quota.USERS_PER_GROUP
    assert quotas["user-groups-per-replication-group"].value == quota.USER_GROUPS_PER_REPLICATION_GROUP
    assert quotas["passwords-per-user"].value == quota.PASSWORDS_PER_USER
    assert quotas["global-secondaries"].value == quota.GLOBAL_SECONDARIES
    assert quotas["autoscaling-shards"].value == quota.AUTO_SCALING_SHARDS
    assert quotas["autoscaling-replicas"].value == quota.AUTO_SCALING_REPLICAS
    assert quotas["tags-per-resource"].value == quota.TAGS_PER_RESOURCE
    assert quotas["test-failover"].value == quota.TEST_FAILOVERS_PER_DAY


def test_every_quota_has_a_source() -> None:
    """Nothing is counted for no reason."""
    assert all(item.source for item in quota.quotas().values())
