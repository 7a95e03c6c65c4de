"""Two templates of one stack."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_kit.model.change import Kind, ResourceChange
from elasticache_kit.template import document, parameter
from elasticache_kit.template.comparison import Comparison, Side, unfollowed

NET = {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"Description": "d", "SubnetIds": ["a"]}}
CACHE = {
    "Type": "AWS::ElastiCache::ReplicationGroup",
    "Properties": {
        "ReplicationGroupDescription": "d",
        "CacheNodeType": "cache.t4g.small",
        "CacheSubnetGroupName": {"Ref": "Net"},
        "Port": {"Ref": "Port"},
        "KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
        "NumNodeGroups": 2,
        "AutomaticFailoverEnabled": True,
    },
}
# One that ElastiCache makes as it is.
MADE: dict[str, Any] = {
    "Resources": {
        "Cache": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "ReplicationGroupDescription": "d",
                "Engine": "valkey",
                "CacheNodeType": "cache.t4g.small",
                "NumCacheClusters": 2,
                "TransitEncryptionEnabled": True,
                "CacheSubnetGroupName": "net",
            },
        }
    }
}
KEY = {"Type": "AWS::KMS::Key", "Properties": {"Description": "d"}}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Port": {"Type": "Number", "Default": 6379}},
    "Resources": {"Net": NET, "Cache": CACHE, "Key": KEY},
}


def side(template: dict[str, Any], values: dict[str, object] | None = None) -> Side:
    """One side of a comparison."""
    return Side(template=document.parse(json.dumps(template), "test"), values=values or {})


def compared(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, ResourceChange]:
    """Return the changes by logical id, with no account at hand."""
    before = side(old) if old else None
    after = side(new) if new else None
    if after is not None:
        values = parameter.after(after.template, before.template if before else None, None)
        after = Side(template=after.template, values=values)
    return {item.logical_id: item for item in Comparison(before, after).changes()}


def edited(path: str, value: Any, template: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the template with another value in one place, or without it for None."""
    copy = json.loads(json.dumps(template or TEMPLATE))
    *parents, last = path.split("/")
    place = copy
    for parent in parents:
        place = place.setdefault(parent, {})
    place.pop(last, None)
    if value is not None:
        place[last] = value
    return copy


def test_a_template_and_itself_differ_in_nothing() -> None:
    """Functions that nobody can work out included."""
    assert compared(TEMPLATE, TEMPLATE) == {}


def test_a_rule_that_a_resource_begins_to_break() -> None:
    """A deployment that ElastiCache refuses is not called safe; what was there before is its own matter."""
    broken = edited("Resources/Cache/Properties/SnapshotRetentionLimit", 50)
    found = compared(TEMPLATE, broken)["Cache"]

    assert found.kind is Kind.REFUSED
    assert [(item.rule_id, item.property, item.value) for item in found.refusals] == [
        ("bk-retention", "SnapshotRetentionLimit", 50)
    ]
    assert compared(broken, edited("Resources/Cache/Properties/SnapshotRetentionLimit", 60))["Cache"].refusals == ()
    assert compared(TEMPLATE, edited("Resources/Cache/Properties/SnapshotRetentionLimit", 5))["Cache"].refusals == ()


