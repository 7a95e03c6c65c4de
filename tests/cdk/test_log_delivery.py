"""Where the logs of an engine go."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import CfnParameter, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk import RedisVersion, ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.log_delivery import LogDelivery, LogType
from elasticache_kit.errors import ValidationError

TYPE = "AWS::ElastiCache::ReplicationGroup"


def _configurations(stack: Stack) -> list[dict[str, Any]]:
    group = dict(dict(Template.from_stack(stack).find_resources(TYPE)).popitem()[1])
    return group["Properties"]["LogDeliveryConfigurations"]


def test_a_log_group_for_each_log(stack: Stack, vpc: ec2.Vpc) -> None:
    """Each log gets a log group of its own, which is kept a month and outlives the cache."""
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        log_delivery_configurations=[
            LogDelivery.to_new_log_group("slow-log"),
            LogDelivery.to_new_log_group("engine-log", log_format="text"),
        ],
    )
    slow, engine = _configurations(stack)
    names = [entry["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]["Ref"] for entry in (slow, engine)]
    made = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup")

    assert sorted(names) == sorted(made)
    assert all(group["Properties"] == {"RetentionInDays": 30} for group in made.values())
    assert all(group["DeletionPolicy"] == "Retain" for group in made.values())
    assert [entry["LogType"] for entry in (slow, engine)] == ["slow-log", "engine-log"]
    assert [entry["LogFormat"] for entry in (slow, engine)] == ["json", "text"]
    assert [entry["DestinationType"] for entry in (slow, engine)] == ["cloudwatch-logs"] * 2


def test_logical_ids_of_the_log_groups(stack: Stack, vpc: ec2.Vpc) -> None:
    """These ids are a contract: another one loses the link to what is logged."""
    ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        log_delivery_configurations=[
            LogDelivery.to_new_log_group("slow-log"),
            LogDelivery.to_new_log_group("engine-log"),
        ],
    )

    assert sorted(Template.from_stack(stack).find_resources("AWS::Logs::LogGroup")) == [
        "CacheEngineLogFEAEB291",
        "CacheSlowLog43E55961",
    ]


def test_retention_key_and_removal(stack: Stack, vpc: ec2.Vpc) -> None:
    """The options of a new log group arrive, and a key of this app lets CloudWatch Logs use it."""
    key = kms.Key(stack, "Key")
    delivery = LogDelivery.to_new_log_group(
        "slow-log", retention=logs.RetentionDays.ONE_YEAR, kms_key=key, removal_policy=RemovalPolicy.DESTROY
    )
    ReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=[delivery])
    template = Template.from_stack(stack)

    template.has_resource(
        "AWS::Logs::LogGroup",
        {
            "Properties": {"RetentionInDays": 365, "KmsKeyId": stack.resolve(key.key_arn)},
            "DeletionPolicy": "Delete",
        },
    )
    template.has_resource_properties(
        "AWS::KMS::Key",
        {
            "KeyPolicy": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Action": [
                                    "kms:Encrypt*",
                                    "kms:Decrypt*",
                                    "kms:ReEncrypt*",
                                    "kms:GenerateDataKey*",
                                    "kms:Describe*",
                                ],
                                "Principal": {
                                    "Service": {"Fn::Join": ["", ["logs.", {"Ref": "AWS::Region"}, ".amazonaws.com"]]}
                                },
                            }
                        )
                    ]
                )
            }
        },
    )


def test_an_imported_key_keeps_its_policy(stack: Stack, vpc: ec2.Vpc) -> None:
    """What is not made here cannot be changed here, and the log group names it all the same."""
    arn = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
    delivery = LogDelivery.to_new_log_group("slow-log", kms_key=kms.Key.from_key_arn(stack, "Key", arn))
    ReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=[delivery])
    template = Template.from_stack(stack)

    template.has_resource_properties("AWS::Logs::LogGroup", {"KmsKeyId": arn})
    template.resource_count_is("AWS::KMS::Key", 0)


@pytest.mark.parametrize("owned", [True, False])
def test_a_log_group_that_exists(stack: Stack, vpc: ec2.Vpc, owned: bool) -> None:
    """A log group of the app or an imported one is named, and none is made."""
    log_group = (
        logs.LogGroup(stack, "Logs") if owned else logs.LogGroup.from_log_group_name(stack, "Logs", "/orders/cache")
    )
    delivery = LogDelivery.to_log_group("slow-log", log_group)
    ShardedReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=[delivery])
    (entry,) = _configurations(stack)

    name = entry["DestinationDetails"]["CloudWatchLogsDetails"]["LogGroup"]
    assert name == ({"Ref": "Logs6819BB44"} if owned else "/orders/cache")
    Template.from_stack(stack).resource_count_is("AWS::Logs::LogGroup", 1 if owned else 0)


def _stream(stack: Stack, kind: str) -> Any:
    if kind == "owned":
        return firehose.CfnDeliveryStream(stack, "Stream", delivery_stream_name="orders-logs")
    if kind == "imported":
        return firehose.DeliveryStream.from_delivery_stream_name(stack, "Stream", "orders-logs")
    return "orders-logs"


@pytest.mark.parametrize("kind", ["owned", "imported", "name"])
def test_a_delivery_stream(stack: Stack, vpc: ec2.Vpc, kind: str) -> None:
    """A delivery stream is named, whether it is of the app, imported or only a name."""
    delivery = LogDelivery.to_delivery_stream("engine-log", _stream(stack, kind))
    ReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=[delivery])
    (entry,) = _configurations(stack)

    assert entry == {
        "LogType": "engine-log",
        "LogFormat": "json",
        "DestinationType": "kinesis-firehose",
        "DestinationDetails": {
            "KinesisFirehoseDetails": {"DeliveryStream": {"Ref": "Stream"} if kind == "owned" else "orders-logs"}
        },
    }


def test_none_is_asked_for(stack: Stack, vpc: ec2.Vpc) -> None:
    """An empty list turns the delivery of an existing group off, no list leaves it as it is."""
    ReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=[])

    assert _configurations(stack) == []


def test_a_name_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """A token passes."""
    name = CfnParameter(stack, "Name").value_as_string
    delivery = LogDelivery.to_delivery_stream("slow-log", name)
    ReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=[delivery])

    assert _configurations(stack)[0]["DestinationDetails"] == {
        "KinesisFirehoseDetails": {"DeliveryStream": {"Ref": "Name"}}
    }


def test_one_log_twice(stack: Stack, vpc: ec2.Vpc) -> None:
    """Two log groups for one log are refused before any is made."""
    twice = [LogDelivery.to_new_log_group("slow-log"), LogDelivery.to_new_log_group("slow-log", log_format="text")]

    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Cache", vpc=vpc, log_delivery_configurations=twice)

    assert "  log_delivery_configurations = 'slow-log': 2 log groups would be made for this log, and one is enough" in (
        str(error.value).splitlines()
    )
    assert stack.node.try_find_child("Cache") is None


def test_an_engine_without_that_log(stack: Stack, vpc: ec2.Vpc) -> None:
    """The rulebook knows from which version on there is an engine log."""
    with pytest.raises(ValidationError, match="rg-log-engine-version"):
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            engine_version=RedisVersion.of("6.0"),
            log_delivery_configurations=[LogDelivery.to_delivery_stream("engine-log", "orders-logs")],
        )


def test_a_log_that_there_is_not() -> None:
    """A word that is no log is named with what is allowed."""
    wrong: LogType = "slowlog"  # pyright: ignore[reportAssignmentType] - wrong on purpose

    with pytest.raises(ValidationError) as error:
        LogDelivery.to_new_log_group(wrong)

    assert str(error.value).splitlines() == [
        "LogDelivery.to_new_log_group: 1 problem",
        "  log_type = 'slowlog': must be 'slow-log' or 'engine-log', not a str",
        "    pass 'slow-log' or 'engine-log'   [cdk-argument-type]",
    ]
