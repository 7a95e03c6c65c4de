"""What the change of one property does: of every property that the data knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model.change.condition import Situation
from elasticache_kit.model.change.fact import ELASTICACHE, types
from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.property import PropertyChange, changes
from elasticache_kit.model.change.value import ABSENT, Deferred
from elasticache_kit.model.rule import HIDDEN
from elasticache_kit.model.unknown import UNKNOWN, Unknown

EVERY = [(name, key) for name, fact in types().items() for key in fact.properties]
PLAIN = [pair for pair in EVERY if types()[pair[0]].properties[pair[1]].update != "conditional"]
NODES = [{"ReplicaCount": 1}, {"ReplicaCount": 2}]
UNKNOWN_TO_BOTH = Deferred(text='{"Ref": "AWS::Region"}')
PORT = Deferred(text='{"Ref": "Port"}', depends_on=("parameter Port",))

# Type, property, before, after, UseOnlineResharding, what it does.
CONDITIONAL: list[tuple[str, str, dict[str, Any], dict[str, Any], bool | Unknown, Kind]] = [
    ("CacheCluster", "AZMode", {"AZMode": "single-az"}, {"AZMode": "cross-az"}, False, Kind.UNKNOWN),
    ("CacheCluster", "IpDiscovery", {"IpDiscovery": "ipv4"}, {"IpDiscovery": "ipv6"}, False, Kind.UNKNOWN),
    ("CacheCluster", "IpDiscovery", {}, {"IpDiscovery": "ipv6"}, False, Kind.UNKNOWN),
    (
        "CacheCluster",
        "PreferredAvailabilityZones",
        {"PreferredAvailabilityZones": ["a"]},
        {"PreferredAvailabilityZones": ["b"]},
        False,
        Kind.UNKNOWN,
    ),
    (
        "CacheCluster",
        "CacheNodeType",
        {"Engine": "redis", "CacheNodeType": "cache.t4g.micro"},
        {"Engine": "redis", "CacheNodeType": "cache.t4g.small"},
        False,
        Kind.INTERRUPTION,
    ),
    (
        "CacheCluster",
        "CacheNodeType",
        {"Engine": "memcached", "CacheNodeType": "cache.t4g.micro"},
        {"Engine": "memcached", "CacheNodeType": "cache.t4g.small"},
        False,
        Kind.UNKNOWN,
    ),
    (
        "CacheCluster",
        "CacheNodeType",
        {"Engine": UNKNOWN, "CacheNodeType": "cache.t4g.micro"},
        {"Engine": UNKNOWN, "CacheNodeType": "cache.t4g.small"},
        False,
        Kind.UNKNOWN,
    ),
    ("CacheCluster", "NumCacheNodes", {"NumCacheNodes": 2}, {"NumCacheNodes": 3}, False, Kind.REPLACEMENT),
    (
        "CacheCluster",
        "NumCacheNodes",
        {"NumCacheNodes": 2, "PreferredAvailabilityZone": "a"},
        {"NumCacheNodes": 3, "PreferredAvailabilityZone": "a"},
        False,
        Kind.IN_PLACE,
    ),
    (
        "CacheCluster",
        "NumCacheNodes",
        {"NumCacheNodes": 2},
        {"NumCacheNodes": 3, "PreferredAvailabilityZones": ["a", "b", "c"]},
        False,
        Kind.IN_PLACE,
    ),
    (
        "CacheCluster",
        "NumCacheNodes",
        {"NumCacheNodes": 2, "PreferredAvailabilityZone": Deferred(text="x", optional=True)},
        {"NumCacheNodes": 3, "PreferredAvailabilityZone": Deferred(text="x", optional=True)},
        False,
        Kind.UNKNOWN,
    ),
    ("ReplicationGroup", "AuthToken", {}, {"AuthToken": "new"}, False, Kind.REPLACEMENT),
    ("ReplicationGroup", "AuthToken", {"AuthToken": "old"}, {"AuthToken": "new"}, False, Kind.INTERRUPTION),
    ("ReplicationGroup", "AuthToken", {"AuthToken": "old"}, {}, False, Kind.UNKNOWN),
    ("ReplicationGroup", "AuthToken", {"AuthToken": UNKNOWN}, {"AuthToken": "new"}, False, Kind.UNKNOWN),
    ("ReplicationGroup", "NumNodeGroups", {"NumNodeGroups": 2}, {"NumNodeGroups": 3}, False, Kind.REPLACEMENT),
    ("ReplicationGroup", "NumNodeGroups", {"NumNodeGroups": 2}, {"NumNodeGroups": 3}, True, Kind.IN_PLACE),
    ("ReplicationGroup", "NumNodeGroups", {"NumNodeGroups": 2}, {"NumNodeGroups": 3}, UNKNOWN, Kind.UNKNOWN),
    ("ReplicationGroup", "NumNodeGroups", {}, {"NumNodeGroups": 3}, False, Kind.REPLACEMENT),
    ("ReplicationGroup", "NumNodeGroups", {"NumNodeGroups": 3}, {}, False, Kind.REPLACEMENT),
    ("ReplicationGroup", "NumNodeGroups", {}, {"NumNodeGroups": "1"}, False, Kind.UNKNOWN),
    (
        "ReplicationGroup",
        "NodeGroupConfiguration",
        {"NodeGroupConfiguration": NODES[:1]},
        {"NodeGroupConfiguration": NODES},
        False,
        Kind.REPLACEMENT,
    ),
    (
        "ReplicationGroup",
        "NodeGroupConfiguration",
        {"NodeGroupConfiguration": NODES[:1]},
        {"NodeGroupConfiguration": NODES},
        True,
        Kind.IN_PLACE,
    ),
    (
        "ReplicationGroup",
        "NodeGroupConfiguration",
        {"NodeGroupConfiguration": NODES[:1], "ReplicasPerNodeGroup": 1},
        {"NodeGroupConfiguration": NODES, "ReplicasPerNodeGroup": 1},
        True,
        Kind.REPLACEMENT,
    ),
    (
        "ReplicationGroup",
        "NodeGroupConfiguration",
        {"NodeGroupConfiguration": NODES[:1], "ReplicasPerNodeGroup": UNKNOWN},
        {"NodeGroupConfiguration": NODES, "ReplicasPerNodeGroup": UNKNOWN},
        True,
        Kind.UNKNOWN,
    ),
    (
        "ReplicationGroup",
        "ReplicasPerNodeGroup",
        {"ReplicasPerNodeGroup": 1},
        {"ReplicasPerNodeGroup": 2},
        False,
        Kind.IN_PLACE,
    ),
    (
        "ReplicationGroup",
        "ReplicasPerNodeGroup",
        {"ReplicasPerNodeGroup": 1, "NodeGroupConfiguration": NODES},
        {"ReplicasPerNodeGroup": 2, "NodeGroupConfiguration": NODES},
        True,
        Kind.REPLACEMENT,
    ),
    (
        "ReplicationGroup",
        "ReplicasPerNodeGroup",
        {"ReplicasPerNodeGroup": 1},
        {"ReplicasPerNodeGroup": 2, "NodeGroupConfiguration": UNKNOWN},
        False,
        Kind.UNKNOWN,
    ),
]


def changed(
    type_name: str, old: Mapping[str, object], new: Mapping[str, object], *, resharding: bool | Unknown = False
) -> dict[str, PropertyChange]:
    """Return what changes, by name."""
    situation = Situation(old=old, new=new, online_resharding=resharding)
    return {item.name: item for item in changes(types()[type_name], situation)}


def expected(type_name: str, name: str) -> Kind:
    """Return what the data says of a property that depends on nothing else."""
    known = types()[type_name].properties[name]
    in_place = Kind.INTERRUPTION if known.interrupts else Kind.IN_PLACE
    return {"in-place": in_place, "replacement": Kind.REPLACEMENT, "refused": Kind.REFUSED}[known.update]


@pytest.mark.parametrize(("type_name", "name"), PLAIN, ids=[f"{kind.rpartition('::')[2]}.{key}" for kind, key in PLAIN])
def test_a_property_does_what_the_data_says(type_name: str, name: str) -> None:
    """Changed, added and taken away; and nothing where it stays."""
    kind = expected(type_name, name)

    assert changed(type_name, {name: "one.0"}, {name: "two.0"})[name].kind is kind
    assert changed(type_name, {}, {name: "two.0"})[name].kind is kind
    assert changed(type_name, {name: "one.0"}, {})[name].kind is kind
    assert changed(type_name, {name: "one.0"}, {name: "one.0"}) == {}


@pytest.mark.parametrize(("type_name", "name"), PLAIN, ids=[f"{kind.rpartition('::')[2]}.{key}" for kind, key in PLAIN])
def test_a_value_that_only_the_deployment_knows_is_unknown_where_it_matters(type_name: str, name: str) -> None:
    """What changes in place does so in the worst case too, and says what it depends on."""
    kind = expected(type_name, name)
    found = changed(type_name, {name: PORT}, {name: "6380"})[name]

    assert found.kind is (Kind.UNKNOWN if kind in (Kind.REPLACEMENT, Kind.REFUSED) else kind)
    assert found.depends_on == ("parameter Port",)
    assert not found.certain


@pytest.mark.parametrize(
    ("type_name", "name", "old", "new", "resharding", "kind"),
    CONDITIONAL,
    ids=[f"{row[0]}.{row[1]}-{number}" for number, row in enumerate(CONDITIONAL)],
)
def test_a_conditional_property_is_decided_by_its_condition(
    *, type_name: str, name: str, old: dict[str, Any], new: dict[str, Any], resharding: bool | Unknown, kind: Kind
) -> None:
    """As CloudFormation's page tells it; unknown where no page does, with the reason."""
    found = changed(ELASTICACHE + type_name, old, new, resharding=resharding)[name]

    assert found.kind is kind
    assert found.kind is not Kind.UNKNOWN or found.why


