"""The types that can be deployed: all that the examples synthesize, and every attribute of ElastiCache's."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from elasticache_kit.emulator.cloudformation.resource import DEAD_TYPES, model_class, unsupported
from elasticache_kit.emulator.cloudformation.resource_type import RESOURCE_TYPES
from elasticache_kit.model import return_value
from elasticache_kit.model.change.fact import types
from tests.emulator.cloudformation.stack_of import ELASTICACHE, resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "constructs").glob("*.py"))
# What the attributes of some types are of: caches of each kind.
NODES = {"CacheNodeType": "cache.t4g.small", "CacheSubnetGroupName": "net"}
GROUP = {"ReplicationGroupDescription": "d", "Engine": "valkey", "TransitEncryptionEnabled": True, **NODES}
USER = {"UserId": "reader", "UserName": "reader", "Engine": "valkey", "AccessString": "on ~* +@read"}
RESOURCES: dict[str, dict[str, Any]] = {
    "Memcached": resource("CacheCluster", {"Engine": "memcached", "NumCacheNodes": 2, **NODES}),
    "Redis": resource("CacheCluster", {"Engine": "redis", "NumCacheNodes": 1, **NODES}),
    "Plain": resource("ReplicationGroup", {**GROUP, "NumCacheClusters": 2}),
    "Shards": resource(
        "ReplicationGroup",
        {
            **GROUP,
            "NumNodeGroups": 2,
            "ReplicasPerNodeGroup": 1,
            "AutomaticFailoverEnabled": True,
            "CacheParameterGroupName": "default.valkey8.cluster.on",
            "EngineVersion": "8.1",
        },
    ),
    "Parameters": resource("ParameterGroup", {"Description": "d", "CacheParameterGroupFamily": "valkey8"}),
    "Serverless": resource("ServerlessCache", {"ServerlessCacheName": "serverless", "Engine": "valkey"}),
    "ServerlessSnapshot": resource(
        "ServerlessCacheSnapshot",
        {"ServerlessCacheSnapshotName": "of-serverless", "ServerlessCacheName": {"Ref": "Serverless"}},
    ),
    "OfNode": resource("Snapshot", {"SnapshotName": "of-node", "CacheClusterId": {"Ref": "Redis"}}),
    "OfGroup": resource("Snapshot", {"SnapshotName": "of-group", "ReplicationGroupId": {"Ref": "Shards"}}),
    "User": resource("User", {**USER, "AuthenticationMode": {"Type": "iam"}}),
    "Users": resource("UserGroup", {"UserGroupId": "readers", "Engine": "valkey", "UserIds": [{"Ref": "User"}]}),
    "Big": resource(
        "ReplicationGroup",
        {
            **GROUP,
            "CacheNodeType": "cache.r7g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "AutoMinorVersionUpgrade": False,
        },
    ),
    "World": resource(
        "GlobalReplicationGroup",
        {
            "GlobalReplicationGroupIdSuffix": "world",
            "Members": [
                {"ReplicationGroupId": {"Ref": "Big"}, "ReplicationGroupRegion": "eu-west-1", "Role": "PRIMARY"}
            ],
        },
    ),
}
# The conditions of the data: an attribute that only a cache of another kind has.
ABSENT = {
    "Memcached": ("RedisEndpoint",),
    "Redis": ("ConfigurationEndpoint",),
    "Plain": ("ConfigurationEndPoint",),
    "Big": ("ConfigurationEndPoint",),
    "Shards": ("PrimaryEndPoint", "ReaderEndPoint", "ReadEndPoint"),
    # What was set on the cache, and a snapshot of a group says nothing of one node.
    "OfNode": ("AutomaticFailover", "NumNodeGroups", "ReplicationGroupDescription", "TopicArn", "DataTiering"),
    "OfGroup": ("CacheClusterCreateTime", "NumCacheNodes", "PreferredAvailabilityZone", "TopicArn"),
}


def types_of(template: dict[str, Any]) -> set[str]:
    """Return the types of a template's resources."""
    return {item["Type"] for item in template["Resources"].values()}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_type_of_the_examples_can_be_deployed(path: Path) -> None:
    """Whatever their constructs make."""
    app = runpy.run_path(str(path), run_name="__main__")["app"]
    found = set[str]().union(*(types_of(stack.template) for stack in app.synth().stacks_recursively))

    assert unsupported(found) == []
    assert any(name.startswith(ELASTICACHE) for name in found)


