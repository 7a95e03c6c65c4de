"""What becomes of a resource: kept, replaced, refused, and which data it costs."""

from __future__ import annotations

from typing import Any

import pytest

from elasticache_kit.model.change import Deferred, Kind, ResourceChange, State, added, change, removed, replaces
from elasticache_kit.model.change.rename import likeness, pairs
from elasticache_kit.model.unknown import UNKNOWN

GROUP = "AWS::ElastiCache::ReplicationGroup"
CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"
SNAPSHOT = "AWS::ElastiCache::Snapshot"
VALKEY = {
    "ReplicationGroupDescription": "d",
    "Engine": "valkey",
    "EngineVersion": "8.1",
    "CacheNodeType": "cache.r7g.large",
    "NumCacheClusters": 2,
    "AutomaticFailoverEnabled": True,
    "TransitEncryptionEnabled": True,
}
MEMCACHED = {
    "Engine": "memcached",
    "EngineVersion": "1.6.22",
    "NumCacheNodes": 3,
    "CacheNodeType": "cache.r7g.large",
    "PreferredAvailabilityZone": "eu-west-1a",
}
SHARDED = {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, "Engine": "valkey", "EngineVersion": "8.1"}


def state(kind: str, properties: dict[str, Any], **more: Any) -> State:
    """A resource named Cache."""
    return State(logical_id="Cache", type=kind, properties=properties, **more)


def between(kind: str, old: dict[str, Any], new: dict[str, Any], **more: Any) -> ResourceChange:
    """Change properties on top of old ones; more goes to both states."""
    made = change(state(kind, old, **more), state(kind, {**old, **new}, **more))
    assert made is not None
    return made


def rules(made: ResourceChange) -> set[str]:
    """Return the rules that refuse."""
    return {item.rule_id for item in made.refusals}


def test_what_stays_is_no_change() -> None:
    """Numbers and booleans as text are the same."""
    old = state(GROUP, {"Port": 6379, "MultiAZEnabled": True})

    assert change(old, state(GROUP, {"MultiAZEnabled": "true", "Port": "6379"})) is None


def test_the_gravest_property_decides() -> None:
    """A description is harmless, a version interrupts, a port replaces."""
    assert between(GROUP, VALKEY, {"ReplicationGroupDescription": "e"}).kind is Kind.IN_PLACE
    assert (
        between(GROUP, VALKEY, {"ReplicationGroupDescription": "e", "EngineVersion": "9.0"}).kind is Kind.INTERRUPTION
    )
    assert between(GROUP, VALKEY, {"EngineVersion": "9.0", "Port": 6380}).kind is Kind.REPLACEMENT


def test_a_replacement_loses_all_data() -> None:
    """Where nothing keeps them; an interruption loses none."""
    assert str(between(GROUP, VALKEY, {"Port": 6380}).loss) == "all data of the group; no copy is kept"
    assert between(GROUP, VALKEY, {"Port": 6380}).loses_data
    assert not between(GROUP, VALKEY, {"EngineVersion": "9.0"}).loses_data


@pytest.mark.parametrize(
    ("policy", "copy"),
    [
        ("Snapshot", "a last snapshot stays (UpdateReplacePolicy Snapshot)"),
        ("Retain", "the old one stays, outside the stack (UpdateReplacePolicy Retain)"),
        ("Delete", None),
        (None, None),
        (UNKNOWN, None),
    ],
)
def test_update_replace_policy_says_where_a_copy_stays(policy: Any, copy: str | None) -> None:
    """Its users find an empty cache all the same; DeletionPolicy does not count."""
    made = between(GROUP, VALKEY, {"Port": 6380}, update_replace_policy=policy, deletion_policy="Snapshot")

    assert made.loss is not None
    assert made.loss.copy == copy
    assert made.loses_data


def test_a_policy_that_the_same_deployment_brings_is_not_counted_on() -> None:
    """Which of the two CloudFormation takes is not written anywhere."""
    old = state(GROUP, VALKEY, update_replace_policy="Delete")
    made = change(old, state(GROUP, {**VALKEY, "Port": 6380}, update_replace_policy="Snapshot"))

    assert made is not None
    assert made.loss is not None
    assert made.loss.copy is None


def test_memcached_has_no_snapshot() -> None:
    """Whatever the policy says."""
    made = between(CLUSTER, MEMCACHED, {"Port": 11212}, update_replace_policy="Snapshot")

    assert made.loss is not None
    assert made.loss.copy is None
    assert any("memcached has no snapshots" in way for way in made.advice)


def test_a_group_that_starts_from_a_snapshot_loses_what_came_after() -> None:
    """Taking the snapshot's name away does not restore anything."""
    seeded = between(GROUP, VALKEY, {"SnapshotName": "before"})
    bare = change(state(GROUP, {**VALKEY, "SnapshotName": "before"}), state(GROUP, VALKEY))

    assert "since the snapshot" in str(seeded.loss)
    assert str(bare.loss if bare else None).startswith("all data of the group")


