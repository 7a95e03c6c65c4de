"""ShardedReplicationGroup: cluster mode enabled."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import CfnParameter, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import (
    LogDelivery,
    MaintenanceWindow,
    NodeGroupConfiguration,
    NodeType,
    ParameterGroup,
    ShardedReplicationGroup,
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


def test_nothing_but_a_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """The defaults are three node groups with a replica each, encrypted, in private subnets, with snapshots."""
    ShardedReplicationGroup(stack, "Cache", vpc=vpc)
    version = default_version(Engine.VALKEY)

    assert _properties(stack) == {
        "ReplicationGroupDescription": "Replication group Stack/Cache",
        "Engine": "valkey",
        "EngineVersion": version.version,
        "CacheNodeType": "cache.t4g.small",
        "CacheParameterGroupName": f"default.{version.family}.cluster.on",
        "CacheSubnetGroupName": {"Ref": "CacheSubnetGroup91C52AB9"},
        "SecurityGroupIds": [{"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}],
        "ClusterMode": "enabled",
        "NumNodeGroups": 3,
        "ReplicasPerNodeGroup": 1,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "SnapshotRetentionLimit": 15,
        "AutoMinorVersionUpgrade": True,
    }


def test_everything_given(stack: Stack, vpc: ec2.Vpc) -> None:
    """Every option arrives in the property that it is named after."""
    key = kms.Key(stack, "Key")
    topic = sns.Topic(stack, "Topic")
    subnets = SubnetGroup(stack, "Subnets", vpc=vpc)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    parameters = ParameterGroup(
        stack, "Parameters", engine_version=ValkeyVersion.VER_8_1, properties={"cluster-enabled": True}
    )
    ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        cache_subnet_group=subnets,
        security_groups=[group],
        engine_version=ValkeyVersion.VER_8_1,
        cache_node_type=NodeType.of("cache.r7g.large"),
        num_node_groups=2,
        replicas_per_node_group=2,
        multi_az_enabled=False,
        cache_parameter_group=parameters,
        replication_group_id="orders",
        replication_group_description="The cache of the orders",
        transit_encryption_enabled=True,
        transit_encryption_mode="required",
        at_rest_encryption_enabled=True,
        kms_key=key,
        port=6380,
        network_type="ipv4",
        ip_discovery="ipv4",
        durability="default",
        snapshot_source=SnapshotSource.from_snapshot_name("orders-yesterday"),
        snapshot_retention_limit=0,
        snapshot_window=SnapshotWindow.of("05:00-09:00"),
        preferred_maintenance_window=MaintenanceWindow.of("sun:23:00-mon:01:30"),
        auto_minor_version_upgrade=False,
        log_delivery_configurations=[LogDelivery.to_delivery_stream("slow-log", "orders-logs")],
        notification_topic=topic,
        tags={"team": "orders"},
        removal_policy=RemovalPolicy.RETAIN,
    )
    resource = _resource(stack)

    assert resource["Properties"] == {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "The cache of the orders",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.r7g.large",
        "CacheParameterGroupName": stack.resolve(parameters.cache_parameter_group_name),
        "CacheSubnetGroupName": stack.resolve(subnets.cache_subnet_group_name),
        "SecurityGroupIds": [stack.resolve(group.security_group_id)],
        "ClusterMode": "enabled",
        "NumNodeGroups": 2,
        "ReplicasPerNodeGroup": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": False,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "KmsKeyId": stack.resolve(key.key_arn),
        "Port": 6380,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "Durability": "default",
        "SnapshotName": "orders-yesterday",
        "SnapshotRetentionLimit": 0,
        "SnapshotWindow": "05:00-09:00",
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
        "NotificationTopicArn": stack.resolve(topic.topic_arn),
        "Tags": [{"Key": "team", "Value": "orders"}],
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_node_groups_change_in_place(stack: Stack, vpc: ec2.Vpc) -> None:
    """Without this policy CloudFormation replaces the group when the number of its node groups changes."""
    ShardedReplicationGroup(stack, "Cache", vpc=vpc)

    assert _resource(stack)["UpdatePolicy"] == {"UseOnlineResharding": True}


def test_a_snapshot_is_kept_on_removal_and_replacement(stack: Stack, vpc: ec2.Vpc) -> None:
    """The data outlives the resource unless somebody says otherwise."""
    ShardedReplicationGroup(stack, "Cache", vpc=vpc)

    Template.from_stack(stack).has_resource(TYPE, {"DeletionPolicy": "Snapshot", "UpdateReplacePolicy": "Snapshot"})


def test_each_node_group_by_itself(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """Every node group says its own number of replicas, and no number for all stands beside it."""
    ShardedReplicationGroup(
        regional_stack,
        "Cache",
        vpc=regional_vpc,
        replicas_per_node_group=2,
        node_group_configuration=[
            NodeGroupConfiguration(
                node_group_id="0001",
                slots="0-8191",
                primary_availability_zone="eu-west-1a",
                replica_availability_zones=["eu-west-1b"],
            ),
            NodeGroupConfiguration(node_group_id="0002", slots="8192-16383", replica_count=3),
        ],
    )
    properties = _properties(regional_stack)

    assert properties["NodeGroupConfiguration"] == [
        {
            "NodeGroupId": "0001",
            "Slots": "0-8191",
            "PrimaryAvailabilityZone": "eu-west-1a",
            "ReplicaAvailabilityZones": ["eu-west-1b"],
            "ReplicaCount": 1,
        },
        {"NodeGroupId": "0002", "Slots": "8192-16383", "ReplicaCount": 3},
    ]
    assert properties["NumNodeGroups"] == 2
    assert "ReplicasPerNodeGroup" not in properties


def test_replicas_of_a_node_group_that_says_nothing(stack: Stack, vpc: ec2.Vpc) -> None:
    """`replicas_per_node_group` is what a node group without a number of its own has."""
    ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        replicas_per_node_group=2,
        node_group_configuration=[NodeGroupConfiguration(), NodeGroupConfiguration(replica_count=1)],
    )

    assert [group["ReplicaCount"] for group in _properties(stack)["NodeGroupConfiguration"]] == [2, 1]


def test_without_replicas_no_multi_az(stack: Stack, vpc: ec2.Vpc) -> None:
    """Automatic failover stays on, as ElastiCache demands of cluster mode, and the user is warned."""
    ShardedReplicationGroup(stack, "Cache", vpc=vpc, replicas_per_node_group=0)
    properties = _properties(stack)

    assert properties["MultiAZEnabled"] is False
    assert properties["AutomaticFailoverEnabled"] is True


def test_one_node_group_without_a_replica_is_enough_to_lose_multi_az(stack: Stack, vpc: ec2.Vpc) -> None:
    """Multi-AZ is for every node group or for none."""
    ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        node_group_configuration=[NodeGroupConfiguration(replica_count=0), NodeGroupConfiguration()],
    )

    assert _properties(stack)["MultiAZEnabled"] is False


def test_numbers_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """A token passes through, no rule fires on it, and the number is taken for one with replicas."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=number, replicas_per_node_group=number)
    properties = _properties(stack)

    assert properties["NumNodeGroups"] == properties["ReplicasPerNodeGroup"] == {"Ref": "Number"}
    assert properties["MultiAZEnabled"] is True


