"""Lookups: an app runs on dummies first, and then on what the CLI has found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import (
    Authentication,
    CacheAlarms,
    CacheDashboard,
    Engine,
    IamUser,
    IReplicationGroup,
    IShardedReplicationGroup,
    NodeGroupScaling,
    ReplicaScaling,
    ReplicationGroup,
    ShardedReplicationGroup,
    UserGroup,
)
from elasticache_kit.errors import ValidationError

HERE = Environment(account="123456789012", region="eu-west-1")
GROUP, NODE = "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::CacheCluster"
ORDERS: dict[str, Any] = {
    "ClusterMode": "disabled",
    "CacheNodeType": "cache.t4g.micro",
    "Engine": "valkey",
    "TransitEncryptionEnabled": False,
    "PrimaryEndPoint.Address": "primary.example",
    "PrimaryEndPoint.Port": "6390",
    "ReaderEndPoint.Address": "reader.example",
    "ReadEndPoint.AddressesList": ["one.example", "two.example", "three.example"],
}
SHARDED: dict[str, Any] = {
    **{name: value for name, value in ORDERS.items() if "EndPoint" not in name},
    "ClusterMode": "enabled",
    "ConfigurationEndPoint.Address": "configuration.example",
    "ConfigurationEndPoint.Port": "6379",
}
FIRST_NODE = {"EngineVersion": "8.1.0", "VpcSecurityGroupIds": ["sg-1", "sg-2"]}
Found = Mapping[tuple[str, str], Mapping[str, Any]]
Build = Callable[[Stack], Any]


def missing(app: App) -> list[dict[str, Any]]:
    """Return what an app asks the CLI to look up."""
    return json.loads((Path(app.synth().directory) / "manifest.json").read_text()).get("missing", [])


def first_pass(build: Build) -> tuple[App, Any]:
    """Build an app that nothing was looked up for."""
    app = App()
    return app, build(Stack(app, "Stack", env=HERE))


def looked_up(build: Build, found: Found) -> tuple[Stack, Any]:
    """Build an app until it has nothing more to ask, and put answers into its context meanwhile, as the CLI does."""
    context: dict[str, Any] = {}
    while True:
        app = App(context=context)
        stack = Stack(app, "Stack", env=HERE)
        built = build(stack)
        questions = [asked for asked in missing(app) if asked["key"] not in context]
        if not questions:
            return stack, built
        context |= {asked["key"]: answer(asked["props"], found) for asked in questions}


def answer(props: Mapping[str, Any], found: Found) -> Any:
    """Answer a question as the CLI's context provider does."""
    values = found.get((props["typeName"], props["exactIdentifier"]))
    if values is None:
        missing_error = {"$providerError": "No resource", "$dontSaveContext": True}
        return props["dummyValue"] if props.get("ignoreErrorOnMissingContext") else missing_error
    if not set(props["propertiesToReturn"]) <= values.keys():
        return {"$providerError": "Cannot read field", "$dontSaveContext": True}
    return [{**{name: values[name] for name in props["propertiesToReturn"]}, "Identifier": props["exactIdentifier"]}]


def orders(stack: Stack, **more: Any) -> IReplicationGroup:
    """Look up a group without cluster mode."""
    return ReplicationGroup.from_lookup(stack, "Cache", replication_group_id="Orders", **more)


def sharded(stack: Stack, **more: Any) -> IShardedReplicationGroup:
    """Look up a group with cluster mode."""
    return ShardedReplicationGroup.from_lookup(stack, "Cache", replication_group_id="orders", **more)