def test_no_conditional_property_lacks_its_row() -> None:
    """The table names each of the data."""
    known = {pair for pair in EVERY if pair not in PLAIN}

    assert {(ELASTICACHE + row[0], row[1]) for row in CONDITIONAL} == known


def test_a_property_that_nobody_knows_is_unknown() -> None:
    """A newer schema may have it."""
    found = changed("AWS::ElastiCache::ReplicationGroup", {}, {"Colour": "red"})

    assert found["Colour"].kind is Kind.UNKNOWN


def test_the_case_of_a_replication_group_id_is_no_change() -> None:
    """CloudFormation compares it in lower case; another id does replace."""
    group = "AWS::ElastiCache::ReplicationGroup"

    assert changed(group, {"ReplicationGroupId": "Orders"}, {"ReplicationGroupId": "orders"}) == {}
    assert changed(group, {"ReplicationGroupId": "Orders"}, {"ReplicationGroupId": "order"}) != {}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("6.2", "6.2.6", None),
        ("6.2.6", "6.2", None),
        ("1.6.17", "1.6.22", Kind.UNKNOWN),
        ("1.5.16", "1.6.22", Kind.INTERRUPTION),
    ],
)
def test_a_cache_cluster_compares_the_first_two_parts_of_its_version(old: str, new: str, kind: Kind | None) -> None:
    """Whether a third part that changes upgrades is not known, and for memcached it would cost the data."""
    found = changed("AWS::ElastiCache::CacheCluster", {"EngineVersion": old}, {"EngineVersion": new})

    assert (found["EngineVersion"].kind if found else None) is kind


