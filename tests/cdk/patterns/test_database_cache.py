"""A cache in front of PostgreSQL: what it makes, and what an application that is attached gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns

from elasticache_kit.cdk import ReplicationGroup
from elasticache_kit.cdk.patterns import DatabaseCache
from elasticache_kit.errors import ValidationError
from tests.cdk.linted import linted

if TYPE_CHECKING:
    from aws_cdk.assertions import Template

GROUP = "AWS::ElastiCache::ReplicationGroup"
FUNCTION = "AWS::Lambda::Function"
TASK = "AWS::ECS::TaskDefinition"
ALARM = "AWS::CloudWatch::Alarm"
SECRETS = "secretsmanager:GetSecretValue"
LISTENER = ["python", "-m", "elasticache_kit.cache.outbox", "run", "--prefix", "shop", "--schema", "1"]


class Site:
    """A stack with everything of its own, one with everything given, and a function attached to each."""

    def __init__(self) -> None:
        app = App(context={"availability-zones:account=123456789012:region=eu-west-1": ["eu-west-1a", "eu-west-1b"]})
        stack = Stack(app, "Stack", env={"account": "123456789012", "region": "eu-west-1"})
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1, restrict_default_security_group=False)
        topic = sns.Topic(stack, "Topic")
        image = ecs.ContainerImage.from_registry("application:1")
        self.own = DatabaseCache(stack, "Own", vpc=vpc, listener_image=image, listener_key_prefix="shop")
        instance = rds.DatabaseInstance(
            stack,
            "Instance",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_17_7),
            vpc=vpc,
            storage_encrypted=True,
        )
        self.given = DatabaseCache(
            stack,
            "Given",
            vpc=vpc,
            database=instance,
            database_name="shop",
            cache=ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=3),
            thresholds={"evictions": 5},
            hit_rate_alarm_percent=60,
            alarm_topic=topic,
        )
        self.attach("Reader", self.own, stack, vpc)
        self.attach("Buyer", self.given, stack, vpc)
        self.template: Template = linted(stack)

    def attach(self, name: str, cache: DatabaseCache, stack: Stack, vpc: ec2.IVpc) -> None:
        """Attach a function."""
        code = lambda_.Code.from_inline("def handler(event, context): pass")
        cache.attach(
            lambda_.Function(
                stack, name, runtime=lambda_.Runtime.PYTHON_3_13, handler="index.handler", code=code, vpc=vpc
            )
        )

    def properties(self, kind: str, prefix: str = "") -> list[dict[str, Any]]:
        """Return the properties of the resources of a type whose logical id begins so."""
        found = self.template.find_resources(kind)
        return [item["Properties"] for name, item in found.items() if name.startswith(prefix)]

    def variables(self, prefix: str) -> dict[str, Any]:
        """Return the environment of a function."""
        (function,) = self.properties(FUNCTION, prefix)
        return function["Environment"]["Variables"]


@pytest.fixture(scope="module")
def site() -> Site:
    """The stack."""
    return Site()


def test_with_nothing_said_cache_and_database_are_made(site: Site) -> None:
    """Two nodes that evict what is least used, an encrypted cluster, and a password that nobody saw."""
    (group,) = site.properties(GROUP, "Own")
    (parameters,) = site.properties("AWS::ElastiCache::ParameterGroup", "Own")
    (cluster,) = site.properties("AWS::RDS::DBCluster", "Own")

    assert (group["NumCacheClusters"], group["MultiAZEnabled"]) == (2, True)
    assert parameters["Properties"] == {"maxmemory-policy": "allkeys-lru"}
    assert (cluster["StorageEncrypted"], cluster["DatabaseName"]) == (True, "app")
    assert "{{resolve:secretsmanager:" in str(cluster["MasterUserPassword"])
    assert cluster["BackupRetentionPeriod"] == 15


def test_an_application_that_is_attached_finds_both(site: Site) -> None:
    """The cache with IAM, the database with its secret, and a way through the security groups of each."""
    variables = site.variables("Reader")

    assert (variables["ELASTICACHE_KIT_AUTH"], variables["ELASTICACHE_KIT_TLS"]) == ("iam", "true")
    assert variables["PGDATABASE"] == "app"
    assert "Endpoint.Address" in str(variables["PGHOST"])
    assert "Endpoint.Port" in str(variables["PGPORT"])
    policies = str(site.properties("AWS::IAM::Policy", "Reader"))
    assert "elasticache:Connect" in policies
    assert SECRETS in policies
    ways = [item for item in site.properties("AWS::EC2::SecurityGroupIngress") if "Reader" in str(item)]
    assert len(ways) == 2


def test_the_listener_is_attached_as_any_application(site: Site) -> None:
    """One small task that listens for as long as it lives."""
    assert site.own.listener is not None
    (task,) = site.properties(TASK, "Own")
    (container,) = task["ContainerDefinitions"]
    (service,) = site.properties("AWS::ECS::Service", "Own")
    named = {item["Name"] for item in container["Environment"]}

    assert container["Command"] == LISTENER
    assert container["ReadonlyRootFilesystem"] is True
    assert {"ELASTICACHE_KIT_ENDPOINT", "PGHOST", "ELASTICACHE_KIT_DATABASE_SECRET_ARN"} <= named
    assert service["DesiredCount"] == 1
    assert SECRETS in str(site.properties("AWS::IAM::Policy", "OwnListener"))


def test_what_is_given_is_taken(site: Site) -> None:
    """A cache and an instance of one's own; nothing is made a second time, and no listener without an image."""
    variables = site.variables("Buyer")

    assert site.given.listener is None
    assert len(site.properties(GROUP)) == 2
    assert len(site.properties("AWS::RDS::DBCluster")) == 1
    assert variables["PGDATABASE"] == "shop"
    assert "ELASTICACHE_KIT_DATABASE_SECRET_ARN" in variables
    assert variables["ELASTICACHE_KIT_AUTH"] == "none"


