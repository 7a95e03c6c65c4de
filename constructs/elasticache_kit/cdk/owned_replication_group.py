"""OwnedReplicationGroup: what is the same in every replication group that is made here, whatever its cluster mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.argument import remember_path, warn
from elasticache_kit.cdk.reference import DEFAULT_PORT, ReplicationGroupReference
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.model.replication_group import check

if TYPE_CHECKING:
    from constructs import Construct

    from elasticache_kit.cdk.definition import Definition
    from elasticache_kit.cdk.sign_in import SignIn
    from elasticache_kit.model.replication_group import ReplicationGroupSpec


class OwnedReplicationGroup(ReplicationGroupReference):
    """A replication group that is made of a definition.

    Raises:
        ValidationError: ElastiCache would refuse it; nothing is made then.
    """

    def __init__(self, scope: Construct, construct_id: str, *, definition: Definition) -> None:
        self._spec, warnings = definition.check()
        super().__init__(scope, construct_id)
        remember_path(self, definition.path)
        parts = definition.build(self)
        self._resource, self._security_groups, self._sign_in = parts.resource, parts.security_groups, parts.sign_in
        self._port = DEFAULT_PORT if definition.port is None else definition.port
        self._connections: ec2.Connections | None = None
        if definition.authentication is not None:
            self._sign_in.acknowledge(self._resource)
            self._rotate()
        spec, users = self._spec, self._sign_in.user_group
        if isinstance(users, UserGroup):
            users.admit(definition.path, lambda specs: check(replace(spec, user_group_users=specs)))
        warn(self, warnings)

    @property
    def replication_group_id(self) -> str:
        """The id that the API and the metrics know it by."""
        return self._resource.ref

    @property
    def spec(self) -> ReplicationGroupSpec:
        """What is known of it at synth, as the rulebook takes it."""
        return self._spec

    @property
    def sign_in(self) -> SignIn:
        """How clients sign in to it."""
        return self._sign_in

    @property
    def connections(self) -> ec2.Connections:
        """The security groups of its nodes, with the port as the default port."""
        if self._connections is None:
            self._connections = ec2.Connections(
                security_groups=list(self._security_groups), default_port=ec2.Port.tcp(self._port)
            )
        return self._connections

    @property
    def effective_durability(self) -> str:
        """What `durability` comes to, which only a deployment knows."""
        return self._resource.attr_effective_durability

    def _rotate(self) -> None:
        self._sign_in.rotate(
            self,
            replication_group_id=self.replication_group_id,
            replication_group_arn=self.replication_group_arn,
            endpoint=lambda: self.connection.endpoint,
            connections=self.connections,
        )
