"""MemcachedCluster."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk.engine_version import ValkeyVersion
from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.memcached.reference import IMemcachedCluster
from elasticache_kit.cdk.memcached.version import MemcachedVersion
from elasticache_kit.cdk.parameter_group import ParameterGroup
from elasticache_kit.cdk.subnet_group import SubnetGroup
from elasticache_kit.cdk.window import MaintenanceWindow
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, default_version
from elasticache_kit.model.node_type import NodeType
from tests.cdk.linted import linted, only

TYPE = "AWS::ElastiCache::CacheCluster"


def _refusal(stack: Stack, vpc: ec2.IVpc, **wrong: Any) -> str:
    with pytest.raises(ValidationError) as error:
        MemcachedCluster(stack, "Cache", vpc=vpc, **wrong)
    assert stack.node.try_find_child("Cache") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def test_nothing_but_a_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """The defaults are two nodes in two zones, with TLS, in private subnets."""
    MemcachedCluster(stack, "Cache", vpc=vpc)
    version = default_version(Engine.MEMCACHED)
    resource = only(linted(stack), TYPE)

    assert resource["Properties"] == {
        "Engine": "memcached",
        "EngineVersion": version.version,
        "CacheNodeType": "cache.t4g.small",
        "NumCacheNodes": 2,
        "AZMode": "cross-az",
        "PreferredAvailabilityZones": stack.resolve(vpc.availability_zones),
        "CacheParameterGroupName": "default.memcached1.6",
        "CacheSubnetGroupName": {"Ref": "CacheSubnetGroup91C52AB9"},
        "VpcSecurityGroupIds": [{"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}],
        "TransitEncryptionEnabled": True,
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Delete"
    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_everything_given(stack: Stack, vpc: ec2.Vpc) -> None:
    """Every option arrives in the property that it is named after, and the name in lower case."""
    MemcachedCluster(
        stack,
        "Cache",
        vpc=vpc,
        cache_subnet_group=SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "orders-subnets"),
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        engine_version=MemcachedVersion.VER_1_6_17,
        cache_node_type=NodeType.of("cache.m7g.large"),
        num_cache_nodes=3,
        az_mode="cross-az",
        preferred_availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1a"],
        cache_parameter_group=ParameterGroup.from_cache_parameter_group_name(stack, "Parameters", "orders-parameters"),
        cluster_name="Orders",
        transit_encryption_enabled=True,
        network_type="dual_stack",
        ip_discovery="ipv6",
        port=11411,
        preferred_maintenance_window=MaintenanceWindow.weekly("sun", "23:00"),
        notification_topic=sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:123456789012:orders"),
        tags={"team": "orders"},
        removal_policy=RemovalPolicy.RETAIN,
    )
    resource = only(linted(stack), TYPE)

    assert resource["Properties"] == {
        "Engine": "memcached",
        "EngineVersion": "1.6.17",
        "CacheNodeType": "cache.m7g.large",
        "NumCacheNodes": 3,
        "AZMode": "cross-az",
        "PreferredAvailabilityZones": ["eu-west-1a", "eu-west-1b", "eu-west-1a"],
        "CacheParameterGroupName": "orders-parameters",
        "CacheSubnetGroupName": "orders-subnets",
        "ClusterName": "orders",
        "VpcSecurityGroupIds": ["sg-0123456789abcdef0"],
        "TransitEncryptionEnabled": True,
        "NetworkType": "dual_stack",
        "IpDiscovery": "ipv6",
        "Port": 11411,
        "PreferredMaintenanceWindow": "sun:23:00-mon:00:00",
        "NotificationTopicArn": "arn:aws:sns:eu-west-1:123456789012:orders",
        "Tags": [{"Key": "team", "Value": "orders"}],
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_logical_ids_survive_releases(stack: Stack, vpc: ec2.Vpc) -> None:
    """These ids are a contract: another one here replaces the caches of everybody who updates."""
    MemcachedCluster(stack, "Cache", vpc=vpc)
    resources = Template.from_stack(stack).to_json()["Resources"]

    assert {name: resource["Type"] for name, resource in resources.items() if name.startswith("Cache")} == {
        "Cache18F6EE16": TYPE,
        "CacheSubnetGroup91C52AB9": "AWS::ElastiCache::SubnetGroup",
        "CacheSecurityGroup79A9F160": "AWS::EC2::SecurityGroup",
    }


def test_every_argument_is_documented() -> None:
    """The docstring names each argument, and says of each optional one what happens without it."""
    parameters = inspect.signature(MemcachedCluster.__init__).parameters
    text = inspect.getdoc(MemcachedCluster) or ""
    arguments = text[text.index("Args:") : text.index("Raises:")]

    for name, parameter in list(parameters.items())[1:]:
        assert f"    {name}: " in arguments
        described = arguments.split(f"    {name}: ")[1].split("\n    ")[0:4]
        if parameter.default is not inspect.Parameter.empty:
            assert "Default:" in " ".join(described), name


def test_one_node_is_in_one_zone(stack: Stack, vpc: ec2.Vpc) -> None:
    """A node cannot be spread; its zone is named all the same, so that a second one can come without replacement."""
    MemcachedCluster(stack, "Cache", vpc=vpc, num_cache_nodes=1)
    properties = only(linted(stack), TYPE)["Properties"]

    assert properties["AZMode"] == "single-az"
    assert properties["PreferredAvailabilityZones"] == stack.resolve(vpc.availability_zones[:1])


def test_numbers_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """A token passes through, and no zones are named for a number that nobody knows."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    cache = MemcachedCluster(stack, "Cache", vpc=vpc, num_cache_nodes=number, port=number)
    properties = only(linted(stack), TYPE)["Properties"]

    assert properties["NumCacheNodes"] == properties["Port"] == {"Ref": "Number"}
    assert properties["AZMode"] == "cross-az"
    assert "PreferredAvailabilityZones" not in properties
    with pytest.raises(ValidationError, match="the number of its nodes is not known at synth"):
        _ = cache.cache_node_ids


