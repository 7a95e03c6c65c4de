"""A cache in its smallest form, which shows what a construct of a cache does for authentication and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat, RemovalPolicy, Resource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.connection_environment import CacheConnection
from elasticache_kit.cdk.endpoint import Endpoint, attribute_endpoint
from elasticache_kit.cdk.grant import CacheGrants
from elasticache_kit.cdk.sign_in import SignIn
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from constructs import Construct

    from elasticache_kit.cdk.authentication import Authentication

GROUP = "sg-0123456789abcdef0"


class SampleCache(Resource):
    """A replication group that is made here."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        authentication: Authentication | None = None,
        engine: Engine = Engine.VALKEY,
    ) -> None:
        super().__init__(scope, construct_id)
        sign_in = SignIn() if authentication is None else authentication.bind(self, engine)
        self.resource = elasticache.CfnReplicationGroup(
            self,
            "Resource",
            replication_group_description="orders",
            engine=engine.value,
            cache_node_type="cache.t4g.small",
            num_cache_clusters=2,
            automatic_failover_enabled=True,
            transit_encryption_enabled=True,
            security_group_ids=[GROUP],
            **sign_in.properties(),
        )
        self.resource.apply_removal_policy(RemovalPolicy.SNAPSHOT)
        sign_in.rotate(
            self,
            replication_group_id=self.resource.ref,
            replication_group_arn=_arn(self, self.resource.ref),
            endpoint=lambda: self.endpoint,
            connections=self.connections,
        )
        sign_in.acknowledge(self.resource)
        self.grants = CacheGrants(self, arn=_arn(self, self.resource.ref), sign_in=sign_in)

    @property
    def endpoint(self) -> Endpoint:
        """Where to write."""
        return attribute_endpoint(
            self.resource.attr_primary_end_point_address, self.resource.attr_primary_end_point_port
        )

    @property
    def connections(self) -> ec2.Connections:
        """A security group that exists."""
        group = self.node.try_find_child("Group") or ec2.SecurityGroup.from_security_group_id(self, "Group", GROUP)
        return ec2.Connections(security_groups=[group], default_port=ec2.Port.tcp(6379))  # pyright: ignore[reportArgumentType] # a child is a construct to jsii

    @property
    def connection(self) -> CacheConnection:
        """What it tells those who connect."""
        return CacheConnection(
            cache=self,
            cache_name=self.resource.ref,
            endpoint=self.endpoint,
            reader_endpoint=attribute_endpoint(
                self.resource.attr_reader_end_point_address, self.resource.attr_reader_end_point_port
            ),
            engine=Engine.VALKEY,
            engine_version="9.0",
            topology="cluster-mode-disabled",
            tls=True,
            connections=self.connections,
            grants=self.grants,
        )


class ImportedSampleCache(Resource):
    """A replication group that exists."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        authentication: Authentication | None = None,
        security_groups: bool = True,
        public: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        sign_in = None if authentication is None else authentication.existing(self.node.path)
        self.grants = CacheGrants(self, arn=_arn(self, "orders"), sign_in=sign_in)
        groups = [ec2.SecurityGroup.from_security_group_id(self, "Group", GROUP)] if security_groups else []
        self.connection = CacheConnection(
            cache=self,
            cache_name="orders",
            endpoint=Endpoint("orders.example.com", 6380),
            topology="cluster-mode-enabled",
            tls=True,
            public=public,
            connections=ec2.Connections(security_groups=groups, default_port=ec2.Port.tcp(6380)),
            grants=self.grants,
        )


def _arn(scope: Construct, name: str) -> str:
    return Stack.of(scope).format_arn(
        service="elasticache",
        resource="replicationgroup",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
