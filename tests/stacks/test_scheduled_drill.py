"""The stack of scheduled drills, which is there where somebody says when."""

from __future__ import annotations

import json
from typing import Any

from tests.stacks.conftest import resources, templates

WHEN = "cron(0 4 ? * TUE,FRI *)"


def _blocks(network: dict[str, Any]) -> dict[str, str]:
    """Return the addresses of the subnets of the caches, by their logical ids."""
    subnets = {name: item for name, item in network["Resources"].items() if item["Type"] == "AWS::EC2::Subnet"}
    return {name: item["Properties"]["CidrBlock"] for name, item in subnets.items() if "CacheSubnet" in name}


def test_nothing_is_broken_unasked() -> None:
    """No stack, no NAT gateway, and no tag that allows drills."""
    made = templates()

    assert "scheduled-drill" not in made
    assert resources(made["network"], "AWS::EC2::NatGateway") == []
    assert "elasticache-kit:drill" not in json.dumps(made)


def test_each_group_has_a_drill() -> None:
    """By the schedule that was given, with alarms, in a network with one way out."""
    made = templates(drill_schedule=WHEN)
    stack = made["scheduled-drill"]
    schedules = resources(stack, "AWS::Scheduler::Schedule")

    assert [item["ScheduleExpression"] for item in schedules] == [WHEN, WHEN]
    assert len(resources(stack, "AWS::CodeBuild::Project")) == 2
    assert len(resources(stack, "AWS::CloudWatch::Alarm")) == 4
    assert len(resources(made["network"], "AWS::EC2::NatGateway")) == 1


def test_the_addresses_of_the_caches_stay() -> None:
    """The way out is laid behind the subnets that are there."""
    assert _blocks(templates()["network"])
    assert _blocks(templates()["network"]) == _blocks(templates(drill_schedule=WHEN)["network"])


def test_caches_with_iam_are_drilled_as_their_users() -> None:
    """Each drill may connect as the user of its cache, and no other."""
    stack = templates(drill_schedule=WHEN, authentication="iam")["scheduled-drill"]
    projects = resources(stack, "AWS::CodeBuild::Project")
    names = [item["Name"] for project in projects for item in project["Environment"]["EnvironmentVariables"]]

    assert names.count("ELASTICACHE_KIT_IAM_USER") == 2
    assert json.dumps(resources(stack, "AWS::IAM::Policy")).count('"elasticache:Connect"') == 2