def test_serverless_has_a_property_for_the_last_snapshot() -> None:
    """The policy Snapshot means nothing there."""
    old = {"ServerlessCacheName": "a", "Engine": "valkey", "KmsKeyId": "k"}
    new = {"ServerlessCacheName": "b", "KmsKeyId": "l"}
    kept = between(SERVERLESS, {**old, "FinalSnapshotName": "last"}, new).loss
    lost = between(SERVERLESS, old, new, update_replace_policy="Snapshot").loss

    assert kept is not None
    assert kept.copy == "a last snapshot stays (FinalSnapshotName)"
    assert lost is not None
    assert lost.copy is None


@pytest.mark.parametrize(
    ("kind", "properties", "policy", "loses"),
    [
        (GROUP, VALKEY, None, True),
        (GROUP, VALKEY, "Snapshot", True),
        (GROUP, VALKEY, "Retain", False),
        (GROUP, VALKEY, "RetainExceptOnCreate", False),
        (CLUSTER, MEMCACHED, None, True),
        (SERVERLESS, {}, None, True),
        (SNAPSHOT, {}, None, True),
        (SNAPSHOT, {}, "Retain", False),
        ("AWS::ElastiCache::SubnetGroup", {}, None, False),
        ("AWS::ElastiCache::UserGroup", {}, None, False),
    ],
)
def test_a_removal_loses_what_its_deletion_policy_does_not_keep(
    kind: str, properties: dict[str, Any], policy: str | None, *, loses: bool
) -> None:
    """UpdateReplacePolicy does not count; what holds no data loses none."""
    made = removed(state(kind, properties, deletion_policy=policy, update_replace_policy="Retain"))

    assert made.kind is Kind.REMOVED
    assert made.loses_data is loses
    assert bool(made.advice) is (loses and policy is None)


def test_a_removal_that_a_condition_decides_is_unknown() -> None:
    """At the worst the data go."""
    made = removed(state(GROUP, VALKEY), certain=False, depends_on=("parameter Stage",))

    assert made.kind is Kind.UNKNOWN
    assert made.undecided
    assert not made.loses_data


def test_a_new_resource_is_harmless() -> None:
    """It has no data yet."""
    assert added(state(GROUP, VALKEY)).kind is Kind.NEW
    assert not added(state(GROUP, VALKEY)).loses_data


def test_a_named_resource_cannot_be_replaced_under_its_name() -> None:
    """In whatever case; under another name, or without one, it is replaced."""
    named = {**VALKEY, "ReplicationGroupId": "Orders"}

    assert rules(between(GROUP, named, {"Port": 6380})) == {"named-replacement-fails"}
    assert rules(between(GROUP, named, {"Port": 6380, "ReplicationGroupId": "orders"})) == {"named-replacement-fails"}
    assert between(GROUP, named, {"Port": 6380, "ReplicationGroupId": "new"}).kind is Kind.REPLACEMENT
    assert between(GROUP, VALKEY, {"Port": 6380}).kind is Kind.REPLACEMENT
    assert between(GROUP, named, {"ReplicationGroupDescription": "e"}).kind is Kind.IN_PLACE


def test_a_refusal_costs_no_data() -> None:
    """The deployment fails, and the cache stays."""
    made = between(GROUP, {**VALKEY, "ReplicationGroupId": "orders"}, {"Port": 6380})

    assert made.refused
    assert made.loss is None
    assert not made.loses_data


@pytest.mark.parametrize(
    ("kind", "old", "new", "rule"),
    [
        (GROUP, VALKEY, {"EngineVersion": "8.0"}, "rg-engine-downgrade"),
        (
            GROUP,
            {**VALKEY, "TransitEncryptionEnabled": "false"},
            {"TransitEncryptionEnabled": "true"},
            "rg-tls-enable-two-steps",
        ),
        (GROUP, VALKEY, {"ClusterMode": "enabled"}, "rg-cluster-mode-path"),
        (GROUP, {**VALKEY, "ClusterMode": "Disabled"}, {"ClusterMode": "Enabled"}, "rg-cluster-mode-path"),
        (CLUSTER, MEMCACHED, {"TransitEncryptionEnabled": True}, "mc-tls-fixed"),
        (SERVERLESS, {"Engine": "valkey", "MajorEngineVersion": "8"}, {"MajorEngineVersion": "7"}, "sl-engine-change"),
        ("AWS::ElastiCache::GlobalReplicationGroup", {}, {"CacheParameterGroupName": "p"}, "gl-parameter-group"),
        ("AWS::ElastiCache::SecurityGroupIngress", {}, {"EC2SecurityGroupName": "p"}, "update-not-supported"),
    ],
)
def test_the_rulebook_refuses(kind: str, old: dict[str, Any], new: dict[str, Any], rule: str) -> None:
    """The same rules as those of the constructs and the emulator, each with its remedy."""
    made = between(kind, old, new)

    assert made.kind is Kind.REFUSED
    assert rule in rules(made)
    assert all(item.remedy and item.source for item in made.refusals)


def test_a_resource_that_is_made_anew_is_not_modified() -> None:
    """A version goes down with a new group."""
    made = between(GROUP, VALKEY, {"EngineVersion": "8.0", "Port": 6380})

    assert made.kind is Kind.REPLACEMENT
    assert rules(made) == set()


