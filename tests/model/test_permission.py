"""Policies of commands: their statements, and what these are narrowed down to."""

from __future__ import annotations

import re

import pytest

from elasticache_kit.errors import ValidationError
from elasticache_kit.model import permission
from elasticache_kit.model.permission import KINDS, Scope
from elasticache_kit.model.permission.statement import types_of

HERE = Scope(region="eu-west-1", account="123456789012")
PREFIX = "arn:aws:elasticache:eu-west-1:123456789012"


def narrowed(kind: str, *names: str) -> Scope:
    """Return the same place, narrowed down to some resources."""
    return Scope(region=HERE.region, account=HERE.account, names={kind: names})


def resources(command: str, action: str, scope: Scope) -> tuple[str, ...]:
    """Return what an action of a command is allowed on."""
    (found,) = [item for item in permission.statements([command], scope) if action in item.actions]
    return found.resources


def test_without_names_all_resources_of_the_types_are_meant() -> None:
    """In the Region and account that are given, and of no other type."""
    assert resources("failover", "elasticache:TestFailover", HERE) == (f"{PREFIX}:replicationgroup:*",)
    assert resources("failover", "elasticache:TestFailover", Scope()) == ("arn:aws:elasticache:*:*:replicationgroup:*",)


def test_an_action_about_no_resource_is_allowed_on_everything() -> None:
    """IAM takes nothing else there."""
    assert resources("failover", "elasticache:DescribeEvents", HERE) == ("*",)


@pytest.mark.parametrize("action", ["cloudwatch:GetMetricData"])
def test_metrics_have_no_resource(action: str) -> None:
    """The reference names data sets, which metrics of a service are not in."""
    assert resources("inventory", action, HERE) == ("*",)


def test_a_group_stands_for_its_nodes() -> None:
    """In both cluster modes, and for those of no other group whose name begins alike."""
    nodes = [name.rpartition(":")[2] for name in narrowed("group", "orders").arns("elasticache:cluster")]
    patterns = [re.compile(name.replace("?", ".")) for name in nodes]

    def meant(name: str) -> bool:
        return any(pattern.fullmatch(name) for pattern in patterns)

    assert meant("orders-001")
    assert meant("orders-0001-002")
    assert not meant("orders-eu-001")
    assert not meant("orders-eu-0001-001")


def test_calls_that_list_may_list_all() -> None:
    """A call without a name is asked for the right to all, whatever is named beside it."""
    scope = narrowed("group", "orders")

    assert resources("failover", "elasticache:DescribeCacheClusters", scope) == (f"{PREFIX}:cluster:*",)
    assert resources("failover", "elasticache:DescribeReplicationGroups", scope) == (
        f"{PREFIX}:replicationgroup:orders",
    )
    assert resources("inventory", "elasticache:DescribeReplicationGroups", scope) == (f"{PREFIX}:replicationgroup:*",)


def test_of_several_commands_the_widest_holds() -> None:
    """One that lists beside one that does not."""
    (found,) = [
        item.resources
        for item in permission.statements(["failover", "inventory"], narrowed("group", "orders"))
        if "elasticache:DescribeReplicationGroups" in item.actions
    ]

    assert found == (f"{PREFIX}:replicationgroup:*",)


def test_a_secret_is_named_or_given_by_its_arn() -> None:
    """Secrets Manager adds six characters to the name."""
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:auth-AbCdEf"

    assert narrowed("secret", "auth").arns("secretsmanager:secret") == (arn.replace("AbCdEf", "??????"),)
    assert narrowed("secret", arn).arns("secretsmanager:secret") == (arn,)


def test_a_bucket_stands_for_its_objects() -> None:
    """The bucket where an action is about the bucket, its objects where it is about them."""
    scope = narrowed("bucket", "here")

    assert resources("snapshot export", "s3:ListBucket", scope) == ("arn:aws:s3:::here",)
    assert resources("snapshot export", "s3:PutObject", scope) == ("arn:aws:s3:::here/*",)


def test_another_partition_has_its_own_arns() -> None:
    """China and GovCloud."""
    scope = Scope(partition="aws-cn", names={"group": ("orders",)})

    assert scope.arns("elasticache:replicationgroup") == ("arn:aws-cn:elasticache:*:*:replicationgroup:orders",)


def test_a_global_datastore_is_in_no_region() -> None:
    """Its ARN has none."""
    assert narrowed("global-datastore", "world").arns("elasticache:globalreplicationgroup") == (
        "arn:aws:elasticache::123456789012:globalreplicationgroup:world",
    )


def test_what_cannot_be_named_is_refused() -> None:
    """With what can."""
    with pytest.raises(ValidationError, match=r"nothing is named by planet: take one of group, cluster"):
        Scope(names={"planet": ("earth",)})


@pytest.mark.parametrize("command", permission.names())
def test_statements_have_names_that_iam_takes(command: str) -> None:
    """Letters and digits, each name once; every action once; no wildcard among the actions."""
    found = permission.statements([command], HERE)
    names, actions = [item.sid for item in found], [action for item in found for action in item.actions]

    assert all(re.fullmatch("[A-Za-z0-9]+", name) for name in names)
    assert len(set(names)) == len(names)
    assert sorted(actions) == sorted(permission.actions(command))
    assert not any("*" in action for action in actions)


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_named_is_of_use(kind: str) -> None:
    """Each kind narrows some command down."""
    used = {
        name for command in permission.names() for action in permission.actions(command)
        for name in types_of(action, command)
    }  # fmt: skip

    assert used & KINDS[kind].keys()