def everything(stack: Stack, cache: IReplicationGroup | IShardedReplicationGroup) -> None:
    """Use all that a reference offers."""
    cache.connections.allow_default_port_from(ec2.Peer.ipv4("10.0.0.0/16"))
    cache.grants.connect(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")))  # pyright: ignore[reportArgumentType] # jsii's structural types
    CacheAlarms(stack, "Alarms", cache=cache, alarms=["memory", "connections", "cpu", "engine-cpu"])
    CacheDashboard(stack, "Dashboard", caches=[cache])


def users(stack: Stack) -> Authentication:
    """Return a group of users that exists."""
    user = IamUser.from_user_id(stack, "User", "app")
    return Authentication.user_group(
        UserGroup.from_user_group_id(stack, "Users", "users", engine=Engine.VALKEY, users=[user])
    )


FOUND: Found = {(GROUP, "orders"): ORDERS, (NODE, "orders-001"): FIRST_NODE}
FOUND_SHARDED: Found = {(GROUP, "orders"): SHARDED, (NODE, "orders-0001-001"): FIRST_NODE}


def test_a_group_is_what_was_found() -> None:
    """Endpoints, port, nodes, version and security groups."""
    stack, cache = looked_up(orders, FOUND)

    assert cache.replication_group_id == "orders"
    assert (cache.primary_endpoint.socket_address, cache.reader_endpoint.address) == (
        "primary.example:6390",
        "reader.example",
    )
    assert cache.cache_cluster_ids == ("orders-001", "orders-002", "orders-003")
    assert [group.security_group_id for group in cache.connections.security_groups] == ["sg-1", "sg-2"]
    spec = cache.spec
    assert (spec.engine, spec.engine_version, spec.cache_node_type) == ("valkey", "8.1", "cache.t4g.micro")
    assert (spec.cluster_mode, spec.transit_encryption_enabled) == ("disabled", False)
    assert missing(stack.node.root) == []  # pyright: ignore[reportArgumentType] # the root is the app


def test_a_sharded_group_is_what_was_found() -> None:
    """How many node groups there are is told by the one who looks it up."""
    _, cache = looked_up(lambda stack: sharded(stack, num_node_groups=1, replicas_per_node_group=1), FOUND_SHARDED)

    assert cache.configuration_endpoint.socket_address == "configuration.example:6379"
    assert cache.cache_cluster_ids == ("orders-0001-001", "orders-0001-002")
    assert (cache.spec.engine_version, cache.spec.cluster_mode) == ("8.1", "enabled")


def test_a_sharded_group_does_not_tell_its_size() -> None:
    """What needs it says so."""
    _, cache = looked_up(sharded, FOUND_SHARDED)

    with pytest.raises(ValidationError, match="not known at synth"):
        _ = cache.cache_cluster_ids


def test_it_asks_in_the_place_of_the_stack_and_with_the_role_for_lookups() -> None:
    """By the id in lower case; and not for a node before the group is found, since the CDK keeps that there is none."""
    app, _ = first_pass(orders)

    asked = [item["props"] for item in missing(app)]

    assert {item["provider"] for item in missing(app)} == {"cc-api-provider"}
    assert [(item["typeName"], item["exactIdentifier"]) for item in asked] == [(GROUP, "orders"), (GROUP, "orders")]
    assert {(item["account"], item["region"]) for item in asked} == {("123456789012", "eu-west-1")}
    assert all("lookup-role" in item["lookupRoleArn"] for item in asked)
    assert not any(item.get("ignoreErrorOnMissingContext") for item in asked)


def test_nothing_is_refused_on_a_dummy() -> None:
    """Whatever is built on a lookup is built on its dummies too: a refusal would keep the CLI from asking."""

    def build(stack: Stack) -> None:
        everything(stack, orders(stack, authentication=users(stack)))

    def build_sharded(stack: Stack) -> None:
        cache = sharded(stack, authentication=users(stack), num_node_groups=2, replicas_per_node_group=1)
        everything(stack, cache)
        NodeGroupScaling(stack, "NodeGroups", replication_group=cache, max_capacity=4)
        ReplicaScaling(stack, "Replicas", replication_group=cache, max_capacity=3)

    for each in (build, build_sharded):
        app, _ = first_pass(each)
        assert len(missing(app)) == 2


def test_a_reference_is_a_whole_one() -> None:
    """Rules of security groups, grants, alarms and a dashboard of what was found."""

    def build(stack: Stack) -> None:
        everything(stack, orders(stack, authentication=users(stack)))

    stack, _ = looked_up(build, FOUND)

    template = Template.from_stack(stack)
    template.resource_properties_count_is("AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-1", "FromPort": 6390}, 1)
    template.resource_properties_count_is("AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-2", "FromPort": 6390}, 1)
    template.resource_count_is("AWS::CloudWatch::Alarm", 12)
    template.has_resource_properties(
        "AWS::IAM::Policy", Match.object_like({"PolicyDocument": {"Statement": Match.any_value()}})
    )


def test_a_group_of_the_other_cluster_mode_is_refused_by_name() -> None:
    """Before the CLI's own error, that an endpoint is not there."""
    with pytest.raises(ValidationError) as error:
        looked_up(orders, FOUND_SHARDED)
    with pytest.raises(ValidationError, match=r"take ReplicationGroup\.from_lookup"):
        looked_up(sharded, FOUND)

    assert str(error.value).splitlines() == [
        "Stack/Cache: 1 problem",
        "  replication_group_id = 'orders': its cluster mode is enabled, and this class is for the other one",
        "    take ShardedReplicationGroup.from_lookup   [cdk-lookup-cluster-mode]",
    ]


def test_cluster_mode_compatible_has_the_endpoints_of_both() -> None:
    """So it is a ReplicationGroup, whose nodes have the names of cluster mode."""
    found = {(GROUP, "orders"): {**ORDERS, "ClusterMode": "compatible"}, (NODE, "orders-0001-001"): FIRST_NODE}

    _, cache = looked_up(orders, found)

    assert cache.spec.cluster_mode == "compatible"
    assert cache.cache_cluster_ids[0] == "orders-0001-001"
    assert len(cache.connections.security_groups) == 2


def test_a_group_that_does_not_exist_is_an_error_of_the_synth() -> None:
    """In the words of the CLI, at the construct that asks."""
    stack, _ = looked_up(orders, {})

    Annotations.from_stack(stack).has_error("/Stack", Match.string_like_regexp("No resource"))


def test_without_its_first_node_the_security_groups_are_not_known() -> None:
    """That is a warning, unless they are given."""
    found = {(GROUP, "orders"): ORDERS}
    mine = ["sg-9"]

    silent, _ = looked_up(orders, found)
    given, cache = looked_up(
        lambda stack: orders(
            stack, security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Mine", name) for name in mine]
        ),
        found,
    )

    Annotations.from_stack(silent).has_warning("/Stack/Cache", Match.string_like_regexp("give security_groups"))
    Annotations.from_stack(given).has_no_warning("/Stack/Cache", Match.any_value())
    assert [group.security_group_id for group in cache.connections.security_groups] == mine
    assert cache.spec.engine == "valkey"


def test_a_stack_without_a_fixed_environment_cannot_look_up() -> None:
    """Both what is missing and what to do, at once."""
    with pytest.raises(ValidationError) as error:
        orders(Stack(App(), "Stack"))

    assert str(error.value).startswith("Stack/Cache: 2 problems")
    assert "give the stack env=Environment(account=..., region=...)" in str(error.value)


def test_an_id_that_is_a_token_cannot_be_looked_up() -> None:
    """Nobody knows it at synth."""
    stack = Stack(App(), "Stack", env=HERE)

    with pytest.raises(ValidationError, match="give the id itself"):
        ReplicationGroup.from_lookup(stack, "Cache", replication_group_id=stack.stack_id)
