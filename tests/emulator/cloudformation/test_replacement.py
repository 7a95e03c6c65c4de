"""A deployment replaces exactly what a comparison of its two templates says, by CloudFormation's API over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.model.change import Kind, ResourceChange
from elasticache_kit.model.change.fact import types
from elasticache_kit.template import document
from elasticache_kit.template.comparison import Comparison, Side
from tests.emulator.wire import Client, at_rest, client_of, make_subnets

GROUP = "AWS::ElastiCache::ReplicationGroup"
SUBNET_GROUP = "AWS::ElastiCache::SubnetGroup"
PARAMETER_GROUP = "AWS::ElastiCache::ParameterGroup"
CACHE_CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"
USER = "AWS::ElastiCache::User"
USER_GROUP = "AWS::ElastiCache::UserGroup"
SUBNETS = ["SUBNET-A", "SUBNET-B"]

VALKEY: dict[str, Any] = {
    "ReplicationGroupDescription": "d",
    "Engine": "valkey",
    "EngineVersion": "8.0",
    "CacheNodeType": "cache.t4g.small",
    "CacheSubnetGroupName": {"Ref": "Net"},
    "TransitEncryptionEnabled": "true",
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "NumCacheClusters": 2,
}
SHARDS: dict[str, Any] = {
    **{name: value for name, value in VALKEY.items() if name != "NumCacheClusters"},
    "CacheParameterGroupName": "default.valkey8.cluster.on",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
}
NET: dict[str, Any] = {"Description": "d", "SubnetIds": SUBNETS}
PARAMETERS: dict[str, Any] = {"Description": "d", "CacheParameterGroupFamily": "valkey8"}

MEMCACHED: dict[str, Any] = {
    "Engine": "memcached",
    "CacheNodeType": "cache.t4g.small",
    "CacheSubnetGroupName": {"Ref": "Net"},
    "NumCacheNodes": 2,
}
READER: dict[str, Any] = {
    "UserId": "reader",
    "UserName": "reader",
    "Engine": "valkey",
    "AccessString": "on ~* +@read",
    "AuthenticationMode": {"Type": "iam"},
}
READERS: dict[str, Any] = {"UserGroupId": "readers", "Engine": "valkey", "UserIds": [{"Ref": "UserRights"}]}

# Each is a resource of one stack: as it is before, and what changes in it; None takes a property away.
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "Same": (GROUP, VALKEY, {}),
    "Port": (GROUP, VALKEY, {"Port": 6380}),
    "PortGone": (GROUP, {**VALKEY, "Port": 6380}, {"Port": None}),
    "PortAsText": (GROUP, {**VALKEY, "Port": 6379}, {"Port": "6379"}),
    "OtherNet": (GROUP, VALKEY, {"CacheSubnetGroupName": {"Ref": "OtherNet1"}}),
    "AtRest": (GROUP, VALKEY, {"AtRestEncryptionEnabled": True}),
    "Key": (GROUP, {**VALKEY, "AtRestEncryptionEnabled": True}, {"KmsKeyId": {"Fn::GetAtt": ["KmsKey", "Arn"]}}),
    "NetworkType": (GROUP, VALKEY, {"NetworkType": "ipv4"}),
    "Zones": (GROUP, VALKEY, {"PreferredCacheClusterAZs": ["eu-west-1a", "eu-west-1b"]}),
    "Named": (GROUP, VALKEY, {"ReplicationGroupId": "named"}),
    "NameInLowerCase": (GROUP, {**VALKEY, "ReplicationGroupId": "Lower"}, {"ReplicationGroupId": "lower"}),
    "Renamed": (GROUP, {**VALKEY, "ReplicationGroupId": "one"}, {"Port": 6380, "ReplicationGroupId": "other"}),
    "Description": (GROUP, VALKEY, {"ReplicationGroupDescription": "e"}),
    "NodeType": (GROUP, VALKEY, {"CacheNodeType": "cache.t4g.medium"}),
    "Replicas": (GROUP, VALKEY, {"NumCacheClusters": 3}),
    "Upgrade": (GROUP, VALKEY, {"EngineVersion": "8.1"}),
    "DowngradeByReplacement": (GROUP, VALKEY, {"EngineVersion": "7.2", "Port": 6380}),
    "Retention": (GROUP, VALKEY, {"SnapshotRetentionLimit": 3}),
    "Window": (GROUP, VALKEY, {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00"}),
    "Tags": (GROUP, VALKEY, {"Tags": [{"Key": "a", "Value": "b"}]}),
    "MultiAz": (GROUP, VALKEY, {"MultiAZEnabled": False}),
    "MoreShards": (GROUP, SHARDS, {"NumNodeGroups": 3}),
    "MoreReplicas": (GROUP, SHARDS, {"ReplicasPerNodeGroup": 2}),
    # The cache's own definition stays the same: the subnet group that it is in is another one.
    "Dragged": (GROUP, {**VALKEY, "CacheSubnetGroupName": {"Ref": "NetNamed"}}, {}),
    "NetNamed": (SUBNET_GROUP, NET, {"CacheSubnetGroupName": "net"}),
    "NetUnnamed": (SUBNET_GROUP, {**NET, "CacheSubnetGroupName": "net2"}, {"CacheSubnetGroupName": None}),
    "NetDescription": (SUBNET_GROUP, NET, {"Description": "e"}),
    "NetSubnets": (SUBNET_GROUP, NET, {"SubnetIds": [*SUBNETS, "SUBNET-C"]}),
    "Family": (PARAMETER_GROUP, PARAMETERS, {"CacheParameterGroupFamily": "valkey9"}),
    "ClusterPort": (CACHE_CLUSTER, MEMCACHED, {"Port": 11212}),
    "ClusterNamed": (CACHE_CLUSTER, MEMCACHED, {"ClusterName": "cluster"}),
    "ClusterNet": (CACHE_CLUSTER, MEMCACHED, {"CacheSubnetGroupName": {"Ref": "OtherNet1"}}),
    "ClusterWindow": (CACHE_CLUSTER, MEMCACHED, {"PreferredMaintenanceWindow": "sun:05:00-sun:06:00"}),
    "ClusterNodes": (CACHE_CLUSTER, MEMCACHED, {"NumCacheNodes": 3}),
    "ClusterNodesInAZone": (
        CACHE_CLUSTER,
        {**MEMCACHED, "PreferredAvailabilityZone": "eu-west-1a"},
        {"NumCacheNodes": 3},
    ),
    "ServerlessName": (SERVERLESS, {"ServerlessCacheName": "s1", "Engine": "valkey"}, {"ServerlessCacheName": "s2"}),
    "ServerlessText": (SERVERLESS, {"ServerlessCacheName": "s3", "Engine": "valkey"}, {"Description": "d"}),
    "UserRights": (USER, READER, {"AccessString": "on ~* +@all"}),
    "UserRenamed": (USER, {**READER, "UserId": "u1", "UserName": "u1"}, {"UserId": "u2", "UserName": "u2"}),
    "UserGroupRenamed": (USER_GROUP, READERS, {"UserGroupId": "readers2"}),
    "Values": (PARAMETER_GROUP, PARAMETERS, {"Properties": {"timeout": 30}}),
}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a replacement that keeps the name": ({**VALKEY, "ReplicationGroupId": "named"}, {"Port": 6380}),
    "a downgrade": (VALKEY, {"EngineVersion": "7.2"}),
}
# What the emulator may refuse to make, so that they cannot stand in the stack of the others.
APART = {
    "DataTieringEnabled": True,
    "GlobalReplicationGroupId": "g",
    "SnapshotArns": ["arn:aws:s3:::b/k"],
    "SnapshotName": "s",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Make clients of one emulator without engines."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        yield client_of(emulator.endpoint_url)


@pytest.fixture(scope="module")
def subnets(shared: Client) -> list[str]:
    """Make three subnets."""
    return make_subnets(shared, "abc")


def template(resources: dict[str, tuple[str, dict[str, Any]]], subnets: list[str]) -> str:
    """Return a template with resources, each a type and its properties, and with what they refer to."""
    all_resources: dict[str, tuple[str, dict[str, Any]]] = {
        "Net": (SUBNET_GROUP, NET),
        "OtherNet1": (SUBNET_GROUP, NET),
        "KmsKey": ("AWS::KMS::Key", {"Description": "d", "KeyPolicy": {}}),
        **resources,
    }
    written = {name: {"Type": kind, "Properties": values} for name, (kind, values) in all_resources.items()}
    text = json.dumps({"Resources": written})
    for name, subnet in zip((*SUBNETS, "SUBNET-C"), subnets, strict=True):
        text = text.replace(name, subnet)
    return text


def after(properties: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Return properties with a change."""
    return {name: value for name, value in {**properties, **change}.items() if value is not None}