def test_endpoint(stack: Stack, vpc: ec2.Vpc) -> None:
    """The configuration endpoint is an attribute of the resource."""
    cache = ShardedReplicationGroup(stack, "Cache", vpc=vpc)
    logical_id = stack.resolve(cache.replication_group_id)["Ref"]

    assert stack.resolve(cache.configuration_endpoint.address) == {
        "Fn::GetAtt": [logical_id, "ConfigurationEndPoint.Address"]
    }
    assert stack.resolve(cache.configuration_endpoint.port) == {
        "Fn::GetAtt": [logical_id, "ConfigurationEndPoint.Port"]
    }


@pytest.mark.parametrize("name", ["primary_endpoint", "reader_endpoint"])
def test_no_endpoint_of_one_primary(stack: Stack, vpc: ec2.Vpc, name: str) -> None:
    """With cluster mode enabled there is not one primary, so the class doesn't have its endpoint."""
    assert not hasattr(ShardedReplicationGroup(stack, "Cache", vpc=vpc), name)


def test_a_client_is_let_in(stack: Stack, vpc: ec2.Vpc) -> None:
    """`connections` works as with cluster mode disabled."""
    cache = ShardedReplicationGroup(stack, "Cache", vpc=vpc)
    cache.connections.allow_default_port_from(ec2.SecurityGroup(stack, "Client", vpc=vpc))

    Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress",
        {"FromPort": 6379, "GroupId": {"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}},
    )


def _refusal(stack: Stack, vpc: ec2.IVpc, **wrong: Any) -> str:
    with pytest.raises(ValidationError) as error:
        ShardedReplicationGroup(stack, "Cache", vpc=vpc, **wrong)
    assert stack.node.try_find_child("Cache") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def test_all_mistakes_at_once(stack: Stack, vpc: ec2.Vpc) -> None:
    """One message has every rule that is broken, with the value and the remedy, before jsii is called."""
    assert _refusal(stack, vpc, num_node_groups=0, replicas_per_node_group=6, port=0).splitlines() == [
        "Stack/Cache: 3 problems",
        "  num_node_groups = 0: there is at least 1 shard",
        "    set num_node_groups to 1 or more   [rg-num-node-groups-range]",
        "  replicas_per_node_group = 6: a shard has 0 to 5 replicas",
        "    set it to 0 to 5   [rg-replicas-range]",
        "  port = 0: a port is 1 to 65535",
        "    take 6379, or leave it out   [rg-port]",
    ]


def test_too_many_nodes_for_the_default_quota_is_a_warning(stack: Stack, vpc: ec2.Vpc) -> None:
    """AWS raises that quota on request, so the group is built."""
    ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=50)
    (warning,) = Annotations.from_stack(stack).find_warning("/Stack/Cache", Match.any_value())

    assert "100 nodes are above 90" in str(warning.entry.data)
    assert "[ack: elasticache-kit:rg-shard-quota]" in str(warning.entry.data)


