"""ServerlessDefinition: a serverless cache from arguments to the resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aws_cdk import CfnTag, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.cdk.argument import at_synth, violation
from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.cdk.network_type import unsupported
from elasticache_kit.cdk.serverless.engine import ServerlessEngine
from elasticache_kit.cdk.serverless.reference import PUBLIC
from elasticache_kit.cdk.serverless.subnet import Subnets, choose
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.serverless_cache import ServerlessCacheSpec, check
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

    from elasticache_kit.cdk.daily_snapshot_time import DailySnapshotTime
    from elasticache_kit.cdk.serverless.limit import UsageLimits
    from elasticache_kit.cdk.user_group import IUserGroup
    from elasticache_kit.model.engine import Engine
    from elasticache_kit.model.rule import Violation

_LONGEST_NAME = 40
_LIMITS = "cache_usage_limits."
_LONGEST_DESCRIPTION = 255  # as ElastiCache and EC2 take them


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessDefinition:
    """A serverless cache before any construct is made; the arguments are those of ServerlessCache.

    Args:
        path: the path of the construct.
        limits: its usage limits.
    """

    path: str
    limits: UsageLimits
    vpc: ec2.IVpc | None
    vpc_subnets: ec2.SubnetSelection | None
    security_groups: Sequence[ec2.ISecurityGroup] | None
    engine: ServerlessEngine | None
    serverless_cache_name: str | None
    description: str | None
    connection_type: str | None
    network_type: str | None
    user_group: IUserGroup | None
    kms_key: IKeyRef | None
    snapshot_retention_limit: int
    daily_snapshot_time: DailySnapshotTime | str | None
    snapshot_arns_to_restore: Sequence[str] | None
    final_snapshot_name: str | None
    tags: Mapping[str, str] | None
    removal_policy: RemovalPolicy

    @property
    def version(self) -> ServerlessEngine:
        """The engine and major version asked for, else Valkey 9."""
        return self.engine or ServerlessEngine.VALKEY_9

    @property
    def text(self) -> str:
        """The description asked for, else the path of the construct."""
        given = self.description
        return given if given is not None else f"Serverless cache {self.path}"[:_LONGEST_DESCRIPTION]

    @property
    def snapshot_time(self) -> str | None:
        """The time of the daily snapshot as ElastiCache writes it."""
        return None if self.daily_snapshot_time is None else str(self.daily_snapshot_time)

    @property
    def subnets(self) -> Subnets | None:
        """The subnets of its endpoints."""
        return choose(self.path, self.vpc, self.vpc_subnets) if self.vpc else None

    @property
    def keeps_snapshot(self) -> bool:
        """Whether its data outlive it."""
        return self.removal_policy is RemovalPolicy.SNAPSHOT

    def check(self) -> tuple[ServerlessCacheSpec, tuple[Violation, ...]]:
        """Ask the rulebook, and return what it was told and what it only warns of.

        Raises:
            ValidationError: ElastiCache would refuse the cache; the message lists every reason.
        """
        spec = self._spec()
        return spec, refuse(self.path, (*self._contradictions(), *map(_in_arguments, check(spec))))

    def build(self, scope: Construct) -> tuple[elasticache.CfnServerlessCache, list[ec2.ISecurityGroup]]:
        """Make the resource, with a security group in a VPC where none is given."""
        security_groups = list(self.security_groups or self._own_security_group(scope))
        subnets = self.subnets
        arns = self.snapshot_arns_to_restore
        name = lower_case(self.serverless_cache_name) or unique_name(scope, _LONGEST_NAME)
        resource = elasticache.CfnServerlessCache(
            scope,
            "Resource",
            serverless_cache_name=name,
            engine=self.version.engine.value,
            major_engine_version=self.version.major_engine_version,
            description=self.text,
            cache_usage_limits=self.limits.cfn_property(),
            connection_type=self.connection_type,
            network_type=self.network_type,
            subnet_ids=list(subnets.subnet_ids) if subnets else None,
            security_group_ids=[group.security_group_id for group in security_groups] or None,
            user_group_id=self.user_group.user_group_id if self.user_group else None,
            kms_key_id=self.kms_key.key_ref.key_arn if self.kms_key else None,
            snapshot_retention_limit=self.snapshot_retention_limit,
            daily_snapshot_time=self.snapshot_time,
            snapshot_arns_to_restore=None if arns is None else list(arns),
            final_snapshot_name=self._final_snapshot_name(name),
            tags=None if self.tags is None else [CfnTag(key=key, value=value) for key, value in self.tags.items()],
        )
        # CloudFormation knows no snapshot policy for this type: the name of the final snapshot asks for one.
        policy = RemovalPolicy.DESTROY if self.keeps_snapshot else self.removal_policy
        resource.apply_removal_policy(policy, apply_to_update_replace_policy=True)
        return resource, security_groups

    def _final_snapshot_name(self, name: str) -> str | None:
        if self.final_snapshot_name is not None:
            return lower_case(self.final_snapshot_name)
        return f"{name}-final" if self.keeps_snapshot else None

    def _own_security_group(self, scope: Construct) -> list[ec2.ISecurityGroup]:
        if self.vpc is None:
            return []
        # The path, because a change of this text replaces the security group.
        description = f"Endpoints of {self.path}"[:_LONGEST_DESCRIPTION]
        return [
            ec2.SecurityGroup(scope, "SecurityGroup", vpc=self.vpc, description=description, allow_all_outbound=False)
        ]

    def _spec(self) -> ServerlessCacheSpec:
        name, arns, subnets = self.serverless_cache_name, self.snapshot_arns_to_restore, self.subnets
        return ServerlessCacheSpec(
            # A name of the path is legal, and made when the construct is.
            serverless_cache_name=UNKNOWN if name is None else at_synth(name),
            engine=self.version.engine,
            major_engine_version=at_synth(self.version.major_engine_version),
            description=at_synth(self.text),
            cache_usage_limits=self.limits.spec(),
            connection_type=at_synth(self.connection_type),
            network_type=at_synth(self.network_type),
            subnet_ids=subnets.spec_ids() if subnets else None,
            subnet_zones=subnets.spec_zones() if subnets else None,
            security_group_ids=self._security_group_ids(),
            **self._user_group(),
            kms_key_id=at_synth(self.kms_key.key_ref.key_arn) if self.kms_key else None,
            snapshot_retention_limit=at_synth(self.snapshot_retention_limit),
            daily_snapshot_time=at_synth(self.snapshot_time),
            snapshot_arns_to_restore=None if arns is None else tuple(at_synth(arn) for arn in arns),
            final_snapshot_name=at_synth(self.final_snapshot_name),
            tags=None if self.tags is None else {key: at_synth(value) for key, value in self.tags.items()},
        )

    def _user_group(self) -> dict[str, Any]:
        """Describe the user group; its path stands in for an id that only a deployment knows."""
        group = self.user_group
        if group is None:
            return {}
        user_group_id = at_synth(group.user_group_id)
        return {
            "user_group_id": group.node.path if user_group_id is UNKNOWN else user_group_id,
            "user_group_engine": _told(group.engine),
            "user_group_users": UNKNOWN if group.users is None else tuple(user.spec for user in group.users),
        }

    def _security_group_ids(self) -> tuple[str | Unknown, ...] | None:
        if self.security_groups:
            return tuple(at_synth(group.security_group_id) for group in self.security_groups)
        return (UNKNOWN,) if self.vpc else None  # one of its own

    def _contradictions(self) -> Iterator[Violation]:
        """Yield what the rulebook cannot see in the resource."""
        if self.vpc is None and self.connection_type != PUBLIC:
            yield violation(
                "cdk-serverless-vpc",
                "vpc",
                None,
                "without subnets ElastiCache takes those of the default VPC, public as they may be",
                'say which VPC with vpc, or set connection_type="public"',
            )
        if self.vpc is None and self.vpc_subnets is not None:
            yield violation(
                "cdk-serverless-subnets",
                "vpc_subnets",
                self.vpc_subnets,
                "they are subnets of no VPC",
                "say which VPC with vpc, or leave vpc_subnets out",
            )
        if self.subnets is not None:
            yield from unsupported(self.network_type, self.subnets.network_types)


def _in_arguments(violation: Violation) -> Violation:
    """Name the argument instead of the member: data_storage_minimum, not cache_usage_limits.data_storage.minimum."""
    name = violation.property
    if not name.startswith(_LIMITS):
        return violation
    return replace(violation, property=name.removeprefix(_LIMITS).replace(".", "_"))


def _told(engine: Engine | None) -> Engine | Unknown:
    return UNKNOWN if engine is None else engine