def test_discovery_endpoint(stack: Stack, vpc: ec2.Vpc) -> None:
    """The configuration endpoint is an attribute of the resource, its port a number that CloudFormation has as text."""
    cache = MemcachedCluster(stack, "Cache", vpc=vpc)
    CfnOutput(stack, "Endpoint", value=cache.configuration_endpoint.socket_address)

    assert isinstance(cache, IMemcachedCluster)
    assert stack.resolve(cache.cluster_name) == {"Ref": "Cache18F6EE16"}
    assert stack.resolve(cache.configuration_endpoint.port) == {
        "Fn::GetAtt": ["Cache18F6EE16", "ConfigurationEndpoint.Port"]
    }
    assert linted(stack).find_outputs("Endpoint")["Endpoint"]["Value"]["Fn::Join"][1] == [
        {"Fn::GetAtt": ["Cache18F6EE16", "ConfigurationEndpoint.Address"]},
        ":",
        {"Fn::GetAtt": ["Cache18F6EE16", "ConfigurationEndpoint.Port"]},
    ]


@pytest.mark.parametrize(("port", "opened"), [(None, 11211), (11411, 11411)])
def test_connections(stack: Stack, vpc: ec2.Vpc, port: int | None, opened: int) -> None:
    """Whoever is let in is let in to the port of the nodes."""
    cache = MemcachedCluster(stack, "Cache", vpc=vpc, port=port)
    ec2.SecurityGroup(stack, "Client", vpc=vpc).connections.allow_to_default_port(cache)

    linted(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress",
        {"GroupId": {"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}, "FromPort": opened, "ToPort": opened},
    )


def test_node_ids(stack: Stack, vpc: ec2.Vpc) -> None:
    """Metrics of Memcached are about nodes, which have numbers."""
    assert MemcachedCluster(stack, "Cache", vpc=vpc, num_cache_nodes=3).cache_node_ids == ("0001", "0002", "0003")


def _function(stack: Stack, vpc: ec2.IVpc) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("handler = print"),
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    )


@pytest.mark.parametrize("imported", [True, False])
def test_environment_of_an_application(stack: Stack, vpc: ec2.Vpc, imported: bool) -> None:
    """One call gives the variables and opens the port; nobody signs in to Memcached."""
    cache: IMemcachedCluster = MemcachedCluster(stack, "Cache", vpc=vpc)
    if imported:
        cache = MemcachedCluster.from_memcached_cluster_attributes(
            stack,
            "Imported",
            cluster_name="orders",
            configuration_endpoint_address="orders.cfg.example.com",
            security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
            transit_encryption_enabled=False,
        )
    cache.inject_environment(_function(stack, vpc))
    template = linted(stack)
    variables = only(template, "AWS::Lambda::Function")["Properties"]["Environment"]["Variables"]

    assert variables["ELASTICACHE_KIT_ENGINE"] == "memcached"
    assert variables["ELASTICACHE_KIT_TLS"] == ("false" if imported else "true")
    assert variables["ELASTICACHE_KIT_AUTH"] == "none"
    template.resource_count_is("AWS::EC2::SecurityGroupIngress", 1)


def test_imported(stack: Stack, vpc: ec2.Vpc) -> None:
    """An imported cluster has its endpoint and its nodes as values, and lets a client in."""
    cache = MemcachedCluster.from_memcached_cluster_attributes(
        stack,
        "Cache",
        cluster_name="Orders",
        configuration_endpoint_address="orders.cfg.example.com",
        port=11411,
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        num_cache_nodes=2,
    )
    ec2.SecurityGroup(stack, "Client", vpc=vpc).connections.allow_to_default_port(cache)
    template = linted(stack)

    assert isinstance(cache, IMemcachedCluster)
    assert cache.cluster_name == "orders"
    assert cache.configuration_endpoint.socket_address == "orders.cfg.example.com:11411"
    assert cache.cache_node_ids == ("0001", "0002")
    assert not template.find_resources(TYPE)
    template.has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0", "FromPort": 11411, "ToPort": 11411}
    )