def test_the_order_of_a_list_without_order_is_unknown() -> None:
    """The schema says that it means nothing, and whether CloudFormation agrees is not known; others replace."""
    cache = "AWS::ElastiCache::ServerlessCache"

    assert changed(cache, {"SubnetIds": ["a", "b"]}, {"SubnetIds": ["b", "a"]})["SubnetIds"].kind is Kind.UNKNOWN
    assert changed(cache, {"SubnetIds": ["a", "b"]}, {"SubnetIds": ["a", "c"]})["SubnetIds"].kind is Kind.REPLACEMENT


def test_a_secret_is_not_shown() -> None:
    """Neither the old one nor the new one."""
    found = changed("AWS::ElastiCache::ReplicationGroup", {"AuthToken": "old-secret"}, {"AuthToken": "new-secret"})

    assert (found["AuthToken"].old, found["AuthToken"].new) == (HIDDEN, HIDDEN)
    assert changed("AWS::ElastiCache::User", {}, {"Passwords": ["p"]})["Passwords"].old is ABSENT


scalars = st.sampled_from([None, True, 6379, "6379", "a", PORT, UNKNOWN_TO_BOTH])
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from("ab"), scalars)


@given(
    type_name=st.sampled_from(sorted(types())),
    data=st.data(),
)
def test_a_resource_that_stays_the_same_changes_nothing(type_name: str, data: st.DataObject) -> None:
    """Whatever its properties are, known or not, and in whatever order they stand."""
    names = st.sampled_from([*sorted(types()[type_name].properties), "Colour"])
    properties = data.draw(st.dictionaries(names, values, max_size=6))
    shuffled = dict(data.draw(st.permutations(list(properties.items()))))

    assert changed(type_name, properties, shuffled) == {}