@pytest.mark.usefixtures("account")
def test_a_type_that_nobody_has_is_named() -> None:
    """The others beside it are not."""
    assert unsupported({"AWS::S3::Bucket", f"{ELASTICACHE}User", "AWS::Nowhere::Thing"}) == ["AWS::Nowhere::Thing"]


@pytest.mark.usefixtures("account")
def test_a_type_that_both_have_is_ours() -> None:
    """Of two classes moto takes the later one."""
    assert [model_class(item.cloudformation_type()) for item in RESOURCE_TYPES] == list(RESOURCE_TYPES)


@pytest.mark.parametrize("kind", sorted(DEAD_TYPES))
def test_the_types_of_ec2_classic_are_refused_with_that_reason(stack: StackOf, kind: str) -> None:
    """They are in the data of CloudFormation, and no account can make one."""
    with pytest.raises(ClientError, match=f"{kind}: cache security groups went with EC2-Classic"):
        stack.attempt({"Old": {"Type": kind, "Properties": {"Description": "d"}}})


@pytest.mark.usefixtures("account")
def test_every_type_of_elasticache_is_deployed_or_refused() -> None:
    """None is forgotten."""
    assert unsupported(set(types())) == sorted(DEAD_TYPES)


def test_every_attribute_is_answered(stack: StackOf) -> None:
    """By a stack with a cache of every kind: each attribute of the data is the output of a resource that has it."""
    wanted: dict[str, tuple[str, str]] = {}
    for logical_id, item in RESOURCES.items():
        for name, kind in return_value.attributes(item["Type"]).items():
            if kind in ("string", "number") and not name.startswith(ABSENT.get(logical_id, ())):
                wanted[f"{logical_id}{name.replace('.', '')}"] = (logical_id, name)

    found = stack.deploy(RESOURCES, {key: {"Fn::GetAtt": list(path)} for key, path in wanted.items()})

    answered = {(RESOURCES[logical_id]["Type"], name) for logical_id, name in wanted.values()}
    asked = {
        (kind, name)
        for kind in types()
        if kind not in DEAD_TYPES
        for name, form in return_value.attributes(kind).items()
        if form in ("string", "number")
    }
    assert {key: value for key, value in found.items() if not value} == {}
    assert set(found) == set(wanted)
    assert asked - answered <= {(f"{ELASTICACHE}Snapshot", "TopicArn"), (f"{ELASTICACHE}Snapshot", "DataTiering")}


@pytest.mark.parametrize(
    ("logical_id", "attribute"), [(logical_id, names[0]) for logical_id, names in ABSENT.items() if logical_id != "Big"]
)
def test_an_attribute_of_another_kind_of_cache_fails(stack: StackOf, logical_id: str, attribute: str) -> None:
    """The data says under which condition each is there."""
    names = return_value.attributes(RESOURCES[logical_id]["Type"])
    path = next(name for name in names if name.startswith(attribute) and names[name] in ("string", "number"))

    ended = stack.attempt(RESOURCES, {"Output": {"Fn::GetAtt": [logical_id, path]}})

    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any(f"has no attribute {path}" in reason for reason in stack.reasons())


def test_lists_are_lists(stack: StackOf) -> None:
    """Fn::Join and Fn::Select take them."""
    addresses = {"Fn::GetAtt": ["Plain", "ReadEndPoint.AddressesList"]}
    ports = {"Fn::GetAtt": ["Plain", "ReadEndPoint.PortsList"]}

    found = stack.deploy(
        {"Plain": RESOURCES["Plain"]},
        {"First": {"Fn::Select": [0, addresses]}, "Ports": {"Fn::Join": [",", ports]}},
    )

    (group,) = stack.client("elasticache").describe_replication_groups(ReplicationGroupId=stack.id_of("Plain"))[
        "ReplicationGroups"
    ]
    members = group["NodeGroups"][0]["NodeGroupMembers"]
    assert found == {"First": members[0]["ReadEndpoint"]["Address"], "Ports": "6379,6379"}
