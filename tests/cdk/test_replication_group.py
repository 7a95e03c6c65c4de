"""ReplicationGroup: cluster mode disabled."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk import (
    EngineVersion,
    LogDelivery,
    MaintenanceWindow,
    NodeType,
    ParameterGroup,
    RedisVersion,
    ReplicationGroup,
    SnapshotSource,
    SnapshotWindow,
    SubnetGroup,
    ValkeyVersion,
)
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, default_version

TYPE = "AWS::ElastiCache::ReplicationGroup"


def _resource(stack: Stack) -> dict[str, Any]:
    return dict(dict(Template.from_stack(stack).find_resources(TYPE)).popitem()[1])


def _properties(stack: Stack) -> dict[str, Any]:
    return _resource(stack)["Properties"]


def _refusal(stack: Stack, vpc: ec2.IVpc, **wrong: Any) -> str:
    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Cache", vpc=vpc, **wrong)
    assert stack.node.try_find_child("Cache") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def test_nothing_but_a_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """The defaults are one replica in another zone, encrypted, in private subnets, with snapshots."""
    ReplicationGroup(stack, "Cache", vpc=vpc)
    version = default_version(Engine.VALKEY)

    assert _properties(stack) == {
        "ReplicationGroupDescription": "Replication group Stack/Cache",
        "Engine": "valkey",
        "EngineVersion": version.version,
        "CacheNodeType": "cache.t4g.small",
        "CacheParameterGroupName": f"default.{version.family}",
        "CacheSubnetGroupName": {"Ref": "CacheSubnetGroup91C52AB9"},
        "SecurityGroupIds": [{"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}],
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "SnapshotRetentionLimit": 15,
        "AutoMinorVersionUpgrade": True,
    }


def test_everything_given(stack: Stack, vpc: ec2.Vpc) -> None:
    """Every option arrives in the property that it is named after."""
    arn = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
    topic = "arn:aws:sns:eu-west-1:123456789012:orders"
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        cache_subnet_group=SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "orders-subnets"),
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
        engine_version=ValkeyVersion.VER_8_1,
        cache_node_type=NodeType.of("cache.r7g.large"),
        num_cache_clusters=3,
        preferred_cache_cluster_azs=["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        cluster_mode="disabled",
        automatic_failover_enabled=True,
        multi_az_enabled=False,
        cache_parameter_group=ParameterGroup.from_cache_parameter_group_name(stack, "Parameters", "orders-parameters"),
        replication_group_id="Orders",
        replication_group_description="The cache of the orders",
        transit_encryption_enabled=True,
        transit_encryption_mode="preferred",
        at_rest_encryption_enabled=True,
        kms_key=kms.Key.from_key_arn(stack, "Key", arn),
        port=6380,
        network_type="dual_stack",
        ip_discovery="ipv6",
        durability="disabled",
        snapshot_source=SnapshotSource.from_snapshot_name("Orders-Yesterday"),
        snapshot_retention_limit=35,
        snapshot_window=SnapshotWindow.daily("05:00", Duration.hours(4)),
        preferred_maintenance_window=MaintenanceWindow.weekly("sun", "23:00", Duration.minutes(150)),
        auto_minor_version_upgrade=False,
        log_delivery_configurations=[LogDelivery.to_delivery_stream("slow-log", "orders-logs")],
        notification_topic=sns.Topic.from_topic_arn(stack, "Topic", topic),
        snapshotting_cluster_id="Orders-002",
        tags={"team": "orders"},
        removal_policy=RemovalPolicy.DESTROY,
    )
    resource = _resource(stack)

    assert resource["Properties"] == {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "The cache of the orders",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.r7g.large",
        "CacheParameterGroupName": "orders-parameters",
        "CacheSubnetGroupName": "orders-subnets",
        "SecurityGroupIds": ["sg-0123456789abcdef0"],
        "NumCacheClusters": 3,
        "PreferredCacheClusterAZs": ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": False,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "preferred",
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": arn,
        "Port": 6380,
        "ClusterMode": "disabled",
        "NetworkType": "dual_stack",
        "IpDiscovery": "ipv6",
        "Durability": "disabled",
        "SnapshotName": "orders-yesterday",
        "SnapshotRetentionLimit": 35,
        "SnapshotWindow": "05:00-09:00",
        "SnapshottingClusterId": "orders-002",
        "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
        "AutoMinorVersionUpgrade": False,
        "LogDeliveryConfigurations": [
            {
                "LogType": "slow-log",
                "LogFormat": "json",
                "DestinationType": "kinesis-firehose",
                "DestinationDetails": {"KinesisFirehoseDetails": {"DeliveryStream": "orders-logs"}},
            }
        ],
        "NotificationTopicArn": topic,
        "Tags": [{"Key": "team", "Value": "orders"}],
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Delete"


def test_a_node_that_exists_becomes_the_primary(stack: Stack, vpc: ec2.Vpc) -> None:
    """The node is named, in lower case."""
    ReplicationGroup(stack, "Cache", vpc=vpc, primary_cluster_id="Orders-001")

    assert _properties(stack)["PrimaryClusterId"] == "orders-001"


def test_a_snapshot_is_kept_on_removal_and_replacement(stack: Stack, vpc: ec2.Vpc) -> None:
    """The data outlives the resource unless somebody says otherwise."""
    ReplicationGroup(stack, "Cache", vpc=vpc)

    Template.from_stack(stack).has_resource(TYPE, {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"})


def test_security_group_of_its_own_is_closed(stack: Stack, vpc: ec2.Vpc) -> None:
    """Nobody gets in, and nothing gets out: the CDK's rule to an impossible address says so."""
    ReplicationGroup(stack, "Cache", vpc=vpc)
    template = Template.from_stack(stack)

    template.resource_count_is("AWS::EC2::SecurityGroup", 1)
    template.has_resource_properties(
        "AWS::EC2::SecurityGroup",
        {"SecurityGroupIngress": Match.absent(), "SecurityGroupEgress": [{"CidrIp": "255.255.255.255/32"}]},
    )
    template.resource_count_is("AWS::EC2::SecurityGroupIngress", 0)


