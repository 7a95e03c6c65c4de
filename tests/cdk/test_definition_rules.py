"""What the rulebook, and the constructs themselves, say of the arguments of a replication group."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import (
    EngineVersion,
    NodeType,
    ParameterGroup,
    ReplicationGroup,
    ShardedReplicationGroup,
    SnapshotSource,
    SnapshotWindow,
    SubnetGroup,
    ValkeyVersion,
)
from elasticache_kit.errors import ValidationError

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


def test_a_version_of_memcached(stack: Stack, vpc: ec2.Vpc) -> None:
    """A replication group runs no memcached."""
    assert _refusal(stack, vpc, engine_version=EngineVersion.of("memcached", "1.6.22")).splitlines()[1:] == [
        "  engine = 'memcached': a replication group runs valkey or redis",
        "    take engine='valkey', or 'redis' for Redis OSS   [rg-engine]",
    ]


def test_a_version_of_tomorrow_is_a_warning(stack: Stack, vpc: ec2.Vpc) -> None:
    """What the rulebook does not know yet is built, and said; an app may acknowledge it by the id of the rule."""
    ReplicationGroup(
        stack, "Cache", vpc=vpc, engine_version=ValkeyVersion.of("9.7"), cache_node_type=NodeType.of("cache.r9g.large")
    )
    warnings = Annotations.from_stack(stack).find_warning("/Stack/Cache", Match.any_value())

    assert sorted(str(warning.entry.data) for warning in warnings) == [
        (
            "cache_node_type: the family r9g is not known; take cache.r8g.large, or go on if AWS offers it by now "
            "[ack: elasticache-kit:rg-node-type-known]"
        ),
        (
            "engine_version: valkey 9.7 is not known to be offered for new caches; take one of '7.2', '8.0', '8.1', "
            "'8.2', '9.0', '9.1', or go on if AWS offers it by now [ack: elasticache-kit:rg-engine-version-known]"
        ),
    ]


def test_nothing_to_warn_of(stack: Stack, vpc: ec2.Vpc) -> None:
    """The defaults are no reason for a warning."""
    ReplicationGroup(stack, "Cache", vpc=vpc)

    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_zones_that_the_subnets_do_not_cover(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """In a stack with a Region the rulebook knows the zones of the subnets."""
    text = _refusal(
        regional_stack, regional_vpc, num_cache_clusters=2, preferred_cache_cluster_azs=["eu-west-1a", "eu-west-1c"]
    )

    assert text.splitlines()[1:] == [
        "  preferred_cache_cluster_azs = ('eu-west-1a', 'eu-west-1c'): the subnet group has no subnet in eu-west-1c",
        "    take zones of eu-west-1a, eu-west-1b, or add a subnet   [rg-azs-in-subnet-group]",
    ]


def test_zones_of_an_owned_subnet_group(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """The zones of a subnet group that is made here are known as well."""
    text = _refusal(
        regional_stack,
        regional_vpc,
        cache_subnet_group=SubnetGroup(regional_stack, "Subnets", vpc=regional_vpc),
        preferred_cache_cluster_azs=["eu-west-1a", "eu-west-1c"],
    )

    assert "the subnet group has no subnet in eu-west-1c" in text


@pytest.mark.parametrize("looked_up", [True, False])
def test_zones_that_are_yet_to_be_looked_up(looked_up: bool) -> None:
    """The first run of an app with a lookup passes, so that the CLI can look up."""
    stack = Stack(App(), "Stack", env={"account": "123456789012", "region": "eu-west-1"})
    vpc: ec2.IVpc = (
        ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0") if looked_up else ec2.Vpc(stack, "Vpc")
    )
    ReplicationGroup(stack, "Cache", vpc=vpc, preferred_cache_cluster_azs=["eu-west-1a", "eu-west-1c"])

    assert _properties(stack)["PreferredCacheClusterAZs"] == ["eu-west-1a", "eu-west-1c"]


def test_multi_az_in_one_zone(stack: Stack) -> None:
    """Also a stack without a Region knows that one subnet is in one zone."""
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1, restrict_default_security_group=False)

    assert _refusal(stack, vpc).splitlines()[1:] == [
        "  multi_az_enabled = True: Multi-AZ needs at least 2 Availability Zones, and the subnets are in 1 only",
        "    give the VPC more zones (max_azs), or set multi_az_enabled=False   [cdk-multi-az-one-zone]",
    ]
    ReplicationGroup(stack, "Single", vpc=vpc, multi_az_enabled=False)


def test_parameter_group_of_another_family(stack: Stack, vpc: ec2.Vpc) -> None:
    """The family of a parameter group that is made here is known, and its path stands for its name."""
    parameters = ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_8_1)
    text = _refusal(stack, vpc, engine_version=ValkeyVersion.VER_9_0, cache_parameter_group=parameters)

    assert text.splitlines()[1:] == [
        "  cache_parameter_group_name = 'Stack/Parameters': it is of the family valkey8, and valkey 9.0 needs valkey9",
        "    take a parameter group of the family valkey9, or another engine_version   [pg-family-match]",
    ]


def test_parameter_group_that_turns_cluster_mode_on(stack: Stack, vpc: ec2.Vpc) -> None:
    """It would make a group without the endpoints of this class."""
    parameters = ParameterGroup.from_cache_parameter_group_name(stack, "Parameters", "default.valkey9.cluster.on")
    text = _refusal(stack, vpc, engine_version=ValkeyVersion.VER_9_0, cache_parameter_group=parameters)

    assert text.splitlines()[1:] == [
        "  cache_parameter_group = 'Stack/Parameters': its cluster-enabled is yes, and this class needs no",
        (
            '    set "cluster-enabled": "no" in its properties, or take ShardedReplicationGroup   '
            "[cdk-parameter-group-cluster-mode]"
        ),
    ]


def test_subnets_twice(stack: Stack, vpc: ec2.Vpc) -> None:
    """A subnet group has its subnets already."""
    subnets = SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "orders")
    text = _refusal(stack, vpc, cache_subnet_group=subnets, vpc_subnets=ec2.SubnetSelection())

    assert text.splitlines()[1:] == [
        "  vpc_subnets = SubnetSelection(): cache_subnet_group is given too, and has its subnets already",
        "    leave out one of the two   [cdk-subnets-twice]",
    ]


def test_data_tiering_follows_from_the_node_type(stack: Stack, vpc: ec2.Vpc) -> None:
    """r6gd must say that it tiers, and the others must not; nobody needs to know."""
    ReplicationGroup(stack, "Cache", vpc=vpc, cache_node_type=NodeType.of("cache.r6gd.xlarge"))

    assert _properties(stack)["DataTieringEnabled"] is True


def test_a_policy_that_tiered_nodes_do_not_have(stack: Stack, vpc: ec2.Vpc) -> None:
    """The parameters of a group that is made here are known to the rulebook."""
    parameters = ParameterGroup(
        stack, "Parameters", engine_version=ValkeyVersion.VER_8_1, properties={"maxmemory-policy": "allkeys-random"}
    )
    text = _refusal(
        stack,
        vpc,
        engine_version=ValkeyVersion.VER_8_1,
        cache_node_type=NodeType.of("cache.r6gd.xlarge"),
        cache_parameter_group=parameters,
    )

    assert "rg-tiering-maxmemory-policy" in text


@pytest.mark.parametrize(("network_type", "written"), [("ipv6", "ipv6"), ("dual_stack", None), ("ipv4", None)])
def test_discovery_follows_the_network_type(stack: Stack, vpc: ec2.Vpc, network_type: Any, written: str | None) -> None:
    """Where there is IPv6 alone, ElastiCache would be asked for IPv4 addresses that the nodes don't have."""
    subnets = SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "orders-subnets")
    ReplicationGroup(stack, "Cache", vpc=vpc, cache_subnet_group=subnets, network_type=network_type)

    assert _properties(stack)["NetworkType"] == network_type
    assert _properties(stack).get("IpDiscovery") == written


