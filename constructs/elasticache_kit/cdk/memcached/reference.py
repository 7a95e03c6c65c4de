"""A Memcached cluster as the rest of an app sees it: made here or imported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk.connection_environment import CacheConnection, inject_environment
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.environment import PREFIX
from elasticache_kit.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from elasticache_kit.cdk.connection_environment import Target
    from elasticache_kit.model.cache_cluster import CacheClusterSpec

DEFAULT_MEMCACHED_PORT = 11211


@jsii.implements(ec2.IConnectable)
class IMemcachedCluster(Resource, ABC):
    """A Memcached cluster, made here or imported."""

    @property
    @abstractmethod
    def cluster_name(self) -> str:
        """The name that the API and the metrics know it by; there it is called the cache cluster id."""

    @property
    @abstractmethod
    def connections(self) -> ec2.Connections:
        """The security groups of its nodes, with their port as the default port."""

    @property
    @abstractmethod
    def configuration_endpoint(self) -> Endpoint:
        """Where a client with auto discovery learns of all nodes; a plain client reaches one of them."""

    @property
    @abstractmethod
    def spec(self) -> CacheClusterSpec:
        """What is known of it at synth, as the rulebook takes it; of an import what it is told."""

    @property
    def connection(self) -> CacheConnection:
        """What it tells those who connect."""
        version = self.spec.engine_version
        return CacheConnection(
            cache=self,
            cache_name=self.cluster_name,
            endpoint=self.configuration_endpoint,
            engine=Engine.MEMCACHED,
            engine_version=version if isinstance(version, str) else None,
            topology="cluster-mode-disabled",
            tls=self.spec.transit_encryption_enabled is not False,
            connections=self.connections,
        )

    def inject_environment(
        self, target: Target, *, client: ec2.IConnectable | None = None, prefix: str = PREFIX
    ) -> None:
        """Let an application use it: variables and security group rules; nobody signs in to Memcached.

        Args:
            target: the Lambda function, the container, or the ECS service, whose default container it is then.
            client: what opens the connections, for a container its service. Default: the function or the service.
            prefix: what the variables begin with; a second cache of one application needs another one. Default:
                ELASTICACHE_KIT_.

        Raises:
            ValidationError: an argument has the wrong type, the function is in no VPC, or the prefix is taken.
        """
        inject_environment(self.connection, target, client=client, prefix=prefix)

    @property
    def cache_node_ids(self) -> tuple[str, ...]:
        """The ids of its nodes, `0001` and so on, which metrics and alarms are about.

        Raises:
            ValidationError: the number of its nodes is not known at synth.
        """
        nodes = self.spec.num_cache_nodes
        if nodes is None or isinstance(nodes, Unknown):
            raise ValidationError(
                f"{self.node.path}: the number of its nodes is not known at synth; "
                "give num_cache_nodes where the cluster is made or imported"
            )
        return tuple(f"{number:04}" for number in range(1, nodes + 1))


class ImportedMemcachedCluster(IMemcachedCluster):
    """What MemcachedCluster.from_memcached_cluster_attributes returns."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cluster_name: str,
        configuration_endpoint_address: str | None,
        port: int,
        security_groups: Sequence[ec2.ISecurityGroup],
        spec: CacheClusterSpec,
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = lower_case(cluster_name)
        self._spec = spec
        self._address = configuration_endpoint_address
        self._port = port
        self._connections = ec2.Connections(security_groups=list(security_groups), default_port=ec2.Port.tcp(port))

    @property
    def cluster_name(self) -> str:
        """The name that it was imported with."""
        return self._name

    @property
    def connections(self) -> ec2.Connections:
        """The security groups that it was imported with."""
        return self._connections

    @property
    def spec(self) -> CacheClusterSpec:
        """What it was imported with."""
        return self._spec

    @property
    def configuration_endpoint(self) -> Endpoint:
        """Where clients discover the nodes, if the import told."""
        if self._address is None:
            raise ValidationError(
                f"{self.node.path} is imported without its configuration endpoint; "
                "give configuration_endpoint_address where it is imported"
            )
        return Endpoint(self._address, self._port)
