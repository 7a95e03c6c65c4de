"""Definition: what both kinds of replication group have in common, from arguments to the resource.

The resource and everything it brings along has the same construct ids for both classes. So the logical ids, and with
them the data, survive the change of a group from cluster mode disabled over compatible to enabled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from aws_cdk import CfnTag, CfnUpdatePolicy, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.acknowledgement import acknowledge_inherited_encryption
from elasticache_kit.cdk.contradiction import contradictions
from elasticache_kit.cdk.family import default_group_name
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.notification import allow_events
from elasticache_kit.cdk.replication_group_spec import known_spec, window_text
from elasticache_kit.cdk.sign_in import SignIn
from elasticache_kit.cdk.subnet_group import (
    ISubnetGroup,
    known_network_types,
    known_zones,
    own_subnet_group,
    select_subnets,
)
from elasticache_kit.model.engine import Engine, EngineVersion, default_version
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.replication_group import ReplicationGroupSpec, check
from elasticache_kit.model.rule import refuse

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from elasticache_kit.cdk.authentication import Authentication
    from elasticache_kit.cdk.log_delivery import LogDelivery
    from elasticache_kit.cdk.parameter_group import IParameterGroup
    from elasticache_kit.cdk.snapshot_source import SnapshotSource
    from elasticache_kit.model.rule import Violation
    from elasticache_kit.model.window import MaintenanceWindow, SnapshotWindow

DEFAULT_NODE_TYPE = NodeType.of("cache.t4g.small")
# What the HIPAA and NIST rule packs of AWS Config ask for.
DEFAULT_RETENTION = 15
# ElastiCache and EC2 refuse a longer one.
LONGEST_DESCRIPTION = 255


@dataclass(frozen=True, slots=True)
class Parts:
    """What a definition is made into.

    Args:
        resource: the replication group.
        security_groups: those of its nodes.
        sign_in: how clients sign in to it.
    """

    resource: elasticache.CfnReplicationGroup
    security_groups: tuple[ec2.ISecurityGroup, ...]
    sign_in: SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A replication group of either kind, before any construct is made.

    Args:
        path: the path of the construct.
        cluster_mode: the cluster mode as it is asked for.
        topology: the fields of the rulebook's spec that say how many nodes there are and where.
        properties: the properties of the resource that say the same.
        online_resharding: whether the number of node groups changes in place.
    """

    path: str
    cluster_mode: Literal["disabled", "compatible", "enabled"] | None
    topology: ReplicationGroupSpec
    properties: Mapping[str, Any]
    online_resharding: bool
    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection | None
    cache_subnet_group: ISubnetGroup | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    engine_version: EngineVersion | None
    cache_node_type: NodeType | None
    cache_parameter_group: IParameterGroup | None
    automatic_failover_enabled: bool
    multi_az_enabled: bool
    replication_group_id: str | None
    replication_group_description: str | None
    transit_encryption_enabled: bool
    transit_encryption_mode: str | None
    at_rest_encryption_enabled: bool
    kms_key: IKeyRef | None
    port: int | None
    network_type: str | None
    ip_discovery: str | None
    durability: str | None
    snapshot_source: SnapshotSource | None
    snapshot_retention_limit: int
    snapshot_window: SnapshotWindow | str | None
    preferred_maintenance_window: MaintenanceWindow | str | None
    auto_minor_version_upgrade: bool | None
    log_delivery_configurations: Sequence[LogDelivery] | None
    notification_topic: ITopicRef | None
    authentication: Authentication | None
    global_replication_group_id: str | None
    tags: Mapping[str, str] | None
    removal_policy: RemovalPolicy

    @property
    def cluster_enabled(self) -> bool:
        """Whether its nodes speak cluster mode."""
        return self.cluster_mode in {"compatible", "enabled"}

    @property
    def version(self) -> EngineVersion:
        """The engine version asked for, else the rulebook's default for Valkey."""
        return self.engine_version or default_version(Engine.VALKEY)

    @property
    def node_type(self) -> NodeType:
        """The node type asked for, else the default."""
        return self.cache_node_type or DEFAULT_NODE_TYPE

    @property
    def data_tiering_enabled(self) -> bool | None:
        """Yes for a node type with data tiering, which must say so; the others must not."""
        return True if self.node_type.supports("data_tiering") else None

    @property
    def description(self) -> str:
        """The description asked for, else the path of the construct."""
        given = self.replication_group_description
        return given if given is not None else f"Replication group {self.path}"[:LONGEST_DESCRIPTION]

    @property
    def discovery(self) -> str | None:
        """The address family of node discovery asked for; a group without IPv4 leaves no choice."""
        return self.ip_discovery or ("ipv6" if self.network_type == "ipv6" else None)

    @property
    def parameter_group_name(self) -> str:
        """The name of the parameter group asked for, else of AWS's own for this version and cluster mode."""
        if self.cache_parameter_group is not None:
            return self.cache_parameter_group.cache_parameter_group_name
        return default_group_name(self.version, cluster_enabled=self.cluster_enabled)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the subnets, by token in a stack without a fixed Region; none where nobody knows."""
        if self.cache_subnet_group is not None:
            return self.cache_subnet_group.availability_zones or ()
        return known_zones(select_subnets(self.path, self.vpc, self.vpc_subnets)) or ()

    @property
    def supported_network_types(self) -> tuple[str, ...] | None:
        """The network types that the subnets allow; None where nobody knows."""
        if self.cache_subnet_group is not None:
            return self.cache_subnet_group.supported_network_types
        return known_network_types(select_subnets(self.path, self.vpc, self.vpc_subnets))

    @property
    def minor_versions(self) -> bool:
        """Whether minor versions are upgraded; in a global datastore ElastiCache turns it off."""
        given = self.auto_minor_version_upgrade
        return self.global_replication_group_id is None if given is None else given

    def check(self) -> tuple[ReplicationGroupSpec, tuple[Violation, ...]]:
        """Ask the rulebook, and return what it was told and what it only warns of.

        Raises:
            ValidationError: ElastiCache would refuse the replication group; the message lists every reason.
        """
        spec = known_spec(self)
        return spec, refuse(self.path, (*contradictions(self), *check(spec)))

    def build(self, scope: Construct) -> Parts:
        """Make the resource, with a subnet group and a security group where none is given."""
        security_groups = tuple(self.security_groups or [self._security_group(scope)])
        sign_in = SignIn() if self.authentication is None else self.authentication.bind(scope, self.version.engine)
        deliveries = self.log_delivery_configurations
        resource = elasticache.CfnReplicationGroup(
            scope,
            "Resource",
            replication_group_id=lower_case(self.replication_group_id),
            replication_group_description=self.description,
            cache_subnet_group_name=self._subnet_group_name(scope),
            security_group_ids=[group.security_group_id for group in security_groups],
            multi_az_enabled=self.multi_az_enabled,
            kms_key_id=self.kms_key.key_ref.key_arn if self.kms_key else None,
            port=self.port,
            network_type=self.network_type,
            ip_discovery=self.discovery,
            durability=self.durability,
            snapshot_retention_limit=self.snapshot_retention_limit,
            snapshot_window=window_text(self.snapshot_window),
            preferred_maintenance_window=window_text(self.preferred_maintenance_window),
            auto_minor_version_upgrade=self.minor_versions,
            log_delivery_configurations=None if deliveries is None else [item.bind(scope) for item in deliveries],
            notification_topic_arn=self.notification_topic.topic_ref.topic_arn if self.notification_topic else None,
            tags=None if self.tags is None else [CfnTag(key=key, value=value) for key, value in self.tags.items()],
            **sign_in.properties(),
            **self._identity(),
            **self.properties,
        )
        resource.apply_removal_policy(self.removal_policy, apply_to_update_replace_policy=True)
        if self.online_resharding:
            # Without it CloudFormation replaces the group, and its data, when the number of node groups changes.
            resource.cfn_options.update_policy = CfnUpdatePolicy(use_online_resharding=True)
        if self.global_replication_group_id is not None:
            acknowledge_inherited_encryption(resource)
        if self.snapshot_source is not None:
            self.snapshot_source.allow(resource)
        if self.notification_topic is not None:
            allow_events(self.notification_topic)
        return Parts(resource, security_groups, sign_in)

    def _identity(self) -> dict[str, Any]:
        """Return what makes a group what it is, and what a member of a global datastore takes from the primary."""
        if self.global_replication_group_id is not None:
            return {"global_replication_group_id": self.global_replication_group_id}
        return {
            "engine": self.version.engine.value,
            "engine_version": self.version.version,
            "cache_node_type": self.node_type.name,
            "cache_parameter_group_name": self.parameter_group_name,
            "cluster_mode": self.cluster_mode,
            "automatic_failover_enabled": self.automatic_failover_enabled,
            "transit_encryption_enabled": self.transit_encryption_enabled,
            "transit_encryption_mode": self.transit_encryption_mode,
            "at_rest_encryption_enabled": self.at_rest_encryption_enabled,
            "data_tiering_enabled": self.data_tiering_enabled,
            **(self.snapshot_source.properties() if self.snapshot_source else {}),
        }

    def _subnet_group_name(self, scope: Construct) -> str:
        if self.cache_subnet_group is not None:
            return self.cache_subnet_group.cache_subnet_group_name
        subnets = select_subnets(self.path, self.vpc, self.vpc_subnets)
        return own_subnet_group(scope, subnets, f"Subnets of {self.path}"[:LONGEST_DESCRIPTION]).ref

    def _security_group(self, scope: Construct) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            scope,
            "SecurityGroup",
            vpc=self.vpc,
            # The path and not the description, because a change of this text replaces the security group.
            description=f"Nodes of {self.path}"[:LONGEST_DESCRIPTION],
            allow_all_outbound=False,
        )
