"""A serverless cache as the rest of an app sees it: made here or imported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import jsii
from aws_cdk import ArnFormat, Resource, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.argument import at_synth
from elasticache_kit.cdk.connection_environment import CacheConnection, inject_environment
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.grant import CacheGrants
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.sign_in import SignIn
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.environment import PREFIX
from elasticache_kit.model.serverless_cache import ServerlessCacheSpec
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from elasticache_kit.cdk.connection_environment import Target
    from elasticache_kit.cdk.serverless.engine import ServerlessEngine
    from elasticache_kit.cdk.user import IUser
    from elasticache_kit.cdk.user_group import IUserGroup

PUBLIC = "public"

_PORTS = {Engine.VALKEY: 6379, Engine.REDIS: 6379, Engine.MEMCACHED: 11211}


@jsii.implements(ec2.IConnectable)
class IServerlessCache(Resource, ABC):
    """A serverless cache, made here or imported."""

    @property
    @abstractmethod
    def serverless_cache_name(self) -> str:
        """The name that the API knows it by, and the metrics, whose dimension is `clusterId`."""

    @property
    @abstractmethod
    def serverless_cache_arn(self) -> str:
        """The ARN that policies name it by."""

    @property
    @abstractmethod
    def engine(self) -> ServerlessEngine | None:
        """The engine; None where the cache is imported and the import did not tell."""

    @property
    @abstractmethod
    def connections(self) -> ec2.Connections:
        """Its security groups, with both of its ports as the default port."""

    @property
    @abstractmethod
    def endpoint(self) -> Endpoint:
        """Where to read and write."""

    @property
    @abstractmethod
    def reader_endpoint(self) -> Endpoint:
        """Where to read what may be a little old, with less delay: the same address, the next port."""

    @property
    @abstractmethod
    def spec(self) -> ServerlessCacheSpec:
        """What is known of it at synth, as the rulebook takes it; of an import what it is told."""

    @property
    @abstractmethod
    def user_group(self) -> IUserGroup | None:
        """Who may sign in; None where nobody has to, or where the cache is imported and nobody told."""

    @property
    def grants(self) -> CacheGrants:
        """Who may sign in to it with AWS credentials: `grants.connect(grantee)`."""
        return CacheGrants(self, arn=self.serverless_cache_arn, sign_in=SignIn(user_group=self.user_group))

    @property
    def connection(self) -> CacheConnection:
        """What it tells those who connect; clients speak to it as to a cluster, with TLS."""
        engine = self.engine
        return CacheConnection(
            cache=self,
            cache_name=self.serverless_cache_name,
            endpoint=self.endpoint,
            reader_endpoint=self.reader_endpoint,
            engine=engine.engine if engine else None,
            engine_version=engine.major_engine_version if engine else None,
            topology="cluster-mode-enabled",
            tls=True,
            serverless=True,
            public=self.spec.connection_type == PUBLIC,
            connections=self.connections,
            grants=self.grants,
        )

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


class ImportedServerlessCache(IServerlessCache):
    """What ServerlessCache.from_serverless_cache_attributes returns."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        serverless_cache_name: str,
        engine: ServerlessEngine | None,
        endpoint_address: str | None,
        reader_endpoint_address: str | None,
        security_groups: Sequence[ec2.ISecurityGroup],
        user_group: IUserGroup | None = None,
        connection_type: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = lower_case(serverless_cache_name)
        self._engine = engine
        self._user_group = user_group
        self._connection_type = connection_type
        self._addresses = {"endpoint": endpoint_address, "reader_endpoint": reader_endpoint_address or endpoint_address}
        self._port = first_port(engine.engine if engine else Engine.VALKEY)
        self._connections = ec2.Connections(security_groups=list(security_groups), default_port=both_ports(self._port))

    @property
    def serverless_cache_name(self) -> str:
        """The name that it was imported with."""
        return self._name

    @property
    def serverless_cache_arn(self) -> str:
        """The ARN of a cache of this name in the account and the Region of this stack."""
        return Stack.of(self).format_arn(
            service="elasticache",
            resource="serverlesscache",
            resource_name=self._name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    @property
    def engine(self) -> ServerlessEngine | None:
        """The engine that it was imported with."""
        return self._engine

    @property
    def connections(self) -> ec2.Connections:
        """The security groups that it was imported with."""
        return self._connections

    @property
    def spec(self) -> ServerlessCacheSpec:
        """What it was imported with."""
        return ServerlessCacheSpec(
            serverless_cache_name=at_synth(self._name),
            engine=self._engine.engine if self._engine else UNKNOWN,
            major_engine_version=self._engine.major_engine_version if self._engine else UNKNOWN,
            connection_type=at_synth(self._connection_type),
            user_group_id=None if self._user_group is None else self._user_group.spec.user_group_id,
        )

    @property
    def user_group(self) -> IUserGroup | None:
        """The user group that it was imported with."""
        return self._user_group

    @property
    def endpoint(self) -> Endpoint:
        """Where to read and write, if the import told."""
        return Endpoint(self._address("endpoint"), self._port)

    @property
    def reader_endpoint(self) -> Endpoint:
        """Where to read, if the import told."""
        return Endpoint(self._address("reader_endpoint"), self._port + 1)

    def _address(self, name: str) -> str:
        address = self._addresses[name]
        if address is None:
            raise ValidationError(
                f"{self.node.path} is imported without its endpoint; give endpoint_address where it is imported"
            )
        return address


def first_port(engine: Engine) -> int:
    """Return the port of the endpoint; the reader endpoint has the next one."""
    return _PORTS[engine]


def both_ports(first: int) -> ec2.Port:
    """Return both ports: a client may connect to both of them even where it only uses one.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/set-up.html
    """
    return ec2.Port.tcp_range(first, first + 1)