@pytest.mark.parametrize(
    ("attribute", "sentence"),
    [
        (
            "configuration_endpoint",
            (
                "Stack/Cache is imported without its configuration endpoint; "
                "give configuration_endpoint_address where it is imported"
            ),
        ),
        (
            "cache_node_ids",
            (
                "Stack/Cache: the number of its nodes is not known at synth; "
                "give num_cache_nodes where the cluster is made or imported"
            ),
        ),
    ],
)
def test_what_an_import_did_not_tell(stack: Stack, attribute: str, sentence: str) -> None:
    """It is missed when it is asked for, with what to do."""
    cache = MemcachedCluster.from_memcached_cluster_attributes(stack, "Cache", cluster_name="orders")

    with pytest.raises(ValidationError) as error:
        getattr(cache, attribute)

    assert str(error.value) == sentence


def test_a_topic_of_this_app_lets_elasticache_publish(stack: Stack, vpc: ec2.Vpc) -> None:
    """Nobody has to think of the policy of the topic."""
    MemcachedCluster(stack, "Cache", vpc=vpc, notification_topic=sns.Topic(stack, "Topic"))

    linted(stack).resource_count_is("AWS::SNS::TopicPolicy", 1)


def test_an_encrypted_topic(stack: Stack, vpc: ec2.Vpc) -> None:
    """ElastiCache cannot publish to it."""
    key: Any = kms.Key(stack, "Key")  # to pyright no class of the CDK has the parameter names of its interface
    topic = sns.Topic(stack, "Topic", master_key=key)

    assert "[cdk-notification-topic-key]" in _refusal(stack, vpc, notification_topic=topic)


def test_all_mistakes_at_once(stack: Stack, vpc: ec2.Vpc) -> None:
    """One message has every mistake, also those that only this class sees."""
    text = _refusal(
        stack,
        vpc,
        engine_version=ValkeyVersion.VER_8_1,
        cache_subnet_group=SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "orders"),
        vpc_subnets=ec2.SubnetSelection(),
        removal_policy=RemovalPolicy.SNAPSHOT,
    )

    assert "engine_version = 'valkey 8.1': it is no version of Memcached" in text
    assert (
        "take a MemcachedVersion, or a ReplicationGroup, of one node too, for valkey   [cdk-memcached-engine]" in text
    )
    assert "[cdk-subnets-twice]" in text
    assert "removal_policy = 'SNAPSHOT': nodes of Memcached have no snapshots" in text


def test_wrong_types(stack: Stack, vpc: ec2.Vpc) -> None:
    """A wrong type is a sentence of Python's side, not a trace of JavaScript's."""
    text = _refusal(stack, vpc, num_cache_nodes="3", preferred_availability_zones="eu-west-1a")

    assert text.splitlines()[0] == "Stack/Cache: 2 problems"
    assert "write ['eu-west-1a']" in text


def test_ipv6_in_subnets_without_it(stack: Stack, vpc: ec2.Vpc) -> None:
    """Subnets that the app makes tell which network types they allow."""
    assert "[cdk-network-type-subnets]" in _refusal(stack, vpc, network_type="dual_stack")


def test_a_parameter_group_of_memcached(stack: Stack, vpc: ec2.Vpc) -> None:
    """The settings of Memcached are checked as those of the other engines are."""
    parameters = ParameterGroup(
        stack, "Parameters", engine_version=MemcachedVersion.VER_1_6_22, properties={"max_item_size": 2097152}
    )
    MemcachedCluster(stack, "Cache", vpc=vpc, cache_parameter_group=parameters)

    assert only(linted(stack), TYPE)["Properties"]["CacheParameterGroupName"] == stack.resolve(
        parameters.cache_parameter_group_name
    )


def test_zones_of_the_region(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """In a stack with a Region the nodes take turns in the zones of the subnets."""
    MemcachedCluster(regional_stack, "Cache", vpc=regional_vpc, num_cache_nodes=3)

    assert only(linted(regional_stack), TYPE)["Properties"]["PreferredAvailabilityZones"] == [
        "eu-west-1a",
        "eu-west-1b",
        "eu-west-1a",
    ]


def test_a_vpc_that_is_yet_to_be_looked_up() -> None:
    """The first run of an app with a lookup passes, and names no zones that it does not know."""
    stack = Stack(App(), "Stack", env={"account": "123456789012", "region": "eu-west-1"})
    MemcachedCluster(stack, "Cache", vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0"))

    assert "PreferredAvailabilityZones" not in only(Template.from_stack(stack), TYPE)["Properties"]
