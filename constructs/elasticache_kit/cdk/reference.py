"""A replication group as the rest of an app sees it: made here or imported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import ArnFormat, Resource
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.topology import node_groups
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from elasticache_kit.model.engine import EngineVersion
    from elasticache_kit.model.node_type import NodeType

DEFAULT_PORT = 6379


@jsii.implements(ec2.IConnectable)
class ReplicationGroupReference(Resource, ABC):
    """What a replication group has in either cluster mode."""

    @property
    @abstractmethod
    def replication_group_id(self) -> str:
        """The id that the API and the metrics know it by."""

    @property
    @abstractmethod
    def connections(self) -> ec2.Connections:
        """The security groups of its nodes, with their port as the default port."""

    @property
    @abstractmethod
    def spec(self) -> ReplicationGroupSpec:
        """What is known of it at synth, as the rulebook takes it; of an import what it is told."""

    @property
    def replication_group_arn(self) -> str:
        """The ARN that policies name it by."""
        return self.stack.format_arn(
            service="elasticache",
            resource="replicationgroup",
            resource_name=self.replication_group_id,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    @property
    def cache_cluster_ids(self) -> tuple[str, ...]:
        """The ids of its nodes, which metrics and alarms are about; the primary's comes first in each node group.

        The ids differ with the cluster mode: `orders-001`, or `orders-0001-001` where it is compatible or enabled.

        Raises:
            ValidationError: the number of its nodes is not known at synth.
        """
        # The id of the group may be a token, which does not survive what ElastiCache does to a name.
        try:
            groups = node_groups("", self.spec, ())
        except UndecidedError:
            raise ValidationError(
                f"{self.node.path}: its nodes have ids of their number, which is not known at synth; "
                "give a number where the group is made or imported"
            ) from None
        return tuple(
            f"{self.replication_group_id}{member.cache_cluster_id}" for group in groups for member in group.members
        )


class IReplicationGroup(ReplicationGroupReference):
    """A replication group with cluster mode disabled, made here or imported."""

    @property
    @abstractmethod
    def primary_endpoint(self) -> Endpoint:
        """Where to write; it follows the primary when it fails over."""

    @property
    @abstractmethod
    def reader_endpoint(self) -> Endpoint:
        """Where to read; it spreads connections over the replicas."""


class IShardedReplicationGroup(ReplicationGroupReference):
    """A replication group with cluster mode enabled, made here or imported."""

    @property
    @abstractmethod
    def configuration_endpoint(self) -> Endpoint:
        """Where a cluster client discovers all node groups."""


class _Imported(ReplicationGroupReference):
    """A replication group that exists: what is told of it, and nothing else."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        replication_group_id: str,
        port: int,
        security_groups: Sequence[ec2.ISecurityGroup],
        spec: ReplicationGroupSpec,
    ) -> None:
        super().__init__(scope, construct_id)
        self._id = lower_case(replication_group_id)
        self._port = port
        self._spec = spec
        self._connections = ec2.Connections(security_groups=list(security_groups), default_port=ec2.Port.tcp(port))

    @property
    def replication_group_id(self) -> str:
        return self._id

    @property
    def connections(self) -> ec2.Connections:
        return self._connections

    @property
    def spec(self) -> ReplicationGroupSpec:
        return self._spec

    def _endpoint(self, name: str, address: str | None) -> Endpoint:
        if address is None:
            raise ValidationError(
                f"{self.node.path} is imported without its {name} endpoint; "
                f"give {name}_endpoint_address where it is imported"
            )
        return Endpoint(address, self._port)


class ImportedReplicationGroup(_Imported, IReplicationGroup):
    """What ReplicationGroup.from_replication_group_attributes returns."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        replication_group_id: str,
        primary_endpoint_address: str | None,
        reader_endpoint_address: str | None,
        port: int,
        security_groups: Sequence[ec2.ISecurityGroup],
        spec: ReplicationGroupSpec,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            port=port,
            security_groups=security_groups,
            spec=spec,
        )
        self._primary = primary_endpoint_address
        self._reader = reader_endpoint_address

    @property
    def primary_endpoint(self) -> Endpoint:
        """Where to write, if the import told."""
        return self._endpoint("primary", self._primary)

    @property
    def reader_endpoint(self) -> Endpoint:
        """Where to read, if the import told."""
        return self._endpoint("reader", self._reader)


class ImportedShardedReplicationGroup(_Imported, IShardedReplicationGroup):
    """What ShardedReplicationGroup.from_sharded_replication_group_attributes returns."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        replication_group_id: str,
        configuration_endpoint_address: str | None,
        port: int,
        security_groups: Sequence[ec2.ISecurityGroup],
        spec: ReplicationGroupSpec,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            port=port,
            security_groups=security_groups,
            spec=spec,
        )
        self._configuration = configuration_endpoint_address

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where clients discover the node groups, if the import told."""
        return self._endpoint("configuration", self._configuration)


def imported_spec(
    engine_version: EngineVersion | None, cache_node_type: NodeType | None, **topology: Any
) -> ReplicationGroupSpec:
    """Describe an imported group to the rulebook; what it is not told is UNKNOWN."""
    return ReplicationGroupSpec(
        engine=UNKNOWN if engine_version is None else engine_version.engine,
        engine_version=UNKNOWN if engine_version is None else engine_version.version,
        cache_node_type=UNKNOWN if cache_node_type is None else cache_node_type.name,
        **topology,
    )
