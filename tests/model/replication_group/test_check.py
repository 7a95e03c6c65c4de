"""Rules of replication groups that have more than one side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec, check
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation

GROUP = ReplicationGroupSpec(
    replication_group_id="orders",
    replication_group_description="Orders",
    engine="valkey",
    engine_version="9.0",
    cache_node_type="cache.t4g.small",
    num_cache_clusters=2,
    automatic_failover_enabled=True,
    cache_subnet_group_name="private",
    transit_encryption_enabled=True,
)
SHARDS = replace(
    GROUP,
    num_cache_clusters=None,
    num_node_groups=2,
    replicas_per_node_group=1,
    cache_parameter_group_name="default.valkey9.cluster.on",
)
REDIS = replace(GROUP, engine="redis", engine_version="7.1")


def only(spec: ReplicationGroupSpec) -> Violation:
    """Return the one violation of a spec."""
    (found,) = check(spec)
    return found


def rules(spec: ReplicationGroupSpec) -> list[str]:
    """Return the rules that a spec breaks."""
    return [violation.rule_id for violation in check(spec)]


def configured(*node_groups: NodeGroupSpec) -> ReplicationGroupSpec:
    """Return a group in cluster mode with a NodeGroupConfiguration."""
    return replace(SHARDS, num_node_groups=None, node_group_configuration=node_groups)


def test_an_empty_request_shows_what_is_needed() -> None:
    """The engine is redis where nothing is said, so TLS may stay open."""
    assert rules(ReplicationGroupSpec()) == ["rg-description-required", "rg-node-type-required"]


@pytest.mark.parametrize(
    ("name", "message", "aws_message"),
    [
        ("o" * 41, "the id is longer than 40 characters", "Replication Group ID cannot be longer than 40 characters."),
        ("1orders", "the id does not begin with a letter", None),
    ],
)
def test_aws_has_a_sentence_for_a_long_id(name: str, message: str, aws_message: str | None) -> None:
    """Other mistakes get none that a source quotes."""
    found = only(replace(GROUP, replication_group_id=name))

    assert (found.message, found.aws_message) == (message, aws_message)


@pytest.mark.parametrize(
    ("engine", "version", "remedy"),
    [
        ("valkey", "9.0.1", "take engine_version='9.0'"),
        ("redis", "6.2.6", "take engine_version='6.2'"),
        ("redis", "5.0", "take one of '4.0.10', '5.0.6', '6.0', '6.2', '7.0', '7.1'"),
        ("valkey", "nine", "take one of '7.2', '8.0', '8.1', '8.2', '9.0', '9.1'"),
    ],
)
def test_a_version_in_the_wrong_form_gets_one_in_the_right_form(engine: str, version: str, remedy: str) -> None:
    """And nothing else is said of it."""
    found = only(replace(GROUP, engine=engine, engine_version=version, cache_node_type="cache.m5.large"))

    assert (found.rule_id, found.remedy) == ("rg-engine-version-format", remedy)


def test_redis_after_7_1_is_sent_to_valkey() -> None:
    """It does not exist, so it is not "not known" as well."""
    found = only(replace(REDIS, engine_version="7.2"))

    assert found.rule_id == "rg-engine-version-exists"
    assert found.remedy == "take engine_version='7.1', or engine='valkey' with '9.1'"


def test_a_version_that_aws_has_retired_is_doubtful() -> None:
    """No page says that it is refused."""
    found = only(replace(REDIS, engine_version="3.2.6", cache_node_type=None, snapshot_name="orders-old"))

    assert (found.rule_id, found.level) == ("rg-engine-version-known", "warn")


@pytest.mark.parametrize(
    ("spec", "name", "remedy"),
    [
        (
            replace(GROUP, num_cache_clusters=None),
            "num_cache_clusters",
            "set num_cache_clusters to 2 or more, or automatic_failover_enabled=False",
        ),
        (
            replace(GROUP, num_cache_clusters=None, replicas_per_node_group=0),
            "replicas_per_node_group",
            "set replicas_per_node_group to 1 or more, or automatic_failover_enabled=False",
        ),
        (
            replace(GROUP, num_cache_clusters=None, node_group_configuration=(NodeGroupSpec(replica_count=0),)),
            "node_group_configuration",
            "set replica_count to 1 or more in every node_group_configuration, or automatic_failover_enabled=False",
        ),
    ],
)
def test_the_remedy_speaks_of_the_property_that_was_used(spec: ReplicationGroupSpec, name: str, remedy: str) -> None:
    """There are three ways to say how many nodes there are."""
    found = only(spec)

    assert (found.rule_id, found.property, found.remedy) == ("rg-failover-needs-replica", name, remedy)


def test_one_node_in_cluster_mode_is_legal_with_failover() -> None:
    """It is risky, and that is all."""
    found = only(replace(SHARDS, num_node_groups=1, replicas_per_node_group=0))

    assert (found.rule_id, found.level) == ("rg-failover-single-node-cme", "warn")


def test_multi_az_needs_two_zones_wherever_they_are_named() -> None:
    """In the subnet group, in PreferredCacheClusterAZs, in NodeGroupConfiguration."""
    group = replace(GROUP, multi_az_enabled=True)
    node_groups = (
        NodeGroupSpec(primary_availability_zone="a", replica_availability_zones=("a",)),
        NodeGroupSpec(primary_availability_zone="a", replica_availability_zones=("b",)),
    )

    assert only(replace(group, subnet_zones=("a", "a"))).message.endswith("the subnet group has a only")
    assert only(replace(group, preferred_cache_cluster_azs=("a", "a"))).property == "preferred_cache_cluster_azs"
    assert only(replace(configured(*node_groups), multi_az_enabled=True)).property == "node_group_configuration[0]"


def test_every_zone_outside_the_subnet_group_is_named() -> None:
    """In each property that names one."""
    spec = replace(
        configured(
            NodeGroupSpec(primary_availability_zone="c", replica_availability_zones=("a",)),
            NodeGroupSpec(primary_availability_zone="a", replica_availability_zones=("d",)),
        ),
        subnet_zones=("a", "b"),
    )

    assert [violation.property for violation in check(spec)] == [
        "node_group_configuration[0].primary_availability_zone",
        "node_group_configuration[1].replica_availability_zones",
    ]
    assert check(replace(spec, subnet_zones=UNKNOWN)) == ()


def test_preferred_zones_go_with_one_shard() -> None:
    """The zones of several are named one by one."""
    found = only(replace(SHARDS, preferred_cache_cluster_azs=("a", "b")))

    assert found.message == "it goes with 1 shard only, not with 2"


def test_the_common_number_of_replicas_counts_where_a_shard_gives_none() -> None:
    """And zones alone tell the number themselves."""
    assert rules(configured(NodeGroupSpec(replica_availability_zones=("a", "b")), NodeGroupSpec())) == [
        "rg-ngc-replica-azs-count"
    ]
    assert (
        rules(replace(configured(NodeGroupSpec(replica_availability_zones=("a", "b"))), replicas_per_node_group=None))
        == []
    )


def test_every_replica_count_is_looked_at() -> None:
    """The common one, and those of the shards."""
    spec = configured(NodeGroupSpec(replica_count=6), NodeGroupSpec(replica_count=1), NodeGroupSpec(replica_count=-1))

    assert [violation.property for violation in check(spec)] == [
        "node_group_configuration[0].replica_count",
        "node_group_configuration[2].replica_count",
    ]


def test_num_cache_clusters_stands_alone() -> None:
    """Everything that it cannot be combined with is named."""
    spec = replace(GROUP, num_node_groups=2, replicas_per_node_group=1, node_group_configuration=(NodeGroupSpec(),) * 2)
    found = next(violation for violation in check(spec) if violation.rule_id == "rg-sizing-exclusive")

    assert found.message == (
        "it cannot be combined with num_node_groups=2 and replicas_per_node_group=1 and node_group_configuration"
    )


def test_missing_and_shared_slots_are_two_faults() -> None:
    """Each says how many and which is the first; a shard without slots among others has none."""
    spec = configured(NodeGroupSpec(slots="0-9"), NodeGroupSpec(slots="9-16382"), NodeGroupSpec())

    assert [violation.message for violation in check(spec)] == [
        "1 of the 16384 slots belong to no shard, the first is 16383",
        "1 of the 16384 slots belong to more than one shard, the first is 9",
    ]


def test_slots_that_cannot_be_read_are_not_counted() -> None:
    """One mistake is reported once."""
    assert rules(configured(NodeGroupSpec(slots="all"), NodeGroupSpec(slots="0-1"))) == ["rg-slots"]


@pytest.mark.parametrize(
    ("engine", "version", "nodes", "found"),
    [
        ("valkey", "9.0", 90, []),
        ("valkey", "9.0", 91, ["rg-shard-quota"]),
        ("valkey", "9.0", 500, ["rg-shard-quota"]),
        ("valkey", "9.0", 501, ["rg-shard-limit"]),
        ("redis", "4.0.10", 250, ["rg-shard-quota"]),
        ("redis", "4.0.10", 251, ["rg-shard-limit", "rg-shard-quota"]),
    ],
)
def test_nodes_are_counted_against_quota_and_limit(engine: str, version: str, nodes: int, found: list[str]) -> None:
    """90 are free, 500 the most, 250 on old engines."""
    spec = replace(
        SHARDS,
        engine=engine,
        engine_version=version,
        cache_node_type="cache.m5.large",
        cache_parameter_group_name=None,
        num_node_groups=nodes,
        replicas_per_node_group=0,
    )

    assert [rule for rule in rules(spec) if rule.startswith("rg-shard")] == found


def test_mode_compatible_says_all_that_it_lacks() -> None:
    """Failover, a parameter group, a version and a replica."""
    spec = replace(
        REDIS,
        engine_version="6.2",
        cluster_mode="compatible",
        num_cache_clusters=1,
        automatic_failover_enabled=None,
        cache_parameter_group_name="ours",
        parameter_group_family="redis6.x",
        parameter_group_cluster_enabled=False,
    )
    found = [violation for violation in check(spec) if violation.rule_id == "rg-cluster-mode-compatible-needs"]

    assert [violation.property for violation in found] == [
        "automatic_failover_enabled",
        "cache_parameter_group_name",
        "engine_version",
        "num_cache_clusters",
    ]


def test_mode_compatible_takes_a_default_parameter_group() -> None:
    """AWS swaps it for its counterpart."""
    assert check(replace(GROUP, cluster_mode="compatible", cache_parameter_group_name="default.valkey9")) == ()


@pytest.mark.parametrize(
    ("engine", "version", "node_type", "message", "remedy"),
    [
        ("valkey", "9.0", "t4g.small", "this is not the name of a node type", "take cache.t4g.small"),
        (
            "valkey",
            "9.0",
            "nonsense",
            "this is not the name of a node type",
            "take one such as cache.t4g.small or cache.r7g.large",
        ),
        (
            "valkey",
            "9.0",
            "cache.m6g.24xlarge",
            "the family m6g has no such size",
            "take cache.m6g.4xlarge",
        ),
        ("redis", "7.1", "cache.r8g.large", "it does not run redis, only memcached and valkey", None),
        (
            "redis",
            "4.0.10",
            "cache.r7g.large",
            "it runs redis 6.2 and newer, not redis 4.0.10",
            "take engine_version='6.2' or newer, or another node type",
        ),
    ],
)
def test_a_node_type_that_will_not_do_gets_one_that_will(
    engine: str, version: str, node_type: str, message: str, remedy: str | None
) -> None:
    """What is near the name, or what the node type needs."""
    spec = replace(GROUP, engine=engine, engine_version=version, cache_node_type=node_type)
    found = next(violation for violation in check(spec) if violation.rule_id == "rg-node-type-exists")

    assert found.message == message
    assert remedy in {found.remedy, None}


def test_t1_nodes_break_the_rule_of_aws_too() -> None:
    """The emulator can answer with AWS's own sentence."""
    spec = replace(REDIS, cache_node_type="cache.t1.micro", transit_encryption_enabled=None)

    assert rules(spec) == ["rg-t1-no-failover", "rg-prev-generation"]


