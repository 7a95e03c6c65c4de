"""A replication group as the rest of an app sees it: made here or imported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import jsii
from aws_cdk import ArnFormat, Resource
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.connection_environment import CacheConnection, inject_environment
from elasticache_kit.cdk.grant import CacheGrants
from elasticache_kit.cdk.replication_group_metrics import ReplicationGroupMetrics
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.environment import PREFIX
from elasticache_kit.model.topology import node_groups
from elasticache_kit.model.unknown import UndecidedError

if TYPE_CHECKING:
    from elasticache_kit.cdk.connection_environment import Target
    from elasticache_kit.cdk.endpoint import Endpoint
    from elasticache_kit.cdk.sign_in import SignIn
    from elasticache_kit.cdk.user import IUser
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

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
    @abstractmethod
    def sign_in(self) -> SignIn:
        """How clients sign in to it."""

    @property
    @abstractmethod
    def connection(self) -> CacheConnection:
        """What it tells those who connect."""

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
    def grants(self) -> CacheGrants:
        """Who may sign in to it with AWS credentials: `grants.connect(grantee)`."""
        return CacheGrants(self, arn=self.replication_group_arn, sign_in=self.sign_in)

    @property
    def metrics(self) -> ReplicationGroupMetrics:
        """What CloudWatch measures on its nodes: `metrics.engine_cpu_utilization()` and the others."""
        return ReplicationGroupMetrics(self)

    def inject_environment(
        self, target: Target, *, user: IUser | None = None, client: ec2.IConnectable | None = None, prefix: str = PREFIX
    ) -> None:
        """Let an application use it: variables, security group rules, permission or secret.

        Args:
            target: the Lambda function, the container, or the ECS service, whose default container it is then.
            user: whom to sign in as. Default: the only user with IAM or a password.
            client: what opens the connections, for a container its service. Default: the function or the service.
            prefix: what the variables begin with; a second cache of one application needs another one. Default:
                ELASTICACHE_KIT_.

        Raises:
            ValidationError: an argument has the wrong type, the function is in no VPC, the prefix is taken, or there
                is nobody to sign in as.
        """
        inject_environment(self.connection, target, user=user, client=client, prefix=prefix)

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
            remedy = (
                "give a number where the group is made or imported"
                if self.spec.global_replication_group_id is None
                # It takes them from its primary, so that it cannot say them itself.
                else "import this secondary by its attributes, with its numbers, and ask the import"
            )
            raise ValidationError(
                f"{self.node.path}: its nodes have ids of their number, which is not known at synth; {remedy}"
            ) from None
        return tuple(
            f"{self.replication_group_id}{member.cache_cluster_id}" for group in groups for member in group.members
        )

    def _connection(self, endpoint: Endpoint, reader_endpoint: Endpoint | None, topology: str) -> CacheConnection:
        engine, version = self.spec.engine, self.spec.engine_version
        return CacheConnection(
            cache=self,
            cache_name=self.replication_group_id,
            endpoint=endpoint,
            reader_endpoint=reader_endpoint,
            engine=Engine(engine) if isinstance(engine, str) else None,
            engine_version=version if isinstance(version, str) else None,
            topology=topology,
            # What is not known is a secondary of a global datastore, which is encrypted as its primary is.
            tls=self.spec.transit_encryption_enabled is not False,
            connections=self.connections,
            grants=self.grants,
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

    @property
    def connection(self) -> CacheConnection:
        """What it tells those who connect, in cluster mode compatible those too who have not moved yet."""
        return self._connection(self.primary_endpoint, self.reader_endpoint, "cluster-mode-disabled")


class IShardedReplicationGroup(ReplicationGroupReference):
    """A replication group with cluster mode enabled, made here or imported."""

    @property
    @abstractmethod
    def configuration_endpoint(self) -> Endpoint:
        """Where a cluster client discovers all node groups."""

    @property
    def connection(self) -> CacheConnection:
        """What it tells those who connect."""
        return self._connection(self.configuration_endpoint, None, "cluster-mode-enabled")
