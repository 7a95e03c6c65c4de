"""A serverless cache as the rest of an app sees it: made here or imported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import jsii
from aws_cdk import ArnFormat, Resource, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.argument import at_synth
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.serverless_cache import ServerlessCacheSpec
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from elasticache_kit.cdk.serverless_engine import ServerlessEngine

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
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = lower_case(serverless_cache_name)
        self._engine = engine
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
        )

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
