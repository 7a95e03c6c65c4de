"""The stack with scheduled backups and their bucket, and the one with their copies."""

from __future__ import annotations

import json

import pytest
from aws_cdk import App
from cfnlint.api import lint

from app import define
from tests.stacks.conftest import CONTEXT, Templates, resources, templates

REGION = "eu-central-1"
COPY = ["elasticache-kit-backup-copy-", {"Ref": "AWS::AccountId"}, f"-{REGION}"]


@pytest.fixture(scope="module")
def dev() -> Templates:
    """The small environment."""
    return templates()


@pytest.fixture(scope="module")
def copied() -> Templates:
    """The small environment with a copy in another Region and somebody to tell."""
    return templates(backup_copy_region=REGION, notification_email="oncall@example.com")


def test_every_night_for_both_groups(dev: Templates) -> None:
    """Each group has a schedule and a state machine of its own."""
    schedules = resources(dev["backup"], "AWS::Scheduler::Schedule")
    machines = resources(dev["backup"], "AWS::StepFunctions::StateMachine")

    assert {schedule["ScheduleExpression"] for schedule in schedules} == {"cron(0 3 * * ? *)"}
    assert len(schedules) == len(machines) == 2
    assert len({machine["DefinitionSubstitutions"]["Prefix"] for machine in machines}) == 2
    assert all(list(machine["DefinitionSubstitutions"]["Cache"]) == ["Fn::ImportValue"] for machine in machines)


def test_no_function(dev: Templates) -> None:
    """Step Functions calls ElastiCache itself."""
    assert resources(dev["backup"], "AWS::Lambda::Function") == []


def test_prod_keeps_more() -> None:
    """The larger environment keeps more snapshots, and exports for longer."""
    (small,) = resources(templates()["backup"], "AWS::S3::Bucket")
    (large,) = resources(templates(environment="prod")["prod-backup"], "AWS::S3::Bucket")

    for bucket, days in ((small, 7), (large, 90)):
        assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == days


def test_one_bucket_and_no_copy(dev: Templates) -> None:
    """Both groups share a bucket, which is copied only where a Region is named."""
    (bucket,) = resources(dev["backup"], "AWS::S3::Bucket")

    assert "ReplicationConfiguration" not in bucket
    assert "backup-copy" not in dev


def test_a_copy_in_another_region(copied: Templates) -> None:
    """S3 copies to the bucket of the other stack, by a name that both sides work out."""
    (source,) = resources(copied["backup"], "AWS::S3::Bucket")
    (copy,) = resources(copied["backup-copy"], "AWS::S3::Bucket")
    (rule,) = source["ReplicationConfiguration"]["Rules"]

    assert copy["BucketName"] == {"Fn::Join": ["", COPY]}
    assert rule["Destination"]["Bucket"] == {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::{COPY[0]}", *COPY[1:]]]
    }
    assert copy["VersioningConfiguration"] == {"Status": "Enabled"}
    assert rule["Status"] == "Enabled"


def test_the_copy_is_deployed_first() -> None:
    """S3 refuses to replicate to a bucket that does not exist."""
    app = App(context={**CONTEXT, "backup_copy_region": REGION})
    define(app)
    stack = app.synth().get_stack_by_name("elasticache-kit-backup")

    assert "elasticache-kit-backup-copy" in [dependency.id for dependency in stack.dependencies]


def test_somebody_hears_of_a_backup_that_failed(copied: Templates) -> None:
    """Each state machine has an alarm."""
    alarms = resources(copied["backup"], "AWS::CloudWatch::Alarm")

    assert len(alarms) == 2
    assert all(list(alarm["AlarmActions"][0]) == ["Fn::ImportValue"] for alarm in alarms)


@pytest.mark.parametrize("name", ["backup", "backup-copy", "notification", "monitoring"])
def test_cfn_lint_finds_nothing(copied: Templates, name: str) -> None:
    """With everything turned on there is nothing that cfn-lint would say."""
    assert lint(json.dumps(copied[name]), regions=["us-east-1"]) == []
