"""`elasticache-kit failover`, on a local ElastiCache with real engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.local import Local

pytestmark = pytest.mark.engine


def roles(local: Local, name: str) -> dict[str, str]:
    """Return the role of each member."""
    record = local.client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    members = record.get("NodeGroups", [])[0].get("NodeGroupMembers", [])
    return {member.get("CacheClusterId", ""): member.get("CurrentRole", "") for member in members}


def test_without_apply_the_plan_is_printed_and_nothing_changes(local: Local) -> None:
    """The plan goes to standard output, the advice to standard error."""
    name = local.group("planned")

    done = local.run("failover", name)

    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        "failover of planned, node group 0001",
        "  1. call TestFailover with ReplicationGroupId=planned, NodeGroupId=0001",
    ]
    assert "  primary planned-001, us-east-1" in done.stdout
    assert done.stderr == "nothing was changed: run it with --apply\n"
    assert roles(local, name) == {"planned-001": "primary", "planned-002": "replica"}


def test_with_apply_the_replica_becomes_primary(local: Local) -> None:
    """Events are told as they come, and the times at the end."""
    name = local.group("applied")

    done = local.run("failover", name, "--apply")

    assert done.returncode == 0, done.stderr
    assert roles(local, name) == {"applied-001": "replica", "applied-002": "primary"}
    assert "applied: Test Failover API called for node group 0001" in done.stderr
    assert "applied-001: Finished recovery for cache nodes 0001" in done.stderr
    assert done.stdout.startswith("failover of applied, node group 0001: done; by AWS's events promoted after ")


def test_json_is_the_same_plan_and_the_events(local: Local) -> None:
    """Standard output is one document and nothing else."""
    name = local.group("told")

    planned = json.loads(local.run("failover", name, "--output", "json").stdout)
    applied = json.loads(local.run("failover", name, "--apply", "--output", "json").stdout)

    assert (planned["applied"], applied["applied"]) == (False, True)
    assert planned["plan"] == applied["plan"]
    assert applied["promotion_seconds"] >= 0
    assert applied["recovery_seconds"] >= applied["promotion_seconds"]
    assert applied["events"][0]["message"] == "Test Failover API called for node group 0001"


def test_an_unknown_group_is_answered_with_those_that_exist(local: Local) -> None:
    """In one sentence."""
    local.group("known")

    done = local.run("failover", "unknown")

    assert done.returncode == 4
    assert done.stderr.startswith(
        "Error: there is no replication group 'unknown' in the local ElastiCache (us-east-1); "
    )
    assert "known" in done.stderr.partition("there are: ")[2]


def test_a_group_that_cannot_fail_over_is_refused_with_every_reason(local: Local) -> None:
    """Before anything is called."""
    name = local.group("single", NumCacheClusters=1, AutomaticFailoverEnabled=False)

    done = local.run("failover", name, "--apply")

    assert done.returncode == 4
    remedy = "set AutomaticFailoverEnabled (ModifyReplicationGroup)"
    failover_off = f"automatic failover is 'disabled', and it must be 'enabled': {remedy}"
    assert done.stderr.splitlines() == [
        "Error: failover of single, node group 0001 is refused:",
        f"  - {failover_off}",
        "  - node group 0001 has no replica that could be promoted: add one",
    ]


def test_an_unknown_node_group_is_refused(local: Local) -> None:
    """With those that exist."""
    done = local.run("failover", local.group("grouped"), "--node-group", "0007")

    assert done.returncode == 4
    assert "there is no node group '0007': it has 0001" in done.stderr
