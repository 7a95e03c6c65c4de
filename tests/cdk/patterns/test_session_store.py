"""A store for sessions: nothing is evicted, a zone may fail, and applications sign in with IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from elasticache_kit.cdk import NodeType, ReplicationGroup, ShardedReplicationGroup, ValkeyVersion
from elasticache_kit.cdk.patterns import SessionStore
from elasticache_kit.errors import ValidationError
from tests.cdk.conftest import isolated_vpc
from tests.cdk.linted import linted

if TYPE_CHECKING:
    from aws_cdk.assertions import Template

GROUP = "AWS::ElastiCache::ReplicationGroup"
PARAMETERS = "AWS::ElastiCache::ParameterGroup"
ALARM = "AWS::CloudWatch::Alarm"
USER = "AWS::ElastiCache::User"


class Site:
    """A stack with a store for each way to ask for one, synthesized once."""

    def __init__(self) -> None:
        app = App(context={"availability-zones:account=123456789012:region=eu-west-1": ["eu-west-1a", "eu-west-1b"]})
        stack = Stack(app, "Stack", env={"account": "123456789012", "region": "eu-west-1"})
        vpc = isolated_vpc(stack)
        topic = sns.Topic(stack, "Topic")
        self.plain = SessionStore(stack, "Plain", vpc=vpc)
        self.given = SessionStore(
            stack,
            "Given",
            vpc=vpc,
            engine_version=ValkeyVersion.VER_9_0,
            cache_node_type=NodeType.of("cache.r7g.large"),
            num_cache_clusters=3,
            snapshot_retention_limit=1,
            notification_topic=topic,
            alarm_topic=topic,
            memory_alarm_percent=60,
        )
        self.durable = SessionStore(
            stack, "Durable", vpc=vpc, engine_version=ValkeyVersion.VER_9_0, durability="sync", num_cache_clusters=3
        )
        function = lambda_.Function(
            stack,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): pass"),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
        self.plain.attach(function, prefix="SESSIONS_")
        self.template: Template = linted(stack)

    def properties(self, kind: str, prefix: str = "") -> list[dict[str, Any]]:
        """Return the properties of the resources of a type whose logical id begins so."""
        found = self.template.find_resources(kind)
        return [item["Properties"] for name, item in found.items() if name.startswith(prefix)]

    def threshold(self, prefix: str) -> set[float]:
        """Return the thresholds of the alarms on the memory of a store."""
        return {
            item["Threshold"]
            for item in self.properties(ALARM, prefix)
            if item["MetricName"] == "DatabaseMemoryUsagePercentage"
        }


@pytest.fixture(scope="module")
def site() -> Site:
    """The stack."""
    return Site()


def test_with_nothing_said_it_is_two_nodes_in_two_zones_that_evict_nothing(site: Site) -> None:
    """Encrypted, with a snapshot each day, an alarm well before the memory is full, and no user without IAM."""
    (group,) = site.properties(GROUP, "Plain")
    (parameters,) = site.properties(PARAMETERS, "Plain")
    (user,) = site.properties(USER, "Plain")

    assert isinstance(site.plain.cache, ReplicationGroup)
    assert parameters["Properties"] == {"maxmemory-policy": "noeviction"}
    assert (group["NumCacheClusters"], group["MultiAZEnabled"]) == (2, True)
    assert (group["TransitEncryptionEnabled"], group["AtRestEncryptionEnabled"]) == (True, True)
    assert group["SnapshotRetentionLimit"] == 15
    assert user["AuthenticationMode"] == {"Type": "iam"}
    assert site.threshold("Plain") == {75}
    assert len(site.plain.alarms.alarms["memory"]) == 2


def test_what_is_given_is_taken(site: Site) -> None:
    """Size, version, backups, and who hears of it."""
    (group,) = site.properties(GROUP, "Given")

    assert (group["EngineVersion"], group["CacheNodeType"]) == ("9.0", "cache.r7g.large")
    assert (group["NumCacheClusters"], group["SnapshotRetentionLimit"]) == (3, 1)
    assert "NotificationTopicArn" in group
    assert site.threshold("Given") == {60}
    assert all(len(item["AlarmActions"]) == 1 for item in site.properties(ALARM, "Given"))
    assert not any("AlarmActions" in item for item in site.properties(ALARM, "Plain"))


def test_durable_sessions_take_cluster_mode(site: Site) -> None:
    """One node group with as many nodes, of a type that ElastiCache offers durability on."""
    (group,) = site.properties(GROUP, "Durable")
    (parameters,) = site.properties(PARAMETERS, "Durable")

    assert isinstance(site.durable.cache, ShardedReplicationGroup)
    assert (group["Durability"], group["CacheNodeType"]) == ("sync", "cache.r7g.large")
    assert (group["NumNodeGroups"], group["ReplicasPerNodeGroup"]) == (1, 2)
    assert parameters["Properties"] == {"maxmemory-policy": "noeviction", "cluster-enabled": "yes"}


def test_an_application_that_is_attached_signs_in_as_the_user_of_the_store(site: Site) -> None:
    """Variables, permission and security group rules in one call; its own prefix leaves room for a second cache."""
    (function,) = site.properties("AWS::Lambda::Function", "Function")
    (user,) = site.properties(USER, "Plain")
    variables = function["Environment"]["Variables"]

    assert (variables["SESSIONS_AUTH"], variables["SESSIONS_TLS"]) == ("iam", "true")
    assert variables["SESSIONS_USER"] == user["UserName"] == site.plain.user.user_name
    assert "elasticache:Connect" in str(site.properties("AWS::IAM::Policy"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"num_cache_clusters": 1}, "num_cache_clusters = 1"),
        ({"memory_alarm_percent": 0}, "memory_alarm_percent = 0"),
        ({"memory_alarm_percent": 101}, "memory_alarm_percent = 101"),
        ({"durability": "sync", "cache_node_type": NodeType.of("cache.t4g.small")}, "durability"),
    ],
)
def test_what_would_lose_sessions_is_refused(
    regional_stack: Stack, regional_vpc: ec2.Vpc, wrong: dict[str, Any], message: str
) -> None:
    """The loss of one node would sign everybody out, an alarm would never be raised, a write would not be kept."""
    arguments: dict[str, Any] = {"engine_version": ValkeyVersion.VER_9_0, **wrong}
    with pytest.raises(ValidationError, match=message):
        SessionStore(regional_stack, "Sessions", vpc=regional_vpc, **arguments)
