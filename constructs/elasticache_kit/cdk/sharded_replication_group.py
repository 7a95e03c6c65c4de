"""ShardedReplicationGroup: many node groups (shards), cluster mode enabled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_kms import IKeyRef
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.definition import DEFAULT_RETENTION, Definition
from elasticache_kit.cdk.endpoint import Endpoint, attribute_endpoint
from elasticache_kit.cdk.imported_replication_group import ImportedShardedReplicationGroup, imported_spec
from elasticache_kit.cdk.log_delivery import LogDelivery
from elasticache_kit.cdk.node_group_configuration import NodeGroupConfiguration
from elasticache_kit.cdk.owned_replication_group import OwnedReplicationGroup
from elasticache_kit.cdk.parameter_group import IParameterGroup
from elasticache_kit.cdk.reference import DEFAULT_PORT, IShardedReplicationGroup
from elasticache_kit.cdk.replication_group_lookup import ShardedReplicationGroupLookup
from elasticache_kit.cdk.snapshot_source import SnapshotSource
from elasticache_kit.cdk.subnet_group import ISubnetGroup
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.window import MaintenanceWindow, SnapshotWindow

DEFAULT_NUM_NODE_GROUPS = 3


class ShardedReplicationGroup(OwnedReplicationGroup, IShardedReplicationGroup, ShardedReplicationGroupLookup):
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
        cache_node_type: the type of every node; r6gd keeps what is seldom read on a disk (data tiering). Default:
            cache.t4g.small.
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
        network_type: `ipv6` or `dual_stack`, in subnets that are so too; it never changes. Default: `ipv4`.
        ip_discovery: the address family that a cluster client without TLS is told of the nodes. Default: `ipv6` where
            network_type is, else ElastiCache chooses.
        durability: whether a write waits for a log in several zones (`sync`), is in it soon (`async`) or never
            (`disabled`). Default: `default`, ElastiCache's own choice, which is `disabled` on Valkey 9.0.
        snapshot_source: the data that a new group starts with; a change of it replaces the group. Default: none.
        snapshot_retention_limit: days that an automatic daily snapshot is kept, 0 to 35; 0 takes none. Default: 15,
            which the rule packs for HIPAA and NIST ask for.
        snapshot_window: the hours of the daily snapshot in UTC, `05:00-09:00`. Default: ElastiCache chooses.
        preferred_maintenance_window: the weekly hours of maintenance in UTC, `sun:23:00-mon:01:30`. Default:
            ElastiCache chooses.
        auto_minor_version_upgrade: whether ElastiCache upgrades minor versions in that window. Default: yes, but not in
            a global datastore, where ElastiCache turns it off.
        log_delivery_configurations: where the slow log and the engine log go, one LogDelivery for each. Default:
            nowhere.
        notification_topic: the SNS topic of this account and Region that events are sent to, without a key of its own.
            One that is made in this app lets ElastiCache publish. Default: none.
        authentication: how clients sign in: Authentication.iam(), a user group, or an AUTH token. Default: nobody has
            to, the security group alone decides.
        global_replication_group_id: the global datastore that it joins as a secondary, taking engine, version, node
            type, parameter group, encryption and shards from its primary. Default: none.
        tags: the tags of the group and its nodes. Default: those that the app gives to its resources.
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
        network_type: Literal["ipv4", "ipv6", "dual_stack"] | None = None,
        ip_discovery: Literal["ipv4", "ipv6"] | None = None,
        durability: Literal["default", "async", "sync", "disabled"] | None = None,
        snapshot_source: SnapshotSource | None = None,
        snapshot_retention_limit: int = DEFAULT_RETENTION,
        snapshot_window: SnapshotWindow | str | None = None,
        preferred_maintenance_window: MaintenanceWindow | str | None = None,
        auto_minor_version_upgrade: bool | None = None,
        log_delivery_configurations: Sequence[LogDelivery] | None = None,
        notification_topic: ITopicRef | None = None,
        authentication: Authentication | None = None,
        global_replication_group_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.SNAPSHOT,
    ) -> None:
        secondary = global_replication_group_id is not None
        sizing = _Sizing(num_node_groups, replicas_per_node_group, node_group_configuration, secondary)
        definition = Definition(
            path=construct_path(scope, construct_id),
            cluster_mode="enabled",
            topology=sizing.spec(),
            properties=sizing.properties(),
            online_resharding=True,
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
            network_type=network_type,
            ip_discovery=ip_discovery,
            durability=durability,
            snapshot_source=snapshot_source,
            snapshot_retention_limit=snapshot_retention_limit,
            snapshot_window=snapshot_window,
            preferred_maintenance_window=preferred_maintenance_window,
            auto_minor_version_upgrade=auto_minor_version_upgrade,
            log_delivery_configurations=log_delivery_configurations,
            notification_topic=notification_topic,
            authentication=authentication,
            global_replication_group_id=global_replication_group_id,
            tags=tags,
            removal_policy=removal_policy,
        )
        super().__init__(scope, construct_id, definition=definition)

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
        transit_encryption_enabled: bool = True,
        authentication: Authentication | None = None,
        engine_version: EngineVersion | None = None,
        cache_node_type: NodeType | None = None,
        num_node_groups: int | None = None,
        replicas_per_node_group: int | None = None,
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
            transit_encryption_enabled: whether clients must use TLS. Default: yes.
            authentication: how clients sign in, a user group or a secret that exists. Default: nobody has to.
            engine_version: the engine and its version. Default: rules that depend on it say nothing.
            cache_node_type: the type of its nodes. Default: thresholds of alarms cannot be derived from it.
            num_node_groups: its node groups. Default: cache_cluster_ids raises a ValidationError.
            replicas_per_node_group: the replicas in each. Default: cache_cluster_ids raises a ValidationError.
        """
        return ImportedShardedReplicationGroup(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            configuration_endpoint_address=configuration_endpoint_address,
            port=port,
            security_groups=security_groups,
            authentication=authentication,
            spec=imported_spec(
                engine_version,
                cache_node_type,
                transit_encryption_enabled=transit_encryption_enabled,
                cluster_mode="enabled",
                num_node_groups=UNKNOWN if num_node_groups is None else at_synth(num_node_groups),
                replicas_per_node_group=(
                    UNKNOWN if replicas_per_node_group is None else at_synth(replicas_per_node_group)
                ),
            ),
        )

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
    secondary: bool

    @property
    def number(self) -> int | None:
        """The number of node groups; a secondary of a global datastore has those of its primary."""
        if self.num_node_groups is not None:
            return self.num_node_groups
        if self.secondary:
            return None
        return DEFAULT_NUM_NODE_GROUPS if self.node_groups is None else len(self.node_groups)

    def has_replicas(self) -> bool:
        """Tell whether every node group has a replica; a number that only a deployment knows counts as one."""
        replicas = self.replicas_per_node_group
        counts = [replicas] if self.node_groups is None else [group.replicas(replicas) for group in self.node_groups]
        return all(is_token(count) or count > 0 for count in counts)

    def spec(self) -> ReplicationGroupSpec:
        groups = self.node_groups
        replicas = self.replicas_per_node_group
        return ReplicationGroupSpec(
            num_node_groups=UNKNOWN if self.number is None else at_synth(self.number),
            replicas_per_node_group=at_synth(replicas) if groups is None else None,
            node_group_configuration=None if groups is None else tuple(group.spec(replicas) for group in groups),
        )

    def properties(self) -> dict[str, Any]:
        groups = self.node_groups
        replicas = self.replicas_per_node_group
        sizes: dict[str, Any] = {"num_node_groups": self.number}
        if groups is None:
            return {**sizes, "replicas_per_node_group": replicas}
        # Each node group says its own number: ReplicasPerNodeGroup beside it would turn a change into a replacement.
        return {**sizes, "node_group_configuration": [group.cfn_property(replicas) for group in groups]}
