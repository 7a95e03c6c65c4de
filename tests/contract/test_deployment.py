"""A second deployment, a diff, a deployment that fails, and a clean end: with the real CDK CLI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.contract.conftest import Synth, Target

STACK = "elasticache-kit-replication-group"
NETWORK = "elasticache-kit-network"
BROKEN = "elasticache-kit-broken"
CHANGED = ("snapshot_retention_limit=3", "num_cache_clusters=2")

pytestmark = [pytest.mark.engine, pytest.mark.cli]

Outputs = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def first(target: Target, synth: Synth) -> Outputs:
    """The outputs of a first deployment."""
    return target.deploy(synth(), STACK)


@pytest.fixture(scope="module")
def second(target: Target, synth: Synth, first: Outputs) -> Outputs:
    """The outputs of a second one, with other settings."""
    assert first
    return target.deploy(synth(*CHANGED), STACK)


def test_a_diff_shows_what_will_change(target: Target, synth: Synth, first: Outputs) -> None:
    """There is none to what was deployed."""
    same = target.cdk("diff", synth(), STACK, "--fail")
    different = target.cdk("diff", synth(*CHANGED), STACK, "--fail")

    assert first
    assert same.code == 0, same.text
    assert "SnapshotRetentionLimit" in different.text
    assert different.code == 1


def test_a_second_deployment_changes_the_group_in_place(target: Target, first: Outputs, second: Outputs) -> None:
    """The change keeps the group."""
    group = second[STACK]["ReplicationGroupId"]
    (described,) = target.client("elasticache").describe_replication_groups(ReplicationGroupId=group)[
        "ReplicationGroups"
    ]

    assert group == first[STACK]["ReplicationGroupId"]
    assert (described["SnapshotRetentionLimit"], len(described["MemberClusters"])) == (3, 2)


@pytest.mark.usefixtures("second")
def test_a_deployment_without_a_change_says_so(target: Target, synth: Synth) -> None:
    """The CLI sees that there is nothing to do."""
    again = target.cdk("deploy", synth(*CHANGED), STACK, "--require-approval", "never")

    assert again.code == 0
    assert "(no changes)" in again.text


def test_a_failed_deployment_is_rolled_back(target: Target, synth: Synth) -> None:
    """What was made before the failure is gone, the reason is on the terminal, and the exit code says it."""
    assembly = synth(app=Path(__file__).with_name("broken_app.py"))
    groups = len(target.client("elasticache").describe_replication_groups()["ReplicationGroups"])

    done = target.cdk("deploy", assembly, "--require-approval", "never")

    stack = target.client("cloudformation").describe_stacks(StackName=BROKEN)["Stacks"][0]
    assert done.code == 1
    assert "SnapshotRetentionLimit" in done.text or "snapshot_retention_limit" in done.text
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert len(target.client("elasticache").describe_replication_groups()["ReplicationGroups"]) == groups
    with pytest.raises(ClientError, match="ParameterNotFound"):
        target.client("ssm").get_parameter(Name="/elasticache-kit/broken")
    target.destroy(assembly)


def test_destroying_leaves_nothing_but_the_final_snapshot(target: Target, synth: Synth, second: Outputs) -> None:
    """Groups, subnet groups and the VPC are gone; the template asked for a snapshot and gets one."""
    elasticache, ec2 = target.client("elasticache"), target.client("ec2")
    vpc = next(value for value in second[NETWORK].values() if value.startswith("vpc-"))
    group = second[STACK]["ReplicationGroupId"]
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]

    target.destroy(synth(), "--all")

    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.describe_replication_groups(ReplicationGroupId=group)
    with pytest.raises(ClientError, match="InvalidVpcID"):
        ec2.describe_vpcs(VpcIds=[vpc])
    snapshots = elasticache.describe_snapshots()["Snapshots"]
    assert [item for item in snapshots if item.get("ReplicationGroupId") == group]