@pytest.mark.parametrize(("port", "opened"), [(None, 6379), (6380, 6380)])
def test_a_client_is_let_in_on_the_port(stack: Stack, vpc: ec2.Vpc, port: int | None, opened: int) -> None:
    """`connections` knows the port, from either side."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, port=port)
    client = ec2.SecurityGroup(stack, "Client", vpc=vpc)
    client.connections.allow_to_default_port(cache)

    Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress",
        {
            "FromPort": opened,
            "ToPort": opened,
            "GroupId": {"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]},
            "SourceSecurityGroupId": stack.resolve(client.security_group_id),
        },
    )


def test_owned_subnet_group_and_security_group(stack: Stack, vpc: ec2.Vpc) -> None:
    """What is made here is referred to, and nothing else is made."""
    subnets = SubnetGroup(stack, "Subnets", vpc=vpc)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    ReplicationGroup(stack, "Cache", vpc=vpc, cache_subnet_group=subnets, security_groups=[group])
    template = Template.from_stack(stack)

    template.resource_count_is("AWS::ElastiCache::SubnetGroup", 1)
    template.resource_count_is("AWS::EC2::SecurityGroup", 1)
    template.has_resource_properties(
        TYPE,
        {
            "CacheSubnetGroupName": stack.resolve(subnets.cache_subnet_group_name),
            "SecurityGroupIds": [stack.resolve(group.security_group_id)],
        },
    )


def test_owned_parameter_group_and_key(stack: Stack, vpc: ec2.Vpc) -> None:
    """A parameter group and a key that are made here are referred to."""
    parameters = ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_9_0)
    key = kms.Key(stack, "Key")
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        engine_version=ValkeyVersion.VER_9_0,
        cache_parameter_group=parameters,
        kms_key=key,
    )

    Template.from_stack(stack).has_resource_properties(
        TYPE,
        {
            "CacheParameterGroupName": stack.resolve(parameters.cache_parameter_group_name),
            "KmsKeyId": stack.resolve(key.key_arn),
        },
    )


def test_chosen_subnets(stack: Stack) -> None:
    """`vpc_subnets` says which subnets the subnet group of its own has."""
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, restrict_default_security_group=False)
    chosen = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    ReplicationGroup(stack, "Cache", vpc=vpc, vpc_subnets=chosen)

    Template.from_stack(stack).has_resource_properties(
        "AWS::ElastiCache::SubnetGroup",
        {"SubnetIds": [stack.resolve(subnet.subnet_id) for subnet in vpc.public_subnets]},
    )


def test_a_single_node_has_no_failover(stack: Stack, vpc: ec2.Vpc) -> None:
    """Without a replica there is nothing to fail over to."""
    ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=1)
    properties = _properties(stack)

    assert properties["AutomaticFailoverEnabled"] is False
    assert properties["MultiAZEnabled"] is False


def test_multi_az_follows_automatic_failover(stack: Stack, vpc: ec2.Vpc) -> None:
    """Who turns failover off need not turn Multi-AZ off as well."""
    ReplicationGroup(stack, "Cache", vpc=vpc, automatic_failover_enabled=False)

    assert _properties(stack)["MultiAZEnabled"] is False


@pytest.mark.parametrize(
    ("version", "written"),
    [
        (ValkeyVersion.VER_7_2, ("valkey", "7.2", "default.valkey7")),
        (ValkeyVersion.VER_9_1, ("valkey", "9.1", "default.valkey9")),
        (ValkeyVersion.of("9.7"), ("valkey", "9.7", "default.valkey9")),
        (RedisVersion.VER_7_1, ("redis", "7.1", "default.redis7")),
        (RedisVersion.VER_6_2, ("redis", "6.2", "default.redis6.x")),
    ],
)
def test_parameter_group_follows_the_version(
    stack: Stack, vpc: ec2.Vpc, version: EngineVersion, written: tuple[str, str, str]
) -> None:
    """The engine and the parameter group's family come with the version."""
    ReplicationGroup(stack, "Cache", vpc=vpc, engine_version=version)
    properties = _properties(stack)

    assert (properties["Engine"], properties["EngineVersion"], properties["CacheParameterGroupName"]) == written


