"""The stack with scheduled backups and their bucket, and the one with their copies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aws_cdk import App

from app import define
from tests.cfn_lint import lint
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


def _exports(template: dict[str, Any]) -> dict[str, Any]:
    """Return the bucket of the exports; the other one holds its access logs, and has none itself."""
    (bucket,) = (bucket for bucket in resources(template, "AWS::S3::Bucket") if "LoggingConfiguration" in bucket)
    return bucket


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
    small = _exports(templates()["backup"])
    large = _exports(templates(environment="prod")["prod-backup"])

    for bucket, days in ((small, 7), (large, 90)):
        assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == days


def test_one_bucket_and_no_copy(dev: Templates) -> None:
    """Both groups share a bucket, which is copied only where a Region is named."""
    bucket = _exports(dev["backup"])

    assert "ReplicationConfiguration" not in bucket
    assert "backup-copy" not in dev


@pytest.mark.parametrize("name", ["backup", "backup-copy"])
def test_who_reads_an_export_is_written_down(copied: Templates, name: str) -> None:
    """In a second bucket of the stack, which is as closed as the first and lets the log service in."""
    logged = _exports(copied[name])["LoggingConfiguration"]
    logs = copied[name]["Resources"][logged["DestinationBucketName"]["Ref"]]["Properties"]
    writers = [
        statement["Principal"]
        for policy in resources(copied[name], "AWS::S3::BucketPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "s3:PutObject"
    ]

    assert logged["LogFilePrefix"] == "Bucket/"
    assert all(logs["PublicAccessBlockConfiguration"].values())
    assert logs["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 90
    assert {"Service": "logging.s3.amazonaws.com"} in writers


def test_a_copy_in_another_region(copied: Templates) -> None:
    """S3 copies to the bucket of the other stack, by a name that both sides work out."""
    source = _exports(copied["backup"])
    copy = _exports(copied["backup-copy"])
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