@pytest.mark.parametrize(
    ("engine", "at_rest", "doubtful"),
    [("valkey", None, False), ("redis", None, True), ("valkey", False, True), ("redis", True, False)],
)
def test_a_key_needs_encryption_at_rest(engine: str, at_rest: bool | None, doubtful: bool) -> None:
    """What is omitted is on for valkey and off for redis."""
    version = {"valkey": "9.0", "redis": "7.1"}[engine]
    spec = replace(GROUP, engine=engine, engine_version=version, at_rest_encryption_enabled=at_rest, kms_key_id="key")

    assert rules(spec) == (["rg-kms-needs-atrest"] if doubtful else [])


def test_without_a_version_only_the_engine_of_a_parameter_group_is_compared() -> None:
    """Which version AWS takes then is not written anywhere."""
    spec = replace(GROUP, engine_version=None)

    assert rules(replace(spec, cache_parameter_group_name="default.valkey8")) == []
    assert rules(replace(spec, cache_parameter_group_name="default.redis7")) == ["pg-family-match"]


def test_the_default_group_of_a_later_version_is_taken_on_trust() -> None:
    """The version is doubtful, its parameter group follows from it."""
    spec = replace(GROUP, engine_version="10.0", cache_parameter_group_name="default.valkey10")

    assert rules(spec) == ["rg-engine-version-known"]


