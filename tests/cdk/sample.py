"""One of everything: a construct or a value for each annotation that the constructs have, to call each of them with."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import jsii
from aws_cdk import App, Duration, Stack, Token
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler

from elasticache_kit import cdk
from elasticache_kit.cdk.annotation import test_of

CONTEXT = {"availability-zones:account=123456789012:region=eu-west-1": ["eu-west-1a", "eu-west-1b"]}
# What the constructs call themselves, with arguments that they have checked already.
INTERNAL = frozenset(
    {
        "admit", "allow", "bind", "cfn_property", "contradictions", "described", "existing", "parse", "properties",
        "replicas", "serverless_contradictions", "serverless_spec", "spec",
        # The CDK calls it.
        "validate",
    }
)  # fmt: skip
# Records that other methods make, of what they have checked, and questions to which a wrong name is just a no.
RECORDS = frozenset(
    {
        "AccessString.__init__", "EngineVersion.__init__", "EngineVersion.supports", "LogDelivery.__init__",
        "MaintenanceWindow.__init__", "MemcachedMetrics.__init__", "NodeType.__init__", "NodeType.min_version",
        "NodeType.supports", "ReplicationGroupMetrics.__init__", "ServerlessMetrics.__init__",
        "SnapshotWindow.__init__", "UsageLimits.__init__",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """Something public that takes arguments.

    Args:
        name: its name, with that of its class.
        owner: the class that it is reached through.
        member: its own name.
        hints: the annotation of each argument, by name.
        required: the arguments without a default.
        several: the arguments that are given one after the other, such as `*patterns`.
        instance: whether it is called on an object.
    """

    name: str
    owner: str
    member: str
    hints: Mapping[str, Any]
    required: tuple[str, ...]
    several: frozenset[str]
    instance: bool


def calls() -> Iterator[Call]:
    """Yield everything public that takes arguments, each once."""
    seen: set[str] = set()
    for owner in cdk.__all__:
        for member, raw in inspect.getmembers_static(getattr(cdk, owner)):
            function: Any = getattr(raw, "__func__", raw)
            if not inspect.isfunction(function) or not function.__module__.startswith("elasticache_kit"):
                continue
            if (member.startswith("_") and member != "__init__") or member in INTERNAL:
                continue
            parameters = [item for item in inspect.signature(function).parameters.values() if item.name not in SELF]
            if not parameters or function.__qualname__ in seen | RECORDS:
                continue
            seen.add(function.__qualname__)
            yield Call(
                name=function.__qualname__,
                owner=owner,
                member=member,
                hints=get_type_hints(function, localns=NAMES),
                required=tuple(item.name for item in parameters if item.default is item.empty),
                several=frozenset(item.name for item in parameters if item.kind is item.VAR_POSITIONAL),
                instance=not isinstance(raw, staticmethod | classmethod) and member != "__init__",
            )


SELF = ("self", "cls")
# What only a type checker imports.
NAMES: dict[str, Any] = {
    **{name: getattr(cdk, name) for name in cdk.__all__},
    "jsii": jsii,
    "CacheMetric": Any,
    "Duration": Duration,
    "Target": lambda_.Function | ecs.ContainerDefinition | ecs.BaseService,
}


class Sample:
    """A stack with one of everything."""

    def __init__(self) -> None:
        self.stack = Stack(App(context=CONTEXT), "Stack", env={"account": "123456789012", "region": "eu-west-1"})
        self.vpc = ec2.Vpc(
            self.stack,
            "Vpc",
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                # For drills, which must reach the APIs of AWS.
                ec2.SubnetConfiguration(name="Build", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            ],
            restrict_default_security_group=False,
        )
        large = cdk.NodeType.of("cache.r7g.large")
        self.group = cdk.ReplicationGroup(self.stack, "Group", vpc=self.vpc, cache_node_type=large)
        sharded = cdk.ShardedReplicationGroup(
            self.stack, "Sharded", vpc=self.vpc, num_node_groups=2, cache_node_type=large
        )
        memcached = cdk.MemcachedCluster(
            self.stack, "Memcached", vpc=self.vpc, cache_node_type=cdk.NodeType.of("cache.m7g.large")
        )
        serverless = cdk.ServerlessCache(self.stack, "Serverless", vpc=self.vpc)
        user = cdk.IamUser(self.stack, "User")
        self._zone = route53.HostedZone(self.stack, "Zone", zone_name="example.internal")
        self._things: list[Any] = [
            self.group,
            sharded,
            memcached,
            serverless,
            user,
            cdk.UserGroup(self.stack, "Users", users=[user]),
            cdk.Snapshot(self.stack, "Snapshot", replication_group=self.group),
            cdk.AccessString.build(),
            cdk.Authentication.iam(),
            cdk.Engine.VALKEY,
            cdk.ValkeyVersion.VER_9_0,
            cdk.NodeType.of("cache.t4g.small"),
            cdk.Endpoint("localhost", 6379),
            cdk.LogDelivery.to_new_log_group("slow-log"),
            cdk.SnapshotSource.from_snapshot_name("monday"),
            cdk.ReplicationGroupMetrics(self.group),
            cdk.MemcachedMetrics(memcached),
            cdk.ServerlessMetrics(serverless),
            cdk.ScheduledBackup(self.stack, "Backup", cache=self.group, schedule=_nightly()),
            cdk.ScheduledDrill(self.stack, "Drill", cache=self.group, vpc=self.vpc, schedule=_nightly()),
            lambda_.Function(
                self.stack,
                "Function",
                runtime=lambda_.Runtime.PYTHON_3_13,
                handler="index.main",
                code=lambda_.Code.from_inline("def main(event, context): pass"),
                vpc=self.vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ),
            cdk.GlobalReplicationGroup(
                self.stack,
                "Global",
                primary_replication_group=cdk.ShardedReplicationGroup(
                    self.stack,
                    "Primary",
                    vpc=self.vpc,
                    num_node_groups=2,
                    cache_node_type=large,
                ),
            ),
            cdk.NodeGroupScaling(self.stack, "NodeGroups", replication_group=sharded, max_capacity=4),
            cdk.ReplicaScaling(self.stack, "Replicas", replication_group=sharded, max_capacity=4),
            cdk.NodeScaling(self.stack, "Nodes", cluster=memcached, max_capacity=4),
            self._zone,
            s3.Bucket(self.stack, "Bucket"),
            logs.LogGroup(self.stack, "Logs"),
            firehose.CfnDeliveryStream(self.stack, "Stream"),
            appscaling.Schedule.expression("rate(1 day)"),
            _nightly(),
            self.vpc,
            Duration.minutes(1),
        ]

    def of(self, hint: Any) -> Any:
        """Return a value that an annotation takes."""
        if get_origin(hint) is Literal:
            return get_args(hint)[0]
        plain: list[Any] = ["text", 4, 1.5, True, [], {}, None]
        takes = test_of(hint)
        found = next((item for item in [*self._things, *plain] if takes(item)), None)
        return [self.of(get_args(hint)[0])] if found == [] and get_args(hint) else found

    def needed(self, owner: str) -> dict[str, Any]:
        """Return what a construct needs one of, so that no single argument is required."""
        return {"ServerlessCache": {"vpc": self.vpc}, "Snapshot": {"replication_group": self.group}}.get(owner, {})

    def owner(self, name: str) -> Any:
        """Return an object of a class, None where there is none."""
        return next((item for item in self._things if isinstance(item, getattr(cdk, name))), None)

    def token(self, hint: Any) -> Any:
        """Return a token of the type that an annotation takes, None where no token can be of it."""
        tokens: list[Any] = [
            Token.as_string({"Ref": "Text"}),
            Token.as_number({"Ref": "Number"}),
            Token.as_list({"Ref": "List"}),
            cdk.ValkeyVersion.of(Token.as_string({"Ref": "Version"})),
            cdk.NodeType.of(Token.as_string({"Ref": "NodeType"})),
        ]
        return next((item for item in tokens if test_of(hint)(item)), None)


def _nightly() -> scheduler.ScheduleExpression:
    return scheduler.ScheduleExpression.rate(Duration.days(1))