def test_a_network_type_that_the_subnets_do_not_have(stack: Stack, vpc: ec2.Vpc) -> None:
    """ElastiCache refuses it at deploy; here it is the subnets of the VPC that tell."""
    assert _refusal(stack, vpc, network_type="dual_stack").splitlines()[1:] == [
        ("  network_type = 'dual_stack': the subnets offer ipv4 only, and this network type needs dual-stack subnets"),
        ("    give the VPC ip_protocol=IpProtocol.DUAL_STACK, or leave network_type out   [cdk-network-type-subnets]"),
    ]


def test_dual_stack_in_a_dual_stack_vpc(stack: Stack) -> None:
    """The subnets of such a VPC take it, and IPv6 alone they do not."""
    vpc = ec2.Vpc(stack, "Vpc", ip_protocol=ec2.IpProtocol.DUAL_STACK, restrict_default_security_group=False)
    ReplicationGroup(stack, "Both", vpc=vpc, network_type="dual_stack", ip_discovery="ipv6")

    assert _properties(stack)["IpDiscovery"] == "ipv6"
    assert "subnets that speak IPv6 alone" in _refusal(stack, vpc, network_type="ipv6")


def test_a_secondary_of_a_global_datastore(stack: Stack, vpc: ec2.Vpc) -> None:
    """It says where it is and how many replicas it has; the primary says the rest."""
    ReplicationGroup(stack, "Cache", vpc=vpc, global_replication_group_id="ldgnf-orders")

    assert _properties(stack) == {
        "GlobalReplicationGroupId": "ldgnf-orders",
        "ReplicationGroupDescription": "Replication group Stack/Cache",
        "CacheSubnetGroupName": {"Ref": "CacheSubnetGroup91C52AB9"},
        "SecurityGroupIds": [{"Fn::GetAtt": ["CacheSecurityGroup79A9F160", "GroupId"]}],
        "NumCacheClusters": 2,
        "MultiAZEnabled": True,
        "SnapshotRetentionLimit": 15,
        "AutoMinorVersionUpgrade": False,
    }
    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_a_sharded_secondary_of_a_global_datastore(stack: Stack, vpc: ec2.Vpc) -> None:
    """The primary says how many shards there are, the secondary how many replicas."""
    ShardedReplicationGroup(
        stack, "Cache", vpc=vpc, global_replication_group_id="ldgnf-orders", replicas_per_node_group=2
    )
    properties = _properties(stack)

    assert properties["ReplicasPerNodeGroup"] == 2
    assert not properties.keys() & {"NumNodeGroups", "ClusterMode", "Engine", "CacheNodeType"}


