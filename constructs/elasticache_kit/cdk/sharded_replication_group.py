"""ShardedReplicationGroup: many node groups (shards), cluster mode enabled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aws_cdk import CfnUpdatePolicy, RemovalPolicy, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_kms import IKeyRef
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.definition import Definition
from elasticache_kit.cdk.endpoint import Endpoint, attribute_endpoint
from elasticache_kit.cdk.node_group_configuration import NodeGroupConfiguration
from elasticache_kit.cdk.parameter_group import IParameterGroup
from elasticache_kit.cdk.reference import DEFAULT_PORT, ImportedShardedReplicationGroup, IShardedReplicationGroup
from elasticache_kit.cdk.subnet_group import ISubnetGroup
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.replication_group import ReplicationGroupSpec

DEFAULT_NUM_NODE_GROUPS = 3


class ShardedReplicationGroup(IShardedReplicationGroup):
    """Makes an AWS::ElastiCache::ReplicationGroup with cluster mode enabled: node groups (shards) share the keys.

    Automatic failover is always on, as ElastiCache demands, and node groups are added and removed in place. It is
    encrypted in transit and at rest, sits in private subnets behind a security group of its own that lets nobody in,
    and leaves a snapshot behind when it is removed. Let a client in with `connections`.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC that the nodes live in.
        vpc_subnets: which of its subnets. Default: the isolated ones, and where there are none the private ones with
            egress.
        cache_subnet_group: the subnet group. Default: one of its own, of vpc_subnets.
        security_groups: the security groups of the nodes. Default: one of its own, without ingress and egress.
        engine_version: the engine and its version. Default: the rulebook's version of Valkey; it moves with releases
            of this library, and ElastiCache upgrades in place.
        cache_node_type: the type of every node. Default: cache.t4g.small.
        num_node_groups: the node groups. Default: 3, or as many as node_group_configuration has.
        replicas_per_node_group: the replicas in each, 0 to 5. Default: 1.
        node_group_configuration: each node group by itself, where they differ or their zones and slots matter. A change
            of it is in place, but for its zones. Default: all node groups are alike.
        multi_az_enabled: whether the nodes of a node group must be in several zones. Default: yes where every node
            group has a replica.
        cache_parameter_group: the engine's settings. Default: AWS's own for the version.
        replication_group_id: the id, 1 to 40 letters, digits and hyphens; ElastiCache makes it lower case. Default:
            CloudFormation makes one up, which lets it replace the group.
        replication_group_description: what it is for. Default: the path of the construct.
        transit_encryption_enabled: whether clients must use TLS. Default: yes.
        transit_encryption_mode: `preferred` lets clients with and without TLS in, for as long as clients move to TLS.
            Default: `required`, ElastiCache's own.
        at_rest_encryption_enabled: whether what reaches a disk is encrypted. Default: yes.
        kms_key: the key for that. Default: one that AWS owns.
        port: where the nodes listen. Default: 6379.
        snapshot_retention_limit: days that an automatic daily snapshot is kept, 0 to 35; 0 takes none. Default: 7.
        snapshot_window: the hours of the daily snapshot in UTC, `05:00-09:00`. Default: ElastiCache chooses.
        preferred_maintenance_window: the weekly hours of maintenance in UTC, `sun:23:00-mon:01:30`. Default:
            ElastiCache chooses.
        auto_minor_version_upgrade: whether ElastiCache upgrades minor versions in that window. Default: yes.
        removal_policy: what happens to the data when the group is removed or replaced. Default: a snapshot is kept.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the group; the message lists
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
        num_node_groups: int | None = None,
        replicas_per_node_group: int = 1,
        node_group_configuration: Sequence[NodeGroupConfiguration] | None = None,
        multi_az_enabled: bool | None = None,
        cache_parameter_group: IParameterGroup | None = None,
        replication_group_id: str | None = None,
        replication_group_description: str | None = None,
        transit_encryption_enabled: bool = True,
        transit_encryption_mode: Literal["preferred", "required"] | None = None,
        at_rest_encryption_enabled: bool = True,
        kms_key: IKeyRef | None = None,
        port: int | None = None,
        snapshot_retention_limit: int = 7,
        snapshot_window: str | None = None,
        preferred_maintenance_window: str | None = None,
        auto_minor_version_upgrade: bool = True,
        removal_policy: RemovalPolicy = RemovalPolicy.SNAPSHOT,
    ) -> None:
        sizing = _Sizing(num_node_groups, replicas_per_node_group, node_group_configuration)
        definition = Definition(
            path=construct_path(scope, construct_id),
            cluster_enabled=True,
            topology=sizing.spec(),
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            cache_subnet_group=cache_subnet_group,
            security_groups=security_groups,
            engine_version=engine_version,
            cache_node_type=cache_node_type,
            cache_parameter_group=cache_parameter_group,
            automatic_failover_enabled=True,
            multi_az_enabled=sizing.has_replicas() if multi_az_enabled is None else multi_az_enabled,
            replication_group_id=replication_group_id,
            replication_group_description=replication_group_description,
            transit_encryption_enabled=transit_encryption_enabled,
            transit_encryption_mode=transit_encryption_mode,
            at_rest_encryption_enabled=at_rest_encryption_enabled,
            kms_key=kms_key,
            port=port,
            snapshot_retention_limit=snapshot_retention_limit,
            snapshot_window=snapshot_window,
            preferred_maintenance_window=preferred_maintenance_window,
            auto_minor_version_upgrade=auto_minor_version_upgrade,
            removal_policy=removal_policy,
        )
        warnings = definition.check()

        super().__init__(scope, construct_id)
        self._resource, self._connections = definition.build(self, **sizing.properties())
        # Without it CloudFormation replaces the group, and its data, when the number of node groups changes.
        self._resource.cfn_options.update_policy = CfnUpdatePolicy(use_online_resharding=True)
        warn(self, warnings)

    @staticmethod
    @typed
    def from_sharded_replication_group_attributes(
        scope: Construct,
        construct_id: str,
        *,
        replication_group_id: str,
        configuration_endpoint_address: str | None = None,
        port: int = DEFAULT_PORT,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
    ) -> IShardedReplicationGroup:
        """Import a replication group with cluster mode enabled that exists.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            replication_group_id: its id.
            configuration_endpoint_address: where clients discover it. Default: configuration_endpoint raises a
                ValidationError.
            port: where its nodes listen. Default: 6379.
            security_groups: the security groups of its nodes. Default: none, and `connections` changes nothing.
        """
        return ImportedShardedReplicationGroup(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            configuration_endpoint_address=configuration_endpoint_address,
            port=port,
            security_groups=security_groups,
        )

    @property
    def replication_group_id(self) -> str:
        """The id that the API and the metrics know it by."""
        return self._resource.ref

    @property
    def connections(self) -> ec2.Connections:
        """The security groups of its nodes, with the port as the default port."""
        return self._connections

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where a cluster client discovers all node groups."""
        return attribute_endpoint(
            self._resource.attr_configuration_end_point_address, self._resource.attr_configuration_end_point_port
        )


@dataclass(frozen=True, slots=True)
class _Sizing:
    """The number of node groups and replicas, said once for all or for each node group."""

    num_node_groups: int | None
    replicas_per_node_group: int
    node_groups: Sequence[NodeGroupConfiguration] | None

    @property
    def number(self) -> int:
        if self.num_node_groups is not None:
            return self.num_node_groups
        return DEFAULT_NUM_NODE_GROUPS if self.node_groups is None else len(self.node_groups)

    def has_replicas(self) -> bool:
        """Tell whether every node group has a replica; a number that only a deployment knows counts as one."""
        replicas = self.replicas_per_node_group
        counts = [replicas] if self.node_groups is None else [group.replicas(replicas) for group in self.node_groups]
        return all(Token.is_unresolved(count) or count > 0 for count in counts)

    def spec(self) -> ReplicationGroupSpec:
        groups = self.node_groups
        replicas = self.replicas_per_node_group
        return ReplicationGroupSpec(
            cluster_mode="enabled",
            num_node_groups=at_synth(self.number),
            replicas_per_node_group=at_synth(replicas) if groups is None else None,
            node_group_configuration=None if groups is None else tuple(group.spec(replicas) for group in groups),
        )

    def properties(self) -> dict[str, Any]:
        groups = self.node_groups
        replicas = self.replicas_per_node_group
        sizes: dict[str, Any] = {"cluster_mode": "enabled", "num_node_groups": self.number}
        if groups is None:
            return {**sizes, "replicas_per_node_group": replicas}
        # Each node group says its own number: ReplicasPerNodeGroup beside it would turn a change into a replacement.
        return {**sizes, "node_group_configuration": [group.cfn_property(replicas) for group in groups]}
