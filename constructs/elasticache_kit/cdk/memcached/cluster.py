"""MemcachedCluster: nodes that share the keys, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.endpoint import Endpoint, attribute_endpoint
from elasticache_kit.cdk.memcached.definition import MemcachedDefinition
from elasticache_kit.cdk.memcached.reference import DEFAULT_MEMCACHED_PORT, IMemcachedCluster, ImportedMemcachedCluster
from elasticache_kit.cdk.parameter_group import IParameterGroup
from elasticache_kit.cdk.subnet_group import ISubnetGroup
from elasticache_kit.model.cache_cluster import CacheClusterSpec
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.window import MaintenanceWindow


class MemcachedCluster(IMemcachedCluster):
    """Makes an AWS::ElastiCache::CacheCluster that runs Memcached: nodes that share the keys.

    Memcached has no replication, no failover, no snapshots and no sign-in: a node that is lost, or replaced, comes back
    empty. What it has is encrypted in transit here, and sits in private subnets behind a security group of its own that
    lets nobody in. Let a client in with `connections`. For one Valkey or Redis OSS node take a ReplicationGroup with
    num_cache_clusters=1.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SelectEngine.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC that the nodes live in.
        vpc_subnets: which of its subnets. Default: the isolated ones, and where there are none the private ones with
            egress.
        cache_subnet_group: the subnet group. Default: one of its own, of vpc_subnets.
        security_groups: the security groups of the nodes. Default: one of its own, without ingress and egress.
        engine_version: the version of Memcached. Default: the rulebook's; a new one empties the cluster.
        cache_node_type: the type of every node. Default: cache.t4g.small.
        num_cache_nodes: the nodes. Default: 2.
        az_mode: `cross-az` spreads the nodes over zones, `single-az` keeps them in one. Default: `cross-az` where there
            are several nodes and the subnets are in several zones.
        preferred_availability_zones: the zone of each node, in their order; a zone may come twice. Default: the zones
            of the subnets in turn where they are known, because CloudFormation replaces a cluster that was told none
            when num_cache_nodes changes; ElastiCache chooses where they are not, as with an imported subnet group.
        cache_parameter_group: the engine's settings. Default: AWS's own for the version.
        cluster_name: the name, 1 to 50 letters, digits and hyphens; ElastiCache makes it lower case. Default:
            CloudFormation makes one up, which lets it replace the cluster.
        transit_encryption_enabled: whether clients must use TLS, which takes Memcached 1.6.12 and cannot be changed
            later. Default: yes.
        network_type: `ipv4`, `ipv6` or `dual_stack`, which cannot be changed later. Default: `ipv4`.
        ip_discovery: which addresses the nodes are announced with, `ipv4` or `ipv6`. Default: ElastiCache chooses, by
            the network type.
        port: where the nodes listen. Default: 11211.
        preferred_maintenance_window: the weekly hours of maintenance in UTC, a MaintenanceWindow or text such as
            `sun:23:00-mon:01:30`. Default: ElastiCache chooses.
        notification_topic: the SNS topic that learns of events. Default: nobody does.
        tags: the tags of the cluster. Default: those that the app gives to its resources.
        removal_policy: what happens to the cluster when it is removed or replaced; there is no snapshot to keep.
            Default: it is deleted.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the cluster; the message lists
            every mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        cache_subnet_group: ISubnetGroup | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        engine_version: EngineVersion | None = None,
        cache_node_type: NodeType | None = None,
        num_cache_nodes: int = 2,
        az_mode: Literal["single-az", "cross-az"] | None = None,
        preferred_availability_zones: Sequence[str] | None = None,
        cache_parameter_group: IParameterGroup | None = None,
        cluster_name: str | None = None,
        transit_encryption_enabled: bool = True,
        network_type: Literal["ipv4", "ipv6", "dual_stack"] | None = None,
        ip_discovery: Literal["ipv4", "ipv6"] | None = None,
        port: int | None = None,
        preferred_maintenance_window: MaintenanceWindow | str | None = None,
        notification_topic: ITopicRef | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        definition = MemcachedDefinition(
            path=construct_path(scope, construct_id),
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            cache_subnet_group=cache_subnet_group,
            security_groups=security_groups,
            engine_version=engine_version,
            cache_node_type=cache_node_type,
            num_cache_nodes=num_cache_nodes,
            az_mode=az_mode,
            preferred_availability_zones=preferred_availability_zones,
            cache_parameter_group=cache_parameter_group,
            cluster_name=cluster_name,
            transit_encryption_enabled=transit_encryption_enabled,
            network_type=network_type,
            ip_discovery=ip_discovery,
            port=port,
            preferred_maintenance_window=preferred_maintenance_window,
            notification_topic=notification_topic,
            tags=tags,
            removal_policy=removal_policy,
        )
        self._spec, warnings = definition.check()

        super().__init__(scope, construct_id)
        self._resource, security_groups_of_nodes = definition.build(self)
        self._connections = ec2.Connections(
            security_groups=security_groups_of_nodes,
            default_port=ec2.Port.tcp(DEFAULT_MEMCACHED_PORT if port is None else port),
        )
        warn(self, warnings)

    @staticmethod
    @typed
    def from_memcached_cluster_attributes(
        scope: Construct,
        construct_id: str,
        *,
        cluster_name: str,
        configuration_endpoint_address: str | None = None,
        port: int = DEFAULT_MEMCACHED_PORT,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        engine_version: EngineVersion | None = None,
        cache_node_type: NodeType | None = None,
        num_cache_nodes: int | None = None,
        transit_encryption_enabled: bool = True,
    ) -> IMemcachedCluster:
        """Import a Memcached cluster that exists.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            cluster_name: its name.
            configuration_endpoint_address: where clients discover its nodes. Default: configuration_endpoint raises a
                ValidationError.
            port: where its nodes listen. Default: 11211.
            security_groups: the security groups of its nodes. Default: none, and `connections` changes nothing.
            engine_version: its version of Memcached, which auto scaling goes by. Default: nothing is checked.
            cache_node_type: the type of its nodes, which alarms and auto scaling go by. Default: nothing is checked.
            num_cache_nodes: the number of its nodes, which alarms go by. Default: cache_node_ids raises a
                ValidationError.
            transit_encryption_enabled: whether clients must use TLS. Default: yes.
        """
        return ImportedMemcachedCluster(
            scope,
            construct_id,
            cluster_name=cluster_name,
            configuration_endpoint_address=configuration_endpoint_address,
            port=port,
            security_groups=security_groups,
            spec=CacheClusterSpec(
                cluster_name=at_synth(cluster_name),
                engine=Engine.MEMCACHED,
                engine_version=at_synth(engine_version.version) if engine_version else UNKNOWN,
                cache_node_type=at_synth(cache_node_type.name) if cache_node_type else UNKNOWN,
                num_cache_nodes=UNKNOWN if num_cache_nodes is None else at_synth(num_cache_nodes),
                transit_encryption_enabled=transit_encryption_enabled,
            ),
        )

    @property
    def cluster_name(self) -> str:
        """The name that the API and the metrics know it by; there it is called the cache cluster id."""
        return self._resource.ref

    @property
    def connections(self) -> ec2.Connections:
        """The security groups of its nodes, with the port as the default port."""
        return self._connections

    @property
    def spec(self) -> CacheClusterSpec:
        """What is known of it at synth, as the rulebook takes it."""
        return self._spec

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where a client with auto discovery learns of all nodes; a plain client reaches one of them."""
        return attribute_endpoint(
            self._resource.attr_configuration_endpoint_address, self._resource.attr_configuration_endpoint_port
        )