def test_what_a_secondary_takes_from_its_primary(stack: Stack, vpc: ec2.Vpc) -> None:
    """All of it is named at once, the defaults of this library are not."""
    text = _refusal(
        stack,
        vpc,
        global_replication_group_id="ldgnf-orders",
        engine_version=ValkeyVersion.VER_8_1,
        cache_node_type=NodeType.of("cache.r7g.large"),
        transit_encryption_enabled=False,
        snapshot_source=SnapshotSource.from_snapshot_name("orders-yesterday"),
    )

    assert [line.split(" = ")[0].strip() for line in text.splitlines()[1::2]] == [
        "engine_version",
        "cache_node_type",
        "transit_encryption_enabled",
        "snapshot_source",
    ]
    assert text.count("a secondary of a global datastore takes it from the primary") == 4


def test_windows_as_values_are_checked_as_texts_are(stack: Stack, vpc: ec2.Vpc) -> None:
    """Two windows that share an hour are refused, whatever they are written as."""
    text = _refusal(
        stack,
        vpc,
        snapshot_window=SnapshotWindow.daily("05:00"),
        preferred_maintenance_window="sun:05:30-sun:06:30",
    )

    assert "snapshot_window = '05:00-06:00': it overlaps the maintenance window sun:05:30-sun:06:30" in text


def test_texts_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """Each of the options that are words takes a token, and no rule fires on it."""
    word: Any = CfnParameter(stack, "Word").value_as_string
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        cluster_mode=word,
        network_type=word,
        ip_discovery=word,
        durability=word,
        transit_encryption_mode=word,
        snapshotting_cluster_id=word,
        snapshot_source=SnapshotSource.from_snapshot_name(word),
        tags={"team": word},
    )
    properties = _properties(stack)

    for name in ("ClusterMode", "NetworkType", "IpDiscovery", "Durability", "SnapshottingClusterId", "SnapshotName"):
        assert properties[name] == {"Ref": "Word"}, name
    assert properties["Tags"] == [{"Key": "team", "Value": {"Ref": "Word"}}]