def test_node_groups_without_replicas_are_a_warning(stack: Stack, vpc: ec2.Vpc) -> None:
    """It is legal, and loses data with a node."""
    ShardedReplicationGroup(stack, "Cache", vpc=vpc, replicas_per_node_group=0)

    assert Annotations.from_stack(stack).find_warning(
        "/Stack/Cache", Match.string_like_regexp("no shard has a replica")
    )


def test_no_node_groups_by_hand(stack: Stack, vpc: ec2.Vpc) -> None:
    """An empty list is no description of node groups."""
    assert "num_node_groups = 0: there is at least 1 shard" in _refusal(stack, vpc, node_group_configuration=[])


@pytest.mark.parametrize("number", [1, 3])
def test_parameter_group_without_cluster_mode(stack: Stack, vpc: ec2.Vpc, number: int) -> None:
    """A parameter group that is made here must turn cluster mode on, for one node group too."""
    parameters = ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_9_0)
    text = _refusal(
        stack,
        vpc,
        engine_version=ValkeyVersion.VER_9_0,
        cache_parameter_group=parameters,
        num_node_groups=number,
    )

    assert text.splitlines()[1:] == [
        "  cache_parameter_group = 'Stack/Parameters': its cluster-enabled is no, and this class needs yes",
        (
            '    set "cluster-enabled": "yes" in its properties, or take ReplicationGroup   '
            "[cdk-parameter-group-cluster-mode]"
        ),
    ]


def test_imported_parameter_group_of_unknown_content(stack: Stack, vpc: ec2.Vpc) -> None:
    """What a name doesn't tell is not held against it."""
    parameters = ParameterGroup.from_cache_parameter_group_name(stack, "Parameters", "orders")
    ShardedReplicationGroup(stack, "Cache", vpc=vpc, cache_parameter_group=parameters)

    assert _properties(stack)["CacheParameterGroupName"] == "orders"


def test_a_durable_group(stack: Stack, vpc: ec2.Vpc) -> None:
    """Writes that survive the loss of all nodes need node types that can; what it comes to is an attribute."""
    cache = ShardedReplicationGroup(
        stack, "Cache", vpc=vpc, cache_node_type=NodeType.of("cache.r7g.large"), durability="sync"
    )
    logical_id = stack.resolve(cache.replication_group_id)["Ref"]

    assert _properties(stack)["Durability"] == "sync"
    assert stack.resolve(cache.effective_durability) == {"Fn::GetAtt": [logical_id, "EffectiveDurability"]}
    with pytest.raises(ValidationError, match="rg-durability-families"):
        ShardedReplicationGroup(stack, "Small", vpc=vpc, durability="sync")