def test_a_new_resource_that_breaks_a_rule() -> None:
    """What is made is judged whole, as `check` does; a condition that only a deployment evaluates may leave it out."""
    broken = edited("Resources/Cache/Properties/SnapshotRetentionLimit", 50, MADE)
    found = compared(None, broken)["Cache"]

    assert (found.kind, [item.rule_id for item in found.refusals]) == (Kind.REFUSED, ["bk-retention"])
    assert compared(None, MADE)["Cache"].kind is Kind.NEW
    perhaps = edited("Conditions/Prod", {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, broken)
    perhaps = edited("Parameters/Stage", {"Type": "String"}, perhaps)
    assert compared(None, edited("Resources/Cache/Condition", "Prod", perhaps))["Cache"].kind is Kind.NEW


def test_a_replacement_that_breaks_a_rule() -> None:
    """It is made anew, so what the deployed one breaks already is refused too, and no loss comes of it."""
    broken = edited("Resources/Cache/Properties/SnapshotRetentionLimit", 50, MADE)
    found = compared(broken, edited("Resources/Cache/Properties/Port", 7000, broken))["Cache"]

    assert (found.kind, [item.rule_id for item in found.refusals]) == (Kind.REFUSED, ["bk-retention"])
    assert found.loss is None
    assert compared(MADE, edited("Resources/Cache/Properties/Port", 7000, MADE))["Cache"].kind is Kind.REPLACEMENT


def test_a_refused_resource_under_another_logical_id_keeps_its_counterpart() -> None:
    """That the new one is refused does not hide that it is the old one."""
    broken = edited("Resources/Cache/Properties/SnapshotRetentionLimit", 50, MADE)
    moved = json.loads(json.dumps(broken))
    moved["Resources"]["Moved"] = moved["Resources"].pop("Cache")
    found = compared(MADE, moved)

    assert (found["Moved"].kind, found["Cache"].counterpart) == (Kind.REFUSED, "Moved")


def test_a_rule_that_a_resource_breaks_on_purpose() -> None:
    """What the template acknowledges is not refused."""
    metadata = {"elasticache-kit": {"acknowledge": {"bk-retention": "AWS keeps ours longer."}}}
    broken = edited("Resources/Cache/Properties/SnapshotRetentionLimit", 50)

    assert compared(TEMPLATE, edited("Resources/Cache/Metadata", metadata, broken))["Cache"].refusals == ()


def test_a_secret_in_a_refusal() -> None:
    """It is hidden there too."""
    path = "Resources/Cache/Properties/AuthToken"
    encrypted = edited("Resources/Cache/Properties/TransitEncryptionEnabled", True)
    found = compared(edited(path, "a" * 32, encrypted), edited(path, "s3cret", encrypted))["Cache"]

    assert {item.property for item in found.refusals} == {"AuthToken"}
    assert "s3cret" not in str(found.refusals)


def test_a_rule_about_what_stays() -> None:
    """Valkey wants TLS said when a group is made; a group that becomes one of Valkey is not made."""
    old = {"Resources": {"Cache": {**CACHE, "Properties": {"Engine": "redis", "EngineVersion": "7.1"}}}}
    new = edited("Resources/Cache/Properties/EngineVersion", "8.1", old)
    new = edited("Resources/Cache/Properties/Engine", "valkey", new)

    assert not compared(old, new)["Cache"].refused


def test_a_stack_that_is_not_deployed_is_all_new() -> None:
    """Of ElastiCache's resources; a stack that goes removes them all."""
    assert {item.kind for item in compared(None, TEMPLATE).values()} == {Kind.NEW}
    assert {item.kind for item in compared(TEMPLATE, None).values()} == {Kind.REMOVED}
    assert set(compared(None, TEMPLATE)) == {"Net", "Cache"}


def test_a_replaced_subnet_group_replaces_the_cache_in_it() -> None:
    """A name that is added to the group costs all data of the cache, whose own definition stays the same."""
    found = compared(TEMPLATE, edited("Resources/Net/Properties/CacheSubnetGroupName", "net"))

    assert found["Net"].kind is Kind.REPLACEMENT
    assert found["Cache"].kind is Kind.REPLACEMENT
    assert [item.name for item in found["Cache"].properties] == ["CacheSubnetGroupName"]
    assert found["Cache"].loses_data


def test_a_subnet_group_that_stays_leaves_the_cache_alone() -> None:
    """Its subnets change in place."""
    found = compared(TEMPLATE, edited("Resources/Net/Properties/SubnetIds", ["a", "b"]))

    assert set(found) == {"Net"}


def test_a_key_whose_policy_changes_stays_the_same_key() -> None:
    """A key has no property that replaces it."""
    assert compared(TEMPLATE, edited("Resources/Key/Properties/Description", "e")) == {}


@pytest.mark.parametrize(("value", "kind"), [("10.1.0.0/16", Kind.REPLACEMENT), (None, None)])
def test_what_replaces_a_vpc_replaces_its_subnets_and_the_cache_in_them(value: str | None, kind: Kind | None) -> None:
    """Through any number of resources."""
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    subnet = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}}}
    cache = {
        "Type": "AWS::ElastiCache::ServerlessCache",
        # A name that stays would keep it from being replaced.
        "Properties": {"Engine": "valkey", "SubnetIds": [{"Ref": "Subnet"}], "ServerlessCacheName": {"Ref": "Subnet"}},
    }
    old = {"Resources": {"Vpc": vpc, "Subnet": subnet, "Less": cache}}
    new = edited("Resources/Vpc/Properties/CidrBlock", value, old) if value else old

    found = compared(old, new)

    assert (found["Less"].kind if found else None) is kind