def test_alarms_tell_when_the_cache_is_not_worth_it(site: Site) -> None:
    """The hit rate of the best node, and what is thrown out; each where it was asked for."""
    (own,) = site.properties(ALARM, "OwnHitRate")
    (given,) = site.properties(ALARM, "GivenHitRate")
    thrown_out = [item for item in site.properties(ALARM, "Given") if item.get("MetricName") == "Evictions"]

    assert (own["Threshold"], given["Threshold"]) == (40, 60)
    assert own["Metrics"][0]["Expression"] == "MAX([m0, m1])"
    assert {item["Threshold"] for item in thrown_out} == {5}
    assert "AlarmActions" in given
    assert "AlarmActions" not in own


def test_reads_past_the_cache_raise_an_alarm(site: Site) -> None:
    """Of all that applications tell of; where none does there is no data, and no alarm."""
    (alarm,) = site.properties(ALARM, "OwnFallback")
    expression, *counts = alarm["Metrics"]

    assert alarm["Threshold"] == 10
    assert alarm["TreatMissingData"] == "notBreaching"
    assert expression["Expression"].startswith("100 * fallback / (FILL(hit, 0) + ")
    assert {item["MetricStat"]["Metric"]["Namespace"] for item in counts} == {"ElastiCacheKit"}


def test_what_can_never_be_raised_is_not_made(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """Nor one on fallbacks where all of them may be: these are wishes, not thresholds."""
    made = DatabaseCache(regional_stack, "It", vpc=regional_vpc, hit_rate_alarm_percent=0, fallback_alarm_percent=100)

    assert (made.hit_rate_alarm, made.fallback_alarm) == (None, None)


def test_all_mistakes_at_once(regional_stack: Stack, regional_vpc: ec2.Vpc) -> None:
    """Before anything is made."""
    with pytest.raises(ValidationError) as caught:
        DatabaseCache(regional_stack, "It", vpc=regional_vpc, hit_rate_alarm_percent=101, listener_key_prefix="shop")

    assert "hit_rate_alarm_percent = 101" in str(caught.value)
    assert "a listener needs its image and the prefix of the keys" in str(caught.value)
