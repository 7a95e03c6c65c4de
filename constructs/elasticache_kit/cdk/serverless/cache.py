"""ServerlessCache: a cache without nodes to choose."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk.interfaces.aws_kms import IKeyRef
from constructs import Construct

from elasticache_kit.cdk.argument import construct_path, typed, warn
from elasticache_kit.cdk.daily_snapshot_time import DailySnapshotTime
from elasticache_kit.cdk.endpoint import Endpoint, attribute_endpoint
from elasticache_kit.cdk.serverless.definition import ServerlessDefinition
from elasticache_kit.cdk.serverless.engine import ServerlessEngine
from elasticache_kit.cdk.serverless.limit import UsageLimits
from elasticache_kit.cdk.serverless.reference import ImportedServerlessCache, IServerlessCache, both_ports, first_port
from elasticache_kit.cdk.user_group import IUserGroup, UserGroup
from elasticache_kit.model.serverless_cache import ServerlessCacheSpec, check


class ServerlessCache(IServerlessCache):
    """Makes an AWS::ElastiCache::ServerlessCache: ElastiCache scales it, and spreads it over zones.

    It is always encrypted in transit and at rest. It sits in private subnets behind a security group of its own that
    lets nobody in, and leaves a snapshot behind when it is removed. Let a client in with `connections`.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/WhatIs.deployment.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC that clients reach it in. Default: none, which only a public cache may have.
        vpc_subnets: which of its subnets, 2 or 3 in different zones; they cannot be changed later. Default: one in
            each of three zones, of the isolated subnets, and where there are none of the private ones with egress.
        security_groups: the security groups of its endpoints. Default: one of its own, without ingress and egress; none
            for a public cache.
        engine: the engine and its major version. Default: ServerlessEngine.VALKEY_9.
        serverless_cache_name: the name, 1 to 40 letters, digits and hyphens, in lower case. Default: one of the path of
            the construct, because CloudFormation makes none up. A change that replaces the cache needs a new name.
        description: what it is for. Default: the path of the construct.
        data_storage_minimum: GB that are kept ready, and paid for, at all times. Default: none.
        data_storage_maximum: GB that it never stores more than, 1 to 5000; at the limit it evicts. Default: no limit.
        ecpu_per_second_minimum: ElastiCache processing units a second that are kept ready, and paid for. Default: none.
        ecpu_per_second_maximum: ElastiCache processing units a second that it never uses more than, 1000 to 15000000;
            at the limit it throttles. Default: no limit.
        connection_type: `vpc` for endpoints in the VPC, `public` for endpoints on the internet, which needs Valkey 9, a
            user group of IAM users only, and no vpc. It cannot be changed later. Default: `vpc`.
        network_type: `ipv4`, `ipv6` or `dual_stack`, which cannot be changed later. Default: ElastiCache chooses, by
            the subnets.
        user_group: who may sign in, and what for; Memcached has none. Default: no sign-in is asked for.
        kms_key: the key that data at rest are encrypted with. Default: one that AWS owns.
        snapshot_retention_limit: days that an automatic daily snapshot is kept, 0 to 35; 0 takes none. Default: 15.
        daily_snapshot_time: when the daily snapshot is taken, in UTC. Default: ElastiCache chooses.
        snapshot_arns_to_restore: the snapshots to start from, of a serverless cache, of nodes, or RDB files in S3.
            Default: it starts empty.
        final_snapshot_name: the name of the snapshot that is taken when the cache is removed. Default: its name with
            `-final`, which must be gone before a cache of that name is removed once more; none where removal_policy is
            DESTROY.
        tags: the tags of the cache. Default: those that the app gives to its resources.
        removal_policy: what happens to the data when the cache is removed or replaced. Default: a snapshot is kept.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the cache; the message lists
            every mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        engine: ServerlessEngine | None = None,
        serverless_cache_name: str | None = None,
        description: str | None = None,
        data_storage_minimum: int | None = None,
        data_storage_maximum: int | None = None,
        ecpu_per_second_minimum: int | None = None,
        ecpu_per_second_maximum: int | None = None,
        connection_type: Literal["vpc", "public"] | None = None,
        network_type: Literal["ipv4", "ipv6", "dual_stack"] | None = None,
        user_group: IUserGroup | None = None,
        kms_key: IKeyRef | None = None,
        snapshot_retention_limit: int = 15,
        daily_snapshot_time: DailySnapshotTime | str | None = None,
        snapshot_arns_to_restore: Sequence[str] | None = None,
        final_snapshot_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.SNAPSHOT,
    ) -> None:
        definition = ServerlessDefinition(
            path=construct_path(scope, construct_id),
            limits=UsageLimits(
                data_storage_minimum, data_storage_maximum, ecpu_per_second_minimum, ecpu_per_second_maximum
            ),
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            security_groups=security_groups,
            engine=engine,
            serverless_cache_name=serverless_cache_name,
            description=description,
            connection_type=connection_type,
            network_type=network_type,
            user_group=user_group,
            kms_key=kms_key,
            snapshot_retention_limit=snapshot_retention_limit,
            daily_snapshot_time=daily_snapshot_time,
            snapshot_arns_to_restore=snapshot_arns_to_restore,
            final_snapshot_name=final_snapshot_name,
            tags=tags,
            removal_policy=removal_policy,
        )
        self._spec, warnings = definition.check()

        super().__init__(scope, construct_id)
        self._engine = definition.version
        self._user_group = user_group
        self._resource, security_groups_of_endpoints = definition.build(self)
        self._connections = ec2.Connections(
            security_groups=security_groups_of_endpoints, default_port=both_ports(first_port(self._engine.engine))
        )
        spec = self._spec
        if isinstance(user_group, UserGroup):
            user_group.admit(definition.path, lambda specs: check(replace(spec, user_group_users=specs)))
        warn(self, warnings)

    @staticmethod
    @typed
    def from_serverless_cache_attributes(
        scope: Construct,
        construct_id: str,
        *,
        serverless_cache_name: str,
        engine: ServerlessEngine | None = None,
        endpoint_address: str | None = None,
        reader_endpoint_address: str | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] = (),
        user_group: IUserGroup | None = None,
        connection_type: Literal["vpc", "public"] | None = None,
    ) -> IServerlessCache:
        """Import a serverless cache that exists.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            serverless_cache_name: its name.
            engine: its engine, which says the ports. Default: the ports of Valkey and Redis OSS, 6379 and 6380.
            endpoint_address: where to read and write. Default: endpoint raises a ValidationError.
            reader_endpoint_address: where to read. Default: endpoint_address.
            security_groups: the security groups of its endpoints. Default: none, and `connections` changes nothing.
            user_group: who may sign in. Default: nobody has to.
            connection_type: `vpc` or `public`. Default: `vpc`.
        """
        return ImportedServerlessCache(
            scope,
            construct_id,
            serverless_cache_name=serverless_cache_name,
            engine=engine,
            endpoint_address=endpoint_address,
            reader_endpoint_address=reader_endpoint_address,
            security_groups=security_groups,
            user_group=user_group,
            connection_type=connection_type,
        )

    @property
    def serverless_cache_name(self) -> str:
        """The name that the API knows it by, and the metrics, whose dimension is `clusterId`."""
        return self._resource.ref

    @property
    def serverless_cache_arn(self) -> str:
        """The ARN that policies name it by."""
        return self._resource.attr_arn

    @property
    def engine(self) -> ServerlessEngine | None:
        """The engine and its major version."""
        return self._engine

    @property
    def connections(self) -> ec2.Connections:
        """Its security groups, with both of its ports as the default port."""
        return self._connections

    @property
    def spec(self) -> ServerlessCacheSpec:
        """What is known of it at synth, as the rulebook takes it."""
        return self._spec

    @property
    def user_group(self) -> IUserGroup | None:
        """Who may sign in; None where nobody has to."""
        return self._user_group

    @property
    def endpoint(self) -> Endpoint:
        """Where to read and write."""
        return attribute_endpoint(self._resource.attr_endpoint_address, self._resource.attr_endpoint_port)

    @property
    def reader_endpoint(self) -> Endpoint:
        """Where to read what may be a little old, with less delay: the same address, the next port."""
        return attribute_endpoint(self._resource.attr_reader_endpoint_address, self._resource.attr_reader_endpoint_port)