def test_a_reference_to_something_that_may_be_replaced_is_unknown() -> None:
    """Of other types nothing is known; one that stays as it is stays the same."""
    other = {"Type": "Custom::Key", "Properties": {"Size": 1}}
    old = edited("Resources/Key", other)

    found = compared(old, edited("Resources/Key/Properties/Size", 2, old))

    assert found["Cache"].kind is Kind.UNKNOWN
    assert found["Cache"].undecided
    assert found["Cache"].depends_on == ("resource Key",)
    assert compared(old, old) == {}


def test_a_reference_to_another_resource_is_another_value() -> None:
    """Which one it is does not matter."""
    new = edited("Resources/Net2", NET, edited("Resources/Cache/Properties/CacheSubnetGroupName", {"Ref": "Net2"}))

    assert compared(TEMPLATE, new)["Cache"].kind is Kind.REPLACEMENT


def test_a_new_default_is_perhaps_a_new_value() -> None:
    """A deployment keeps the old value unless it is told another."""
    found = compared(TEMPLATE, edited("Parameters/Port/Default", 6380))

    assert found["Cache"].kind is Kind.UNKNOWN
    assert found["Cache"].depends_on == ("parameter Port",)


def test_the_account_knows_that_a_default_does_not_matter() -> None:
    """And that a literal is the same as the value that is deployed."""
    old, new = edited("Parameters/Port/Default", 6379), edited("Resources/Cache/Properties/Port", 7000)
    deployed = {"Port": "7000"}

    assert Comparison(side(old, {**deployed}), side(new, {**deployed})).changes() == ()


def test_a_condition_that_turns_false_removes() -> None:
    """For sure where it is known; perhaps where a parameter decides."""
    conditions = {"Wanted": {"Fn::Equals": [{"Ref": "Port"}, "6379"]}}
    old = {**TEMPLATE, "Conditions": conditions}
    new = edited("Resources/Cache/Condition", "Wanted", old)

    known = Comparison(side(old), side(new, {"Port": "1"})).changes()

    assert {item.logical_id: item.kind for item in known}["Cache"] is Kind.REMOVED
    assert compared(old, new)["Cache"].kind is Kind.UNKNOWN
    assert compared(new, new) == {}


def test_a_changed_branch_of_a_condition_is_perhaps_a_change() -> None:
    """The other branch may be the one that holds."""
    conditions = {"Wanted": {"Fn::Equals": [{"Ref": "Port"}, "6379"]}}
    place = "Resources/Cache/Properties/NetworkType"
    old = edited(place, {"Fn::If": ["Wanted", "ipv4", "ipv6"]}, {**TEMPLATE, "Conditions": conditions})
    new = edited(place, {"Fn::If": ["Wanted", "ipv4", "dual_stack"]}, old)

    assert compared(old, new)["Cache"].kind is Kind.UNKNOWN
    assert compared(old, old) == {}


def test_policies_count() -> None:
    """UpdatePolicy, DeletionPolicy and UpdateReplacePolicy stand beside the properties."""
    more = edited("Resources/Cache/Properties/NumNodeGroups", 3)
    online = edited("Resources/Cache/UpdatePolicy", {"UseOnlineResharding": "true"}, more)
    kept = edited("Resources/Cache/DeletionPolicy", "Retain")

    assert compared(TEMPLATE, more)["Cache"].kind is Kind.REPLACEMENT
    assert compared(TEMPLATE, online)["Cache"].kind is Kind.IN_PLACE
    assert compared(kept, edited("Resources/Cache", None, kept))["Cache"].loss is None
    assert compared(TEMPLATE, edited("Resources/Cache", None))["Cache"].loses_data


def test_a_changed_logical_id_is_told_from_a_new_cache() -> None:
    """Both are named, with the ways to keep the cache."""
    new = edited("Resources/Renamed", CACHE, edited("Resources/Cache", None))
    found = compared(TEMPLATE, new)

    assert (found["Cache"].counterpart, found["Renamed"].counterpart) == ("Renamed", "Cache")
    assert found["Cache"].loses_data
    assert "cdk refactor" in "\n".join(found["Cache"].advice)