def test_a_missing_default_group_gets_the_right_names() -> None:
    """AWS's own sentence is known."""
    found = only(replace(REDIS, cache_parameter_group_name="default.redis7.1"))

    assert found.rule_id == "pg-default-exists"
    assert found.remedy == "for redis 7.1 take default.redis7 or default.redis7.cluster.on"
    assert found.aws_message == "CacheParameterGroup not found: default.redis7.1"


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ("05:00-06:00", []),
        ("05:00", ["bk-window-format"]),
        ("05:00-05:30", ["bk-window-format"]),
        ("05:00-05:00", ["bk-window-format"]),
    ],
)
def test_a_snapshot_window_is_an_hour_at_least(window: str, found: list[str]) -> None:
    """One that cannot be read overlaps nothing."""
    spec = replace(
        GROUP,
        snapshot_window=window,
        snapshot_retention_limit=1,
        preferred_maintenance_window="mon:06:00-mon:07:00",
    )

    assert rules(spec) == found


@pytest.mark.parametrize("window", ["monday", "mon:06:00-mon:06:30"])
def test_a_maintenance_window_is_an_hour_at_least(window: str) -> None:
    """And starts and ends on a day."""
    assert rules(replace(GROUP, preferred_maintenance_window=window)) == ["bk-maintenance-format"]