def test_numbers_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """A token passes through, no rule fires on it, and the number is taken for one with replicas."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    text = CfnParameter(stack, "Text").value_as_string
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        num_cache_clusters=number,
        port=number,
        snapshot_retention_limit=number,
        replication_group_id=text,
        snapshot_window=text,
        preferred_maintenance_window=text,
    )
    properties = _properties(stack)

    assert properties["NumCacheClusters"] == properties["Port"] == {"Ref": "Number"}
    assert properties["SnapshotRetentionLimit"] == {"Ref": "Number"}
    assert properties["ReplicationGroupId"] == properties["SnapshotWindow"] == {"Ref": "Text"}
    assert properties["PreferredMaintenanceWindow"] == {"Ref": "Text"}
    assert properties["AutomaticFailoverEnabled"] is properties["MultiAZEnabled"] is True


def test_endpoints(stack: Stack, vpc: ec2.Vpc) -> None:
    """The primary and the reader endpoint are attributes of the resource."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    logical_id = stack.resolve(cache.replication_group_id)["Ref"]

    for endpoint, name in ((cache.primary_endpoint, "PrimaryEndPoint"), (cache.reader_endpoint, "ReaderEndPoint")):
        assert stack.resolve(endpoint.address) == {"Fn::GetAtt": [logical_id, f"{name}.Address"]}
        assert stack.resolve(endpoint.port) == {"Fn::GetAtt": [logical_id, f"{name}.Port"]}


def test_no_configuration_endpoint(stack: Stack, vpc: ec2.Vpc) -> None:
    """With cluster mode disabled CloudFormation fails on that attribute, so nobody gets it."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)

    with pytest.raises(ValidationError) as error:
        _ = cache.configuration_endpoint

    assert str(error.value) == (
        "Stack/Cache has no configuration endpoint: cluster mode is disabled; take primary_endpoint and "
        'reader_endpoint, or set cluster_mode="compatible"'
    )


def test_endpoints_in_another_stack() -> None:
    """Address and port cross stacks as exports."""
    app = App()
    maker, user = Stack(app, "Maker"), Stack(app, "User")
    cache = ReplicationGroup(maker, "Cache", vpc=ec2.Vpc(maker, "Vpc", restrict_default_security_group=False))
    CfnOutput(user, "Address", value=cache.primary_endpoint.socket_address)

    address, colon, port = Template.from_stack(user).find_outputs("Address")["Address"]["Value"]["Fn::Join"][1]
    assert list(address) == list(port) == ["Fn::ImportValue"]
    assert colon == ":"


def test_all_mistakes_at_once(stack: Stack, vpc: ec2.Vpc) -> None:
    """One message has every rule that is broken, with the value and the remedy, before jsii is called."""
    text = _refusal(
        stack,
        vpc,
        replication_group_id="orders-",
        num_cache_clusters=7,
        snapshot_retention_limit=36,
        snapshot_window="morning",
        transit_encryption_enabled=False,
        transit_encryption_mode="required",
    )
    assert text.splitlines() == [
        "Stack/Cache: 5 problems",
        "  replication_group_id = 'orders-': the id ends with a hyphen",
        "    take ASCII letters, digits and single hyphens, a letter first and no hyphen last   [rg-id-format]",
        "  num_cache_clusters = 7: a replication group without cluster mode has 1 to 6 nodes",
        "    set num_cache_clusters to 1 to 6, or take several shards in cluster mode   [rg-num-cache-clusters-range]",
        "  transit_encryption_mode = 'required': a mode of TLS needs TLS",
        "    set transit_encryption_enabled=True, or leave the mode out   [rg-tls-mode-needs-tls]",
        "  snapshot_retention_limit = 36: snapshots are kept 0 to 35 days",
        "    set it to 1 to 35, or to 0 for no automatic snapshots   [bk-retention]",
        "  snapshot_window = 'morning': it is not a daily window",
        "    write HH:MM-HH:MM in UTC, such as '05:00-06:00'   [bk-window-format]",
    ]