@pytest.mark.parametrize(("family", "refused"), [("redis7", True), ("valkey8", False)])
def test_the_rulebook_knows_the_parameter_group_of_the_template(family: str, *, refused: bool) -> None:
    """A change to valkey needs another one, and one whose family changes is another one."""
    values = {
        "Type": "AWS::ElastiCache::ParameterGroup",
        "Properties": {"Description": "d", "CacheParameterGroupFamily": "redis7"},
    }
    cache = {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.small",
            "CacheParameterGroupName": {"Ref": "Values"},
        },
    }
    old = {"Resources": {"Values": values, "Cache": cache}}
    new = edited("Resources/Values/Properties/CacheParameterGroupFamily", family, old)
    new = edited("Resources/Cache/Properties/Engine", "valkey", new)
    new = edited("Resources/Cache/Properties/EngineVersion", "8.1", new)

    found = compared(old, new)["Cache"]

    assert found.refused is refused
    assert ("rg-cross-engine" in {item.rule_id for item in found.refusals}) is refused


def test_cluster_mode_in_one_step_is_refused_with_a_parameter_group_of_the_template() -> None:
    """The group says that cluster mode was off; over `compatible` it goes."""
    values = {
        "Type": "AWS::ElastiCache::ParameterGroup",
        "Properties": {"Description": "d", "CacheParameterGroupFamily": "valkey8"},
    }
    cache = {
        "Type": "AWS::ElastiCache::ReplicationGroup",
        "Properties": {"Engine": "valkey", "NumCacheClusters": 2, "CacheParameterGroupName": {"Ref": "Values"}},
    }
    old = {"Resources": {"Values": values, "Cache": cache}}
    mode = "Resources/Cache/Properties/ClusterMode"

    assert compared(old, edited(mode, "enabled", old))["Cache"].refused
    assert compared(old, edited(mode, "compatible", old))["Cache"].kind is Kind.IN_PLACE


def test_a_nested_stack_that_changes_is_found() -> None:
    """Its templates are others; what it is told anew is known. One that stays needs no look."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "1", "Parameters": {"A": "1"}}}
    old = edited("Resources/Inner", nested)
    new = edited("Resources/Inner/Properties/Parameters", {"A": "1", "B": {"Ref": "Net"}}, old)
    comparison = Comparison(side(old), side(new))

    assert comparison.nested() == {"Inner": Kind.UNKNOWN}
    assert set(comparison.nested_parameters("Inner")) == {"B"}
    assert Comparison(side(old), side(old)).nested() == {}
    assert Comparison(side(old), side(TEMPLATE)).nested() == {"Inner": Kind.REMOVED}
    assert Comparison(side(edited("Resources/Inner/DeletionPolicy", "Retain", old)), side(TEMPLATE)).nested() == {}
    assert unfollowed("Inner", Kind.UNKNOWN).undecided


def test_resources_that_refer_in_a_circle_do_no_harm() -> None:
    """CloudFormation refuses them, and the comparison ends."""
    old = edited("Resources/Net/Properties/Description", {"Ref": "Cache"})

    assert compared(old, edited("Resources/Cache/Properties/NumNodeGroups", 3, old))["Cache"].loses_data


expressions = st.sampled_from(
    [
        "a",
        6379,
        {"Ref": "Net"},
        {"Ref": "Port"},
        {"Ref": "AWS::Region"},
        {"Ref": "AWS::NoValue"},
        {"Fn::GetAtt": ["Key", "Arn"]},
        {"Fn::If": ["Unknown", {"Ref": "Port"}, "b"]},
        {"Fn::Sub": "${Net}-${AWS::StackName}"},
        "{{resolve:ssm:x}}",
    ]
)
names = st.sampled_from(["Port", "KmsKeyId", "SnapshotArns", "NumNodeGroups", "AuthToken", "Tags", "Colour"])
caches = st.dictionaries(
    st.sampled_from(["Cache", "Other"]), st.dictionaries(names, expressions, max_size=3), max_size=2
)


def built(resources: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a template of replication groups."""
    groups = {
        name: {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": properties}
        for name, properties in resources.items()
    }
    return {**TEMPLATE, "Resources": {**groups, "Net": NET, "Key": KEY}}


@given(resources=caches)
def test_any_template_and_itself_differ_in_nothing(resources: dict[str, dict[str, Any]]) -> None:
    """Whatever its expressions are, and in whatever order its parts stand."""
    template = built(resources)
    turned = built({name: dict(reversed(value.items())) for name, value in reversed(resources.items())})

    assert compared(template, turned) == {}


@settings(deadline=None)  # the first example loads the rulebook
@given(old=caches, new=caches)
def test_the_order_of_a_template_does_not_matter(old: dict[str, Any], new: dict[str, Any]) -> None:
    """The answer is the same, and in the same order."""
    turned = dict(reversed(old.items())), dict(reversed(new.items()))

    assert list(compared(built(old), built(new)).items()) == list(compared(built(turned[0]), built(turned[1])).items())
