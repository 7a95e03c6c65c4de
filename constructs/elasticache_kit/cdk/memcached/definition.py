"""MemcachedDefinition: a Memcached cluster from arguments to the resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aws_cdk import CfnTag, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.argument import at_synth, violation
from elasticache_kit.cdk.family import default_group_name
from elasticache_kit.cdk.memcached.placement import Placement, place
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.network_type import unsupported
from elasticache_kit.cdk.notification import allow_events, encrypted_topic
from elasticache_kit.cdk.subnet_group import ISubnetGroup, SubnetGroup, known_network_types, known_zones, select_subnets
from elasticache_kit.cdk.tag import reserved
from elasticache_kit.model.cache_cluster import CacheClusterSpec, check
from elasticache_kit.model.engine import Engine, EngineVersion, default_version
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from elasticache_kit.cdk.parameter_group import IParameterGroup
    from elasticache_kit.model.rule import Violation
    from elasticache_kit.model.window import MaintenanceWindow

_DEFAULT_NODE_TYPE = NodeType.of("cache.t4g.small")
_LONGEST_DESCRIPTION = 255  # EC2 refuses a longer one


@dataclass(frozen=True, slots=True, kw_only=True)
class MemcachedDefinition:
    """A Memcached cluster before any construct is made; the arguments are those of MemcachedCluster.

    Args:
        path: the path of the construct.
    """

    path: str
    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection | None
    cache_subnet_group: ISubnetGroup | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    engine_version: EngineVersion | None
    cache_node_type: NodeType | None
    num_cache_nodes: int
    az_mode: Literal["single-az", "cross-az"] | None
    preferred_availability_zones: Sequence[str] | None
    cache_parameter_group: IParameterGroup | None
    cluster_name: str | None
    transit_encryption_enabled: bool
    network_type: str | None
    ip_discovery: str | None
    port: int | None
    preferred_maintenance_window: MaintenanceWindow | str | None
    notification_topic: ITopicRef | None
    tags: Mapping[str, str] | None
    removal_policy: RemovalPolicy

    @property
    def version(self) -> EngineVersion:
        """The version asked for, else the rulebook's default."""
        return self.engine_version or default_version(Engine.MEMCACHED)

    @property
    def node_type(self) -> NodeType:
        """The node type asked for, else the default."""
        return self.cache_node_type or _DEFAULT_NODE_TYPE

    @property
    def parameter_group_name(self) -> str:
        """The name of the parameter group asked for, else of AWS's own for this version."""
        if self.cache_parameter_group is not None:
            return self.cache_parameter_group.cache_parameter_group_name
        return default_group_name(self.version, cluster_enabled=False)

    @property
    def maintenance_window(self) -> str | None:
        """The window as ElastiCache writes it."""
        return None if self.preferred_maintenance_window is None else str(self.preferred_maintenance_window)

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
    def placement(self) -> Placement:
        """The zone of each node."""
        return place(self.num_cache_nodes, self.az_mode, self.preferred_availability_zones, self.zones)

    def check(self) -> tuple[CacheClusterSpec, tuple[Violation, ...]]:
        """Ask the rulebook, and return what it was told and what it only warns of.

        Raises:
            ValidationError: ElastiCache would refuse the cluster; the message lists every reason.
        """
        spec = self._spec()
        mistakes = (
            *self._contradictions(),
            *unsupported(self.network_type, self.supported_network_types),
            *encrypted_topic(self.notification_topic),
        )
        return spec, refuse(self.path, (*mistakes, *check(spec)))

    def build(self, scope: Construct) -> tuple[elasticache.CfnCacheCluster, list[ec2.ISecurityGroup]]:
        """Make the resource, with a subnet group and a security group where none is given."""
        subnet_group = self.cache_subnet_group or SubnetGroup(
            scope, "SubnetGroup", vpc=self.vpc, vpc_subnets=self.vpc_subnets, description=f"Subnets of {self.path}"
        )
        security_groups = list(self.security_groups or [self._security_group(scope)])
        placement = self.placement
        zones = placement.preferred_availability_zones
        resource = elasticache.CfnCacheCluster(
            scope,
            "Resource",
            cluster_name=lower_case(self.cluster_name),
            engine=self.version.engine.value,
            engine_version=self.version.version,
            cache_node_type=self.node_type.name,
            num_cache_nodes=self.num_cache_nodes,
            az_mode=placement.az_mode,
            preferred_availability_zones=None if zones is None else list(zones),
            cache_parameter_group_name=self.parameter_group_name,
            cache_subnet_group_name=subnet_group.cache_subnet_group_name,
            vpc_security_group_ids=[group.security_group_id for group in security_groups],
            transit_encryption_enabled=self.transit_encryption_enabled,
            network_type=self.network_type,
            ip_discovery=self.ip_discovery,
            port=self.port,
            preferred_maintenance_window=self.maintenance_window,
            notification_topic_arn=self.notification_topic.topic_ref.topic_arn if self.notification_topic else None,
            tags=None if self.tags is None else [CfnTag(key=key, value=value) for key, value in self.tags.items()],
        )
        resource.apply_removal_policy(self.removal_policy, apply_to_update_replace_policy=True)
        if self.notification_topic is not None:
            allow_events(self.notification_topic)
        return resource, security_groups

    def _security_group(self, scope: Construct) -> ec2.SecurityGroup:
        # The path, because a change of this text replaces the security group.
        description = f"Nodes of {self.path}"[:_LONGEST_DESCRIPTION]
        return ec2.SecurityGroup(
            scope, "SecurityGroup", vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def _spec(self) -> CacheClusterSpec:
        placement = self.placement
        zones = placement.preferred_availability_zones
        group = self.cache_parameter_group
        return CacheClusterSpec(
            cluster_name=at_synth(self.cluster_name),
            engine=self.version.engine,
            engine_version=at_synth(self.version.version),
            cache_node_type=at_synth(self.node_type.name),
            num_cache_nodes=at_synth(self.num_cache_nodes),
            az_mode=at_synth(placement.az_mode),
            preferred_availability_zones=None if zones is None else at_synth(zones),
            cache_parameter_group_name=self._known_parameter_group_name(),
            parameter_group_family=self._parameter_group_family(),
            parameter_group_cluster_enabled=False if group is None else _told(group.cluster_enabled),
            parameter_group_parameters=self._parameters(),
            # Either an existing group or one that is made here, whose name only a deployment knows.
            cache_subnet_group_name=UNKNOWN,
            vpc_security_group_ids=UNKNOWN,
            subnet_zones=at_synth(self.zones) or UNKNOWN,
            transit_encryption_enabled=self.transit_encryption_enabled,
            network_type=at_synth(self.network_type),
            ip_discovery=at_synth(self.ip_discovery),
            port=at_synth(self.port),
            preferred_maintenance_window=at_synth(self.maintenance_window),
            notification_topic_arn=UNKNOWN if self.notification_topic else None,
        )

    def _known_parameter_group_name(self) -> str | Unknown:
        """Return the name of the parameter group; its path stands in where only its family is known at synth."""
        name, group = at_synth(self.parameter_group_name), self.cache_parameter_group
        if group is None or group.cache_parameter_group_family is None or name is not UNKNOWN:
            return name
        return group.node.path

    def _parameter_group_family(self) -> str | Unknown:
        if self.cache_parameter_group is None:
            return self.version.family or UNKNOWN
        return self.cache_parameter_group.cache_parameter_group_family or UNKNOWN

    def _parameters(self) -> Mapping[str, str | Unknown] | Unknown:
        """Return the parameters that differ from the family's defaults, as far as they are known."""
        if self.cache_parameter_group is None:
            return {}
        given = self.cache_parameter_group.properties
        return UNKNOWN if given is None else {name: at_synth(value) for name, value in given.items()}

    def _contradictions(self) -> Iterator[Violation]:
        """Yield what the rulebook cannot see in the resource."""
        yield from reserved(self.tags)
        version = self.version
        if version.engine is not Engine.MEMCACHED:
            yield violation(
                "cdk-memcached-engine",
                "engine_version",
                str(version),
                "it is no version of Memcached",
                f"take a MemcachedVersion, or a ReplicationGroup, of one node too, for {version.engine}",
            )
        if self.vpc_subnets is not None and self.cache_subnet_group is not None:
            yield violation(
                "cdk-subnets-twice",
                "vpc_subnets",
                self.vpc_subnets,
                "cache_subnet_group is given too, and has its subnets already",
                "leave out one of the two",
            )
        if self.removal_policy is RemovalPolicy.SNAPSHOT:
            yield violation(
                "cdk-memcached-snapshot",
                "removal_policy",
                "SNAPSHOT",
                "nodes of Memcached have no snapshots, so none can be kept",
                "take RemovalPolicy.DESTROY or RETAIN, or a ServerlessCache, which has snapshots of Memcached too",
            )


def _told(value: bool | None) -> bool | Unknown:
    return UNKNOWN if value is None else value
