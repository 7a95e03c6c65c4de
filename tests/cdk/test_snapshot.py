"""Snapshots that are taken when a stack is deployed."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnParameter, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.snapshot import ISnapshot, Snapshot
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.replication_group import ReplicationGroupSpec

TYPE = "AWS::ElastiCache::Snapshot"


def _resource(stack: Stack) -> dict[str, Any]:
    return dict(dict(Template.from_stack(stack).find_resources(TYPE)).popitem()[1])


def _name(*, of: str, key: bool = False) -> str:
    """Return the name that a snapshot gets in a stack of its own."""
    stack = Stack(App(), "Stack")
    group = ReplicationGroup.from_replication_group_attributes(stack, "Cache", replication_group_id=of)
    Snapshot(stack, "Snapshot", replication_group=group, kms_key=kms.Key(stack, "Key") if key else None)
    return _resource(stack)["Properties"]["SnapshotName"]


def test_of_a_replication_group(stack: Stack, vpc: ec2.Vpc) -> None:
    """The group is named by reference, and the snapshot outlives its stack."""
    group = ShardedReplicationGroup(stack, "Cache", vpc=vpc)
    Snapshot(stack, "Snapshot", replication_group=group)
    resource = _resource(stack)

    assert resource["Properties"] == {
        "SnapshotName": resource["Properties"]["SnapshotName"],
        "ReplicationGroupId": stack.resolve(group.replication_group_id),
    }
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_everything_given(stack: Stack) -> None:
    """Every option arrives in the property that it is named after, names in lower case."""
    key = kms.Key(stack, "Key")
    Snapshot(
        stack,
        "Snapshot",
        cache_cluster_id="Orders-002",
        snapshot_name="Orders-Before-Upgrade",
        kms_key=key,
        tags={"purpose": "upgrade"},
        removal_policy=RemovalPolicy.DESTROY,
    )
    resource = _resource(stack)

    assert resource["Properties"] == {
        "SnapshotName": "orders-before-upgrade",
        "CacheClusterId": "orders-002",
        "KmsKeyId": stack.resolve(key.key_arn),
        "Tags": [{"Key": "purpose", "Value": "upgrade"}],
    }
    assert resource["DeletionPolicy"] == "Delete"


def test_the_made_up_name_follows_what_is_copied() -> None:
    """Another source or key replaces the snapshot, and its name may not collide with that of the old one."""
    assert _name(of="orders") == _name(of="orders")
    assert len({_name(of="orders"), _name(of="sessions"), _name(of="orders", key=True)}) == 3


def test_name_and_arn_for_others(stack: Stack) -> None:
    """Whoever uses them waits for the snapshot."""
    snapshot = Snapshot(stack, "Snapshot", cache_cluster_id="orders-002")
    CfnOutput(stack, "Name", value=snapshot.snapshot_name)
    CfnOutput(stack, "Arn", value=snapshot.snapshot_arn)
    (logical_id,) = Template.from_stack(stack).find_resources(TYPE)
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}

    assert stack.resolve(snapshot.snapshot_arn) == arn
    assert snapshot.known_name == _resource(stack)["Properties"]["SnapshotName"]
    # arn:aws:elasticache:eu-west-1:123456789012:snapshot:orders
    assert stack.resolve(snapshot.snapshot_name) == {"Fn::Select": [6, {"Fn::Split": [":", arn]}]}


def test_imported(stack: Stack) -> None:
    """An imported snapshot has its name and its ARN, and nothing is known of its source."""
    snapshot = Snapshot.from_snapshot_name(stack, "Snapshot", "Automatic.Orders-2026-11-23-05-00")

    assert isinstance(snapshot, ISnapshot)
    assert snapshot.snapshot_name == "automatic.orders-2026-11-23-05-00"
    assert snapshot.known_name == snapshot.snapshot_name
    assert snapshot.source == ReplicationGroupSpec()
    assert stack.resolve(snapshot.snapshot_arn)["Fn::Join"][1][-1] == ":snapshot:automatic.orders-2026-11-23-05-00"


def test_names_that_only_a_deployment_knows(stack: Stack) -> None:
    """Tokens pass."""
    name = CfnParameter(stack, "Name").value_as_string
    Snapshot(stack, "Snapshot", cache_cluster_id=name, snapshot_name=name)

    assert _resource(stack)["Properties"] == {"SnapshotName": {"Ref": "Name"}, "CacheClusterId": {"Ref": "Name"}}


@pytest.mark.parametrize("both", [True, False])
def test_one_source(stack: Stack, both: bool) -> None:
    """Neither a group nor a node, or both, is refused, and nothing is made."""
    group = ReplicationGroup.from_replication_group_attributes(stack, "Cache", replication_group_id="orders")
    sources: dict[str, Any] = {"replication_group": group, "cache_cluster_id": "orders-001"} if both else {}

    with pytest.raises(ValidationError, match="bk-source-one"):
        Snapshot(stack, "Snapshot", **sources)

    assert stack.node.try_find_child("Snapshot") is None


def test_a_name_that_elasticache_may_refuse(stack: Stack) -> None:
    """How a snapshot may be called is written for serverless caches only, so a doubtful name is a warning."""
    Snapshot(stack, "Snapshot", cache_cluster_id="orders-001", snapshot_name="orders--1")
    (warning,) = Annotations.from_stack(stack).find_warning("/Stack/Snapshot", Match.any_value())

    assert "snapshot_name" in str(warning.entry.data)
    assert "elasticache-kit:bk-name-format" in str(warning.entry.data)


def test_a_group_and_one_of_its_nodes(stack: Stack, vpc: ec2.Vpc) -> None:
    """Both at once are refused as well where only a deployment knows their ids."""
    group = ShardedReplicationGroup(stack, "Cache", vpc=vpc)

    with pytest.raises(ValidationError) as error:
        Snapshot(stack, "Snapshot", replication_group=group, cache_cluster_id=group.cache_cluster_ids[0])

    assert "the replication group 'Stack/Cache' is named too" in str(error.value)