def compared(old: str, new: str) -> dict[str, ResourceChange]:
    """Return what the comparison says, by logical id."""
    sides = [Side(template=document.parse(text, "test")) for text in (old, new)]
    return {item.logical_id: item for item in Comparison(*sides).changes()}


def deploy(client: Client, stack: str, old: str, new: str) -> tuple[str, set[str]]:
    """Deploy one template and then the other; return the last status, and whose physical id changed."""
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=old)
    assert at_rest(client, stack)["StackStatus"] == "CREATE_COMPLETE"
    before = physical_ids(client, stack)
    cloudformation.update_stack(StackName=stack, TemplateBody=new)
    status = at_rest(client, stack)["StackStatus"]
    now = physical_ids(client, stack)
    cloudformation.delete_stack(StackName=stack)
    return status, {name for name, physical_id in before.items() if now.get(name) != physical_id}


def physical_ids(client: Client, stack: str) -> dict[str, str]:
    """Return the physical ids of the resources of a stack."""
    listed = client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in listed}


def test_a_deployment_replaces_exactly_what_the_comparison_says(shared: Client, subnets: list[str]) -> None:
    """All cases in one stack, so that what one replaces could drag others along."""
    old = template({name: (kind, values) for name, (kind, values, _) in CASES.items()}, subnets)
    new = template({name: (kind, after(values, change)) for name, (kind, values, change) in CASES.items()}, subnets)
    found = compared(old, new)

    status, replaced = deploy(shared, "cases", old, new)

    assert status == "UPDATE_COMPLETE"
    assert replaced == {name for name, item in found.items() if item.kind is Kind.REPLACEMENT}
    assert {"Port", "Dragged", "Family"} <= replaced
    assert not {"Same", "PortAsText", "Description", "MoreReplicas"} & replaced
    assert not any(item.refused for item in found.values())