def test_rules_do_not_guess() -> None:
    """A version that only the deployment knows is not taken for a downgrade."""
    made = between(GROUP, VALKEY, {"EngineVersion": Deferred(text="v", depends_on=("parameter Version",))})

    assert made.kind is Kind.INTERRUPTION


def test_a_refused_property_is_named_as_cloudformation_does() -> None:
    """Also one that is not given: the remedy is to give it."""
    made = between(GROUP, {**VALKEY, "TransitEncryptionEnabled": False}, {"TransitEncryptionEnabled": True})

    assert {item.property for item in made.refusals} == {"TransitEncryptionMode"}


def test_another_type_is_refused() -> None:
    """Under the same logical id."""
    made = change(state(CLUSTER, MEMCACHED), state(GROUP, VALKEY))

    assert made is not None
    assert made.kind is Kind.REFUSED
    assert rules(made) == {"type-change-refused"}


@pytest.mark.parametrize(
    ("new", "what"),
    [
        ({"EngineVersion": "1.7.0"}, "memcached starts empty"),
        ({"NumCacheNodes": 2}, "the nodes that are taken away"),
    ],
)
def test_memcached_loses_data_in_place(new: dict[str, Any], what: str) -> None:
    """Without being replaced; more nodes cost nothing."""
    made = between(CLUSTER, MEMCACHED, new)

    assert made.kind in (Kind.IN_PLACE, Kind.INTERRUPTION)
    assert made.loses_data
    assert what in str(made.loss)
    assert not between(CLUSTER, MEMCACHED, {"NumCacheNodes": 4}).loses_data


@pytest.mark.parametrize(
    ("kind", "old", "new", "way"),
    [
        (GROUP, SHARDED, {"NumNodeGroups": 3}, "UpdatePolicy UseOnlineResharding: true"),
        (GROUP, VALKEY, {"NumNodeGroups": 3}, "cluster mode in steps"),
        (GROUP, VALKEY, {"AuthToken": "t"}, "UserGroupIds changes in place"),
        (GROUP, VALKEY, {"Port": 6380}, "snapshot and seed"),
        (GROUP, VALKEY, {"Port": 6380}, "two deployments"),
        (
            GROUP,
            {**SHARDED, "NodeGroupConfiguration": [{"ReplicaCount": 1}]},
            {"ReplicasPerNodeGroup": 2},
            "ReplicasPerNodeGroup alone",
        ),
        (CLUSTER, {"Engine": "memcached", "NumCacheNodes": 1}, {"NumCacheNodes": 2}, "PreferredAvailabilityZones"),
        (SERVERLESS, {"Engine": "valkey"}, {"KmsKeyId": "k"}, "FinalSnapshotName, deployed before"),
        (SNAPSHOT, {}, {"KmsKeyId": "k"}, "UpdateReplacePolicy Retain, deployed before"),
        (CLUSTER, {"Engine": "memcached"}, {"IpDiscovery": "ipv6"}, "change set"),
    ],
)
def test_there_is_a_safe_way(kind: str, old: dict[str, Any], new: dict[str, Any], way: str) -> None:
    """One that fits what is asked for."""
    assert any(way in advice for advice in between(kind, old, new).advice)


def test_a_harmless_change_needs_no_way_around() -> None:
    """Nothing is said that nobody needs."""
    assert between(GROUP, VALKEY, {"ReplicationGroupDescription": "e"}).advice == ()
    assert between(GROUP, SHARDED, {"NumNodeGroups": 3}, online_resharding=True).advice == ()


def test_the_emulator_asks_whether_it_replaces() -> None:
    """For sure, and not perhaps."""
    assert replaces(GROUP, {"Port": 6379}, {"Port": "6380"})
    assert not replaces(GROUP, {"Port": 6379}, {"Port": "6379"})
    assert replaces(GROUP, {"NumNodeGroups": 1}, {"NumNodeGroups": 2})
    assert not replaces(GROUP, {"NumNodeGroups": 1}, {"NumNodeGroups": 2}, online_resharding=True)
    assert not replaces(GROUP, {"AuthToken": "a"}, {})


def test_a_renamed_resource_is_recognized() -> None:
    """The most alike of the same type; one that has little in common is another one."""
    old = [State(logical_id="Old", type=GROUP, properties=VALKEY)]
    new = [
        State(logical_id="Like", type=GROUP, properties={**VALKEY, "NumCacheClusters": 3}),
        State(logical_id="Same", type=GROUP, properties=VALKEY),
        State(logical_id="Cluster", type=CLUSTER, properties=VALKEY),
    ]

    assert pairs(old, new) == {"Old": "Same"}
    assert pairs(old, new[:1]) == {"Old": "Like"}
    assert pairs(old, new[2:]) == {}
    assert pairs(old, [State(logical_id="Other", type=GROUP, properties={"Engine": "redis"})]) == {}
    assert likeness(State(logical_id="a", type=GROUP), State(logical_id="b", type=GROUP)) == 1.0
