"""Replication groups that exist: what is told of them, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.argument import at_synth, construct_path
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.reference import IReplicationGroup, IShardedReplicationGroup, ReplicationGroupReference
from elasticache_kit.cdk.sign_in import SignIn
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from elasticache_kit.cdk.authentication import Authentication
    from elasticache_kit.cdk.connection_environment import CacheConnection
    from elasticache_kit.model.engine import EngineVersion
    from elasticache_kit.model.node_type import NodeType


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
        authentication: Authentication | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        path = construct_path(scope, construct_id)
        self._sign_in = SignIn() if authentication is None else authentication.existing(path)
        self._id = lower_case(replication_group_id)
        self._port = port
        # A user group or a token makes alarms possible, whoever made the cache.
        self._spec = replace(spec, **self._sign_in.spec())
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

    @property
    def sign_in(self) -> SignIn:
        return self._sign_in

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
        authentication: Authentication | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            port=port,
            security_groups=security_groups,
            spec=spec,
            authentication=authentication,
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

    @property
    def connection(self) -> CacheConnection:
        """What it tells those who connect: where to read only if the import told."""
        reader = None if self._reader is None else self.reader_endpoint
        return self._connection(self.primary_endpoint, reader, "cluster-mode-disabled")


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
        authentication: Authentication | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            replication_group_id=replication_group_id,
            port=port,
            security_groups=security_groups,
            spec=spec,
            authentication=authentication,
        )
        self._configuration = configuration_endpoint_address

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where clients discover the node groups, if the import told."""
        return self._endpoint("configuration", self._configuration)


def imported_spec(
    engine_version: EngineVersion | None,
    cache_node_type: NodeType | None,
    *,
    transit_encryption_enabled: bool,
    **topology: Any,
) -> ReplicationGroupSpec:
    """Describe an imported group to the rulebook; what it is not told is UNKNOWN."""
    return ReplicationGroupSpec(
        engine=UNKNOWN if engine_version is None else engine_version.engine,
        engine_version=UNKNOWN if engine_version is None else at_synth(engine_version.version),
        cache_node_type=UNKNOWN if cache_node_type is None else at_synth(cache_node_type.name),
        transit_encryption_enabled=transit_encryption_enabled,
        **topology,
    )