@pytest.mark.parametrize("case", REFUSED)
def test_a_deployment_fails_where_the_comparison_says_that_it_is_refused(
    shared: Client, subnets: list[str], case: str
) -> None:
    """And the cache stays."""
    values, change = REFUSED[case]
    old, new = (template({"Cache": (GROUP, one)}, subnets) for one in (values, after(values, change)))

    status, replaced = deploy(shared, f"refused-{len(case)}", old, new)

    assert compared(old, new)["Cache"].refused
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert replaced == set()


@pytest.mark.parametrize("name", APART)
def test_what_the_emulator_may_not_make_never_changes_in_place(shared: Client, subnets: list[str], name: str) -> None:
    """It fails, or it is another group, as the comparison says."""
    old, new = (template({"Cache": (GROUP, values)}, subnets) for values in (VALKEY, {**VALKEY, name: APART[name]}))

    status, replaced = deploy(shared, f"apart-{name}", old, new)

    told = compared(old, new)["Cache"]
    assert told.kind in (Kind.REPLACEMENT, Kind.REFUSED)
    assert {item.kind for item in told.properties} == {Kind.REPLACEMENT}
    assert not (told.refused and status == "UPDATE_COMPLETE")
    assert (status == "UPDATE_COMPLETE") == (replaced == {"Cache"})


def test_every_property_that_replaces_has_its_case() -> None:
    """Of the types that the emulator deploys."""
    tried = {(kind, name) for kind, _, change in CASES.values() for name in change} | {(GROUP, name) for name in APART}
    replacing = {
        (kind, name)
        for kind in (GROUP, SUBNET_GROUP, PARAMETER_GROUP)
        for name, known in types()[kind].properties.items()
        if known.update == "replacement"
    }

    assert replacing <= tried
