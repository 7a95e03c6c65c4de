"""A replication group as the rest of an app sees it: made here or imported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

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
    ) -> None:
        super().__init__(scope, construct_id)
        self._id = replication_group_id
        self._port = port
        self._connections = ec2.Connections(security_groups=list(security_groups), default_port=ec2.Port.tcp(port))

    @property
    def replication_group_id(self) -> str:
        return self._id

    @property
    def connections(self) -> ec2.Connections:
        return self._connections

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
    ) -> None:
        super().__init__(
            scope, construct_id, replication_group_id=replication_group_id, port=port, security_groups=security_groups
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
    ) -> None:
        super().__init__(
            scope, construct_id, replication_group_id=replication_group_id, port=port, security_groups=security_groups
        )
        self._configuration = configuration_endpoint_address

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where clients discover the node groups, if the import told."""
        return self._endpoint("configuration", self._configuration)
