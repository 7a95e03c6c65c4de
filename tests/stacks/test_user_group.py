"""The stack of a cache with users."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stacks.conftest import resources, templates

USER = "AWS::ElastiCache::User"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The stack in the small environment."""
    return templates()["user-group"]


def test_three_users_in_one_group(template: dict[str, Any]) -> None:
    """The cache takes the group, and the group has every user."""
    users = [name for name, resource in template["Resources"].items() if resource["Type"] == USER]
    (group,) = resources(template, "AWS::ElastiCache::UserGroup")
    (cache,) = resources(template, "AWS::ElastiCache::ReplicationGroup")

    assert len(users) == 3
    assert sorted(reference["Ref"] for reference in group["UserIds"]) == sorted(users)
    assert [template["Resources"][reference["Ref"]]["Type"] for reference in cache["UserGroupIds"]] == [
        "AWS::ElastiCache::UserGroup"
    ]
    assert "AuthToken" not in cache


def test_each_user_may_do_what_it_is_for(template: dict[str, Any]) -> None:
    """The reader writes nothing, the operator reads nothing, and only the operator has a password."""
    rights = {
        user["AccessString"]: user["AuthenticationMode"]["Type"]
        for user in resources(template, USER)
        if isinstance(user["AccessString"], str)
    }

    assert rights == {
        "on ~* &* +@all -@dangerous +info": "iam",
        "on %R~* +@read +@connection": "iam",
        "on +@admin +@connection +info +slowlog": "password",
    }


def test_the_password_is_replaced(template: dict[str, Any]) -> None:
    """Secrets Manager makes it up and replaces it every 30 days, and the template holds a reference."""
    (schedule,) = resources(template, "AWS::SecretsManager::RotationSchedule")
    (operator,) = (user for user in resources(template, USER) if user["AuthenticationMode"]["Type"] == "password")

    assert schedule["RotationRules"] == {"ScheduleExpression": "rate(30 days)"}
    assert "{{resolve:secretsmanager:" in str(operator["AuthenticationMode"]["Passwords"])


def test_each_role_signs_in_as_its_own_user(template: dict[str, Any]) -> None:
    """A role may connect to the cache as one user, which takes both ARNs."""
    allowed = [
        statement["Resource"]
        for policy in resources(template, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "elasticache:Connect"
    ]
    users = {arns[1]["Fn::GetAtt"][0] for arns in allowed}

    assert len(allowed) == len(users) == 2
    assert all(template["Resources"][user]["Properties"]["AuthenticationMode"] == {"Type": "iam"} for user in users)
    assert all("ReplicationGroup" in str(arns[0]) for arns in allowed)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_zones_parameters_and_backups_are_said(environment: str) -> None:
    """A reader of the stack need not know the defaults."""
    name = "user-group" if environment == "dev" else "prod-user-group"
    (cache,) = resources(templates(environment=environment)[name], "AWS::ElastiCache::ReplicationGroup")

    assert cache["MultiAZEnabled"] is cache["AutomaticFailoverEnabled"] is True
    assert "Ref" in cache["CacheParameterGroupName"]
    assert cache["SnapshotRetentionLimit"] == {"dev": 1, "prod": 15}[environment]
