"""Every rule: one spec that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.model import parameter, replication_group, subnet_group
from elasticache_kit.model.parameter import ParameterGroupSpec
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.model.rule import Violation, rule_facts
from elasticache_kit.model.rules_page import page
from elasticache_kit.model.subnet_group import SubnetGroupSpec

if TYPE_CHECKING:
    from pathlib import Path

GROUP = ReplicationGroupSpec(
    replication_group_id="orders",
    replication_group_description="Orders",
    engine="valkey",
    engine_version="9.0",
    cache_node_type="cache.t4g.small",
    num_cache_clusters=2,
    automatic_failover_enabled=True,
    multi_az_enabled=True,
    cache_subnet_group_name="private",
    subnet_zones=("a", "b"),
    transit_encryption_enabled=True,
    at_rest_encryption_enabled=True,
)
SHARDS = replace(
    GROUP,
    num_cache_clusters=None,
    num_node_groups=3,
    replicas_per_node_group=1,
    cache_parameter_group_name="default.valkey9.cluster.on",
)
REDIS = replace(GROUP, engine="redis", engine_version="7.1")
PARAMETERS = ParameterGroupSpec(cache_parameter_group_family="valkey9", description="Orders")
SUBNETS = SubnetGroupSpec(cache_subnet_group_name="private", description="Private", subnet_ids=("subnet-1",))


def shards(*node_groups: NodeGroupSpec, **properties: object) -> ReplicationGroupSpec:
    """Return a group in cluster mode with a NodeGroupConfiguration."""
    return replace(SHARDS, **{"num_node_groups": None, "node_group_configuration": node_groups, **properties})


def parameters(family: str = "valkey9", **values: str) -> ParameterGroupSpec:
    """Return a parameter group; `maxmemory_policy` stands for `maxmemory-policy`."""
    return replace(
        PARAMETERS,
        cache_parameter_group_family=family,
        parameters={name.replace("_", "-"): value for name, value in values.items()},
    )


SPECS: dict[str, tuple[ReplicationGroupSpec, ReplicationGroupSpec]] = {
    "rg-description-required": (replace(GROUP, replication_group_description=None), GROUP),
    "rg-description-length": (
        replace(GROUP, replication_group_description="x" * 256),
        replace(GROUP, replication_group_description="x" * 255),
    ),
    "rg-id-format": (replace(GROUP, replication_group_id="o" * 41), replace(GROUP, replication_group_id="O" * 40)),
    "rg-engine": (replace(GROUP, engine="memcached"), replace(GROUP, engine="redis")),
    "rg-engine-version-format": (replace(REDIS, engine_version="6.2.6"), replace(REDIS, engine_version="6.x")),
    "rg-engine-version-exists": (replace(REDIS, engine_version="7.2"), REDIS),
    "rg-engine-version-known": (replace(GROUP, engine_version="9.9"), replace(GROUP, engine_version="9.1")),
    "rg-auto-minor": (
        replace(REDIS, engine_version="5.0.6", auto_minor_version_upgrade=True),
        replace(REDIS, engine_version="6.0", auto_minor_version_upgrade=True),
    ),
    "rg-num-cache-clusters-range": (replace(GROUP, num_cache_clusters=7), replace(GROUP, num_cache_clusters=6)),
    "rg-num-node-groups-range": (replace(SHARDS, num_node_groups=0), replace(SHARDS, num_node_groups=1)),
    "rg-replicas-range": (replace(SHARDS, replicas_per_node_group=6), replace(SHARDS, replicas_per_node_group=5)),
    "rg-sizing-exclusive": (replace(GROUP, replicas_per_node_group=1), replace(GROUP, num_node_groups=1)),
    "rg-ngc-or-num": (
        shards(NodeGroupSpec(), NodeGroupSpec(), num_node_groups=3),
        shards(NodeGroupSpec(), NodeGroupSpec(), num_node_groups=2),
    ),
    "rg-ngc-id": (shards(NodeGroupSpec(node_group_id="00001")), shards(NodeGroupSpec(node_group_id="0001"))),
    "rg-ngc-id-unique": (
        shards(NodeGroupSpec(node_group_id="1"), NodeGroupSpec(node_group_id="0001")),
        shards(NodeGroupSpec(node_group_id="1"), NodeGroupSpec(node_group_id="0002")),
    ),
    "rg-slots": (shards(NodeGroupSpec(slots="0-16384")), shards(NodeGroupSpec(slots="0-16383"))),
    "rg-slots-cover": (
        shards(NodeGroupSpec(slots="0-8191"), NodeGroupSpec(slots="8191-16383")),
        shards(NodeGroupSpec(slots="0-8191"), NodeGroupSpec(slots="8192-16383")),
    ),
    "rg-shard-limit": (
        replace(SHARDS, num_node_groups=251, replicas_per_node_group=1),
        replace(SHARDS, num_node_groups=250, replicas_per_node_group=1),
    ),
    "rg-shard-quota": (
        replace(SHARDS, num_node_groups=46, replicas_per_node_group=1),
        replace(SHARDS, num_node_groups=45, replicas_per_node_group=1),
    ),
    "rg-cluster-mode-values": (replace(GROUP, cluster_mode="on"), replace(GROUP, cluster_mode="disabled")),
    "rg-cluster-mode-one-shard": (
        replace(SHARDS, cluster_mode="disabled", num_node_groups=2),
        replace(SHARDS, cluster_mode="disabled", num_node_groups=1),
    ),
    "rg-cluster-mode-compatible-needs": (
        replace(REDIS, cluster_mode="compatible", engine_version="6.2"),
        replace(REDIS, cluster_mode="compatible", engine_version="7.0"),
    ),
    "rg-failover-needs-replica": (replace(GROUP, num_cache_clusters=1), replace(GROUP, num_cache_clusters=2)),
    "rg-failover-single-node-cme": (
        replace(SHARDS, replicas_per_node_group=0),
        shards(NodeGroupSpec(replica_count=0), NodeGroupSpec(replica_count=1)),
    ),
    "rg-cme-needs-failover": (replace(SHARDS, automatic_failover_enabled=None), SHARDS),
    "rg-multiaz-needs-failover": (
        replace(GROUP, automatic_failover_enabled=False),
        replace(GROUP, automatic_failover_enabled=False, multi_az_enabled=False),
    ),
    "rg-multiaz-needs-replica": (
        shards(NodeGroupSpec(replica_count=1), NodeGroupSpec(replica_count=0)),
        shards(NodeGroupSpec(replica_count=1), NodeGroupSpec(replica_count=1)),
    ),
    "rg-multiaz-two-zones": (
        replace(GROUP, preferred_cache_cluster_azs=("a", "a")),
        replace(GROUP, preferred_cache_cluster_azs=("a", "b")),
    ),
    "rg-preferred-azs-count": (
        replace(GROUP, preferred_cache_cluster_azs=("a", "b", "a")),
        replace(GROUP, preferred_cache_cluster_azs=("a", "b")),
    ),
    "rg-ngc-replica-azs-count": (
        shards(NodeGroupSpec(replica_availability_zones=("a", "b"), replica_count=1)),
        shards(NodeGroupSpec(replica_availability_zones=("b",))),
    ),
    "rg-azs-in-subnet-group": (
        replace(GROUP, preferred_cache_cluster_azs=("a", "c")),
        replace(GROUP, preferred_cache_cluster_azs=("a", "b")),
    ),
    "rg-node-type-exists": (
        replace(GROUP, cache_node_type="cache.m6g.24xlarge"),
        replace(GROUP, cache_node_type="cache.m6g.16xlarge"),
    ),
    "rg-node-type-known": (
        replace(GROUP, cache_node_type="cache.r99g.large"),
        replace(GROUP, cache_node_type="cache.r7g.large"),
    ),
    "rg-t2-closed": (
        replace(GROUP, cache_node_type="cache.t2.micro"),
        replace(GROUP, cache_node_type="cache.t3.micro"),
    ),
    "rg-prev-generation": (
        replace(REDIS, cache_node_type="cache.m3.large"),
        replace(REDIS, cache_node_type="cache.m4.large"),
    ),
    "rg-t1-no-failover": (
        replace(REDIS, cache_node_type="cache.t1.micro"),
        replace(REDIS, cache_node_type="cache.t1.micro", automatic_failover_enabled=False, multi_az_enabled=False),
    ),
    "rg-tiering-must": (
        replace(GROUP, cache_node_type="cache.r6gd.xlarge"),
        replace(GROUP, cache_node_type="cache.r6g.xlarge"),
    ),
    "rg-tiering-version": (
        replace(REDIS, cache_node_type="cache.r6gd.xlarge", engine_version="6.0"),
        replace(REDIS, cache_node_type="cache.r6gd.xlarge", engine_version="6.2"),
    ),
    "rg-valkey-tls-explicit": (
        replace(GROUP, transit_encryption_enabled=None),
        replace(GROUP, transit_encryption_enabled=False),
    ),
    "rg-tls-versions": (replace(REDIS, engine_version="3.2.10"), replace(REDIS, engine_version="3.2.6")),
    "rg-tls-subnet-group": (
        replace(GROUP, cache_subnet_group_name=None),
        replace(GROUP, cache_subnet_group_name=None, transit_encryption_enabled=False),
    ),
    "rg-tls-mode-values": (
        replace(GROUP, transit_encryption_mode="on"),
        replace(GROUP, transit_encryption_mode="preferred"),
    ),
    "rg-tls-mode-needs-tls": (
        replace(GROUP, transit_encryption_mode="required", transit_encryption_enabled=False),
        replace(GROUP, transit_encryption_mode="required"),
    ),
    "rg-atrest-versions": (replace(REDIS, engine_version="3.2.10"), replace(REDIS, engine_version="4.0.10")),
    "rg-atrest-node-families": (
        replace(GROUP, cache_node_type="cache.t2.micro"),
        replace(GROUP, cache_node_type="cache.t3.micro"),
    ),
    # What is not given is on for valkey and off for redis.
    "rg-kms-needs-atrest": (
        replace(REDIS, at_rest_encryption_enabled=None, kms_key_id="key"),
        replace(GROUP, at_rest_encryption_enabled=None, kms_key_id="key"),
    ),
    "rg-multi-shard-needs-cme-parameter-group": (
        replace(SHARDS, cache_parameter_group_name="default.valkey9"),
        replace(SHARDS, cache_parameter_group_name="ours", parameter_group_cluster_enabled=True),
    ),
    "rg-one-shard-default-group": (
        replace(SHARDS, num_node_groups=1, cache_parameter_group_name=None),
        replace(SHARDS, num_node_groups=1, cache_parameter_group_name=None, cluster_mode="disabled"),
    ),
    "pg-family-match": (
        replace(GROUP, cache_parameter_group_name="default.valkey8"),
        replace(GROUP, cache_parameter_group_name="ours", parameter_group_family="valkey9"),
    ),
    "pg-default-exists": (
        replace(GROUP, cache_parameter_group_name="default.valkey9.0"),
        replace(GROUP, cache_parameter_group_name="Default.Valkey9"),
    ),
    "rg-port": (replace(GROUP, port=65536), replace(GROUP, port=65535)),
    "rg-port-range": (replace(GROUP, port=1149), replace(GROUP, port=1150)),
    "bk-retention": (replace(GROUP, snapshot_retention_limit=36), replace(GROUP, snapshot_retention_limit=35)),
    "bk-window-format": (replace(GROUP, snapshot_window="23:30-00:29"), replace(GROUP, snapshot_window="23:30-00:30")),
    "bk-maintenance-format": (
        replace(GROUP, preferred_maintenance_window="sat:23:30-sun:00:29"),
        replace(GROUP, preferred_maintenance_window="sat:23:30-sun:00:30"),
    ),
    "bk-windows-overlap": (
        replace(GROUP, snapshot_window="05:00-06:01", preferred_maintenance_window="sun:06:00-sun:07:00"),
        replace(GROUP, snapshot_window="05:00-06:00", preferred_maintenance_window="sun:06:00-sun:07:00"),
    ),
    "bk-window-without-retention": (
        replace(GROUP, snapshot_window="05:00-06:00", snapshot_retention_limit=0),
        replace(GROUP, snapshot_window="05:00-06:00", snapshot_retention_limit=1),
    ),
}

CHANGES: dict[str, tuple[tuple[ReplicationGroupSpec, ReplicationGroupSpec], ...]] = {
    "rg-cluster-mode-path": (
        (GROUP, replace(GROUP, cluster_mode="enabled")),
        (GROUP, replace(GROUP, cluster_mode="compatible")),
    ),
    "rg-cluster-mode-alone": (
        (GROUP, replace(GROUP, cluster_mode="compatible", snapshot_retention_limit=1)),
        (GROUP, replace(GROUP, cluster_mode="compatible", cache_parameter_group_name="default.valkey9.cluster.on")),
    ),
    "rg-tls-mode-versions": (
        (
            replace(REDIS, engine_version="6.2", transit_encryption_enabled=False),
            replace(REDIS, engine_version="6.2", transit_encryption_mode="preferred"),
        ),
        (
            replace(REDIS, engine_version="7.0", transit_encryption_enabled=False),
            replace(REDIS, engine_version="7.0", transit_encryption_mode="preferred"),
        ),
    ),
    "rg-tls-enable-two-steps": (
        (replace(GROUP, transit_encryption_enabled=False), replace(GROUP, transit_encryption_mode="required")),
        (replace(GROUP, transit_encryption_mode="preferred"), replace(GROUP, transit_encryption_mode="required")),
    ),
    "rg-engine-downgrade": (
        (replace(GROUP, engine_version="8.0"), REDIS),
        (replace(GROUP, engine_version="7.2"), REDIS),
    ),
    "rg-cross-engine": (
        (replace(REDIS, cache_parameter_group_name="ours"), replace(GROUP, cache_parameter_group_name="ours")),
        (replace(REDIS, cache_parameter_group_name="ours"), replace(GROUP, cache_parameter_group_name="theirs")),
    ),
    "rg-scale-in-replicas": (
        (GROUP, replace(GROUP, num_cache_clusters=1)),
        (replace(GROUP, num_cache_clusters=3), GROUP),
    ),
    "rg-tiering-no-switch": (
        (replace(GROUP, cache_node_type="cache.r6gd.xlarge"), replace(GROUP, cache_node_type="cache.r6g.xlarge")),
        (replace(GROUP, cache_node_type="cache.r6gd.xlarge"), replace(GROUP, cache_node_type="cache.r6gd.2xlarge")),
    ),
}

PARAMETER_GROUPS: dict[str, tuple[ParameterGroupSpec, ParameterGroupSpec]] = {
    "pg-name": (
        replace(PARAMETERS, cache_parameter_group_name="p" * 256),
        replace(PARAMETERS, cache_parameter_group_name="p" * 255),
    ),
    "pg-family-required": (replace(PARAMETERS, cache_parameter_group_family=None), PARAMETERS),
    "pg-family-exists": (parameters("valkey6"), parameters("redis3.2")),
    "pg-family-known": (parameters("valkey10"), parameters("valkey9")),
    "pg-description-required": (replace(PARAMETERS, description=None), PARAMETERS),
    "pg-parameter-exists": (parameters(maxmemory_polic="noeviction"), parameters(maxmemory_policy="noeviction")),
    "pg-parameter-listed": (parameters("redis2.8", timeouts="0"), parameters("redis2.8", hash_max_ziplist_value="0")),
    "rg-aof-gone": (parameters(appendonly="yes"), parameters("redis2.8", appendonly="yes")),
    "pg-not-modifiable": (parameters(maxmemory="1"), parameters(cluster_enabled="yes")),
    "pg-value-type": (parameters(timeout="never"), parameters(timeout="20")),
    "pg-value-allowed": (parameters(timeout="19"), parameters(timeout="20")),
}

SUBNET_GROUPS: dict[str, tuple[SubnetGroupSpec, SubnetGroupSpec]] = {
    "sg-name": (
        replace(SUBNETS, cache_subnet_group_name="private_a"),
        replace(SUBNETS, cache_subnet_group_name="private-a"),
    ),
    "sg-description-required": (replace(SUBNETS, description=None), SUBNETS),
    "sg-subnets-required": (replace(SUBNETS, subnet_ids=()), SUBNETS),
    "sg-subnets-quota": (
        replace(SUBNETS, subnet_ids=("subnet-1",) * 21),
        replace(SUBNETS, subnet_ids=("subnet-1",) * 20),
    ),
}


def ids(violations: tuple[Violation, ...]) -> set[str]:
    """Return the rules that were broken."""
    return {violation.rule_id for violation in violations}


@pytest.mark.parametrize("rule_id", SPECS)
def test_a_replication_group_breaks_the_rule_and_another_just_keeps_it(rule_id: str) -> None:
    """A rule fires for the spec beyond its limit, and not for the one on it."""
    broken, kept = SPECS[rule_id]

    assert rule_id in ids(replication_group.check(broken))
    assert rule_id not in ids(replication_group.check(kept))


@pytest.mark.parametrize("rule_id", CHANGES)
def test_a_change_breaks_the_rule_and_another_just_keeps_it(rule_id: str) -> None:
    """A rule of changes fires for the change beyond its limit, and not for the one on it."""
    broken, kept = CHANGES[rule_id]

    assert rule_id in ids(replication_group.check_change(*broken))
    assert rule_id not in ids(replication_group.check_change(*kept))


@pytest.mark.parametrize("rule_id", PARAMETER_GROUPS)
def test_a_parameter_group_breaks_the_rule_and_another_just_keeps_it(rule_id: str) -> None:
    """A rule of parameter groups fires for the spec beyond its limit, and not for the one on it."""
    broken, kept = PARAMETER_GROUPS[rule_id]

    assert rule_id in ids(parameter.check(broken))
    assert rule_id not in ids(parameter.check(kept))


@pytest.mark.parametrize("rule_id", SUBNET_GROUPS)
def test_a_subnet_group_breaks_the_rule_and_another_just_keeps_it(rule_id: str) -> None:
    """A rule of subnet groups fires for the spec beyond its limit, and not for the one on it."""
    broken, kept = SUBNET_GROUPS[rule_id]

    assert rule_id in ids(subnet_group.check(broken))
    assert rule_id not in ids(subnet_group.check(kept))


def test_no_rule_lacks_its_specs() -> None:
    """The tables above name every rule of the data, each once."""
    named = [*SPECS, *CHANGES, *PARAMETER_GROUPS, *SUBNET_GROUPS]

    assert sorted(named) == sorted(fact["id"] for fact in rule_facts())


@pytest.mark.parametrize("spec", [GROUP, SHARDS, REDIS], ids=["valkey", "shards", "redis"])
def test_a_good_replication_group_breaks_nothing(spec: ReplicationGroupSpec) -> None:
    """What the tables start from is without fault, so that each of them changes one thing."""
    assert replication_group.check(spec) == ()


def test_a_good_parameter_or_subnet_group_breaks_nothing() -> None:
    """What the tables start from is without fault."""
    assert parameter.check(PARAMETERS) == ()
    assert subnet_group.check(SUBNETS) == ()


def test_a_rule_without_a_source_only_warns() -> None:
    """Nothing is refused for a guess."""
    guesses = [fact for fact in rule_facts() if all(source.startswith("UNSOURCED") for source in fact["source"])]

    assert guesses
    assert {fact["level"] for fact in guesses} == {"warn"}


def test_the_page_of_rules_is_current(pytestconfig: pytest.Config) -> None:
    """docs/rules.md is what the data says; else run `python -m elasticache_kit.model.rules_page > docs/rules.md`."""
    path: Path = pytestconfig.rootpath / "docs" / "rules.md"

    assert path.read_text(encoding="utf-8") == page()
