"""Definition: what both kinds of replication group have in common, from arguments to the resource.

The resource and everything it brings along has the same construct ids for both classes. So the logical ids, and with
them the data, survive the change of a group from cluster mode disabled to enabled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.argument import at_synth, violation
from elasticache_kit.cdk.reference import DEFAULT_PORT
from elasticache_kit.cdk.subnet_group import ISubnetGroup, SubnetGroup, known_zones, select_subnets
from elasticache_kit.model.engine import Engine, EngineVersion, default_version
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.parameter import default_parameter_group
from elasticache_kit.model.replication_group import ReplicationGroupSpec, check
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from elasticache_kit.cdk.parameter_group import IParameterGroup
    from elasticache_kit.model.rule import Violation

DEFAULT_NODE_TYPE = NodeType.of("cache.t4g.small")
# ElastiCache and EC2 refuse a longer one.
LONGEST_DESCRIPTION = 255

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A replication group of either kind, before any construct is made.

    Args:
        path: the path of the construct.
        cluster_enabled: whether the group runs in cluster mode.
        topology: the fields of the rulebook's spec that say how many nodes there are and where.
    """

    path: str
    cluster_enabled: bool
    topology: ReplicationGroupSpec
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
    snapshot_retention_limit: int
    snapshot_window: str | None
    preferred_maintenance_window: str | None
    auto_minor_version_upgrade: bool
    removal_policy: RemovalPolicy

    @property
    def version(self) -> EngineVersion:
        """The engine version asked for, else the rulebook's default for Valkey."""
        return self.engine_version or default_version(Engine.VALKEY)

    @property
    def node_type(self) -> NodeType:
        """The node type asked for, else the default."""
        return self.cache_node_type or DEFAULT_NODE_TYPE

    @property
    def description(self) -> str:
        """The description asked for, else the path of the construct."""
        given = self.replication_group_description
        return given if given is not None else f"Replication group {self.path}"[:LONGEST_DESCRIPTION]

    @property
    def parameter_group_name(self) -> str:
        """The name of the parameter group asked for, else of AWS's own for this version and cluster mode."""
        if self.cache_parameter_group is not None:
            return self.cache_parameter_group.cache_parameter_group_name
        return default_parameter_group(self.version.family, self.cluster_enabled)

    def check(self) -> tuple[Violation, ...]:
        """Ask the rulebook, and return what it only warns of.

        Raises:
            ValidationError: ElastiCache would refuse the replication group; the message lists every reason.
        """
        return refuse(self.path, (*self._contradictions(), *check(self._spec())))

    def build(self, scope: Construct, **topology: Any) -> tuple[elasticache.CfnReplicationGroup, ec2.Connections]:
        """Make the resource, with a subnet group and a security group where none is given."""
        subnet_group = self.cache_subnet_group or SubnetGroup(
            scope,
            "SubnetGroup",
            vpc=self.vpc,
            vpc_subnets=self.vpc_subnets,
            description=f"Subnets of {self.path}",
        )
        security_groups = list(self.security_groups or [self._security_group(scope)])
        resource = elasticache.CfnReplicationGroup(
            scope,
            "Resource",
            replication_group_id=self.replication_group_id,
            replication_group_description=self.description,
            engine=self.version.engine.value,
            engine_version=self.version.version,
            cache_node_type=self.node_type.name,
            cache_parameter_group_name=self.parameter_group_name,
            cache_subnet_group_name=subnet_group.cache_subnet_group_name,
            security_group_ids=[group.security_group_id for group in security_groups],
            automatic_failover_enabled=self.automatic_failover_enabled,
            multi_az_enabled=self.multi_az_enabled,
            transit_encryption_enabled=self.transit_encryption_enabled,
            transit_encryption_mode=self.transit_encryption_mode,
            at_rest_encryption_enabled=self.at_rest_encryption_enabled,
            kms_key_id=self.kms_key.key_ref.key_arn if self.kms_key else None,
            port=self.port,
            snapshot_retention_limit=self.snapshot_retention_limit,
            snapshot_window=self.snapshot_window,
            preferred_maintenance_window=self.preferred_maintenance_window,
            auto_minor_version_upgrade=self.auto_minor_version_upgrade,
            **topology,
        )
        resource.apply_removal_policy(self.removal_policy, apply_to_update_replace_policy=True)
        port = ec2.Port.tcp(self.port if self.port is not None else DEFAULT_PORT)
        return resource, ec2.Connections(security_groups=security_groups, default_port=port)

    def _security_group(self, scope: Construct) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            scope,
            "SecurityGroup",
            vpc=self.vpc,
            # The path and not the description, because a change of this text replaces the security group.
            description=f"Nodes of {self.path}"[:LONGEST_DESCRIPTION],
            allow_all_outbound=False,
        )

    def _contradictions(self) -> Iterator[Violation]:
        """Yield what contradicts itself in the arguments; the rulebook sees only what becomes of them."""
        if self.vpc_subnets is not None and self.cache_subnet_group is not None:
            yield violation(
                "cdk-subnets-twice",
                "vpc_subnets",
                self.vpc_subnets,
                "cache_subnet_group is given too, and has its subnets already",
                "leave out one of the two",
            )
        group = self.cache_parameter_group
        if group is not None and group.cluster_enabled not in {None, self.cluster_enabled}:
            wanted, other = ("yes", "ReplicationGroup") if self.cluster_enabled else ("no", "ShardedReplicationGroup")
            yield violation(
                "cdk-parameter-group-cluster-mode",
                "cache_parameter_group",
                group.node.path,
                f"its cluster-enabled is {'yes' if group.cluster_enabled else 'no'}, and this class needs {wanted}",
                f'set "cluster-enabled": "{wanted}" in its properties, or take {other}',
            )
        zones = self._zones()
        if self.multi_az_enabled and len(set(zones)) == 1 and at_synth(zones) is UNKNOWN:
            # The rulebook compares names, which a stack without a fixed Region doesn't have.
            yield violation(
                "cdk-multi-az-one-zone",
                "multi_az_enabled",
                True,
                "Multi-AZ needs at least 2 Availability Zones, and the subnets are in 1 only",
                "give the VPC more zones (max_azs), or set multi_az_enabled=False",
            )

    def _spec(self) -> ReplicationGroupSpec:
        group = self.cache_parameter_group
        return replace(
            self.topology,
            replication_group_id=at_synth(self.replication_group_id),
            replication_group_description=at_synth(self.description),
            engine=self.version.engine,
            engine_version=at_synth(self.version.version),
            cache_node_type=at_synth(self.node_type.name),
            cache_parameter_group_name=self._parameter_group(),
            parameter_group_family=self.version.family if group is None else _told(group.cache_parameter_group_family),
            parameter_group_cluster_enabled=self.cluster_enabled,
            automatic_failover_enabled=self.automatic_failover_enabled,
            multi_az_enabled=self.multi_az_enabled,
            # Either an existing group or one that is made here, whose name only a deployment knows.
            cache_subnet_group_name=UNKNOWN,
            subnet_zones=at_synth(self._zones()) or UNKNOWN,
            security_group_ids=at_synth(tuple(group.security_group_id for group in self.security_groups or ()))
            or UNKNOWN,
            transit_encryption_enabled=self.transit_encryption_enabled,
            transit_encryption_mode=at_synth(self.transit_encryption_mode),
            at_rest_encryption_enabled=self.at_rest_encryption_enabled,
            kms_key_id=at_synth(self.kms_key.key_ref.key_arn) if self.kms_key else None,
            port=at_synth(self.port),
            snapshot_retention_limit=at_synth(self.snapshot_retention_limit),
            snapshot_window=at_synth(self.snapshot_window),
            preferred_maintenance_window=at_synth(self.preferred_maintenance_window),
            auto_minor_version_upgrade=self.auto_minor_version_upgrade,
        )

    def _security_group_ids(self) -> tuple[str, ...] | Unknown:
        if not self.security_groups:
            return UNKNOWN  # one of its own
        return at_synth(tuple(group.security_group_id for group in self.security_groups))

    def _zones(self) -> tuple[str, ...]:
        """Return the zones of the subnets, by token in a stack without a fixed Region; none where nobody knows."""
        if self.cache_subnet_group is not None:
            return self.cache_subnet_group.availability_zones or ()
        return known_zones(select_subnets(self.path, self.vpc, self.vpc_subnets)) or ()

    def _parameter_group(self) -> str | Unknown:
        """Return the name of the parameter group; its path stands in where only its family is known at synth."""
        group = self.cache_parameter_group
        if group is None or group.cache_parameter_group_family is None:
            return at_synth(self.parameter_group_name)
        name = at_synth(group.cache_parameter_group_name)
        return group.node.path if name is UNKNOWN else name


def _told(value: T | None) -> T | Unknown:
    return UNKNOWN if value is None else value
