"""The data that a new replication group starts with."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from elasticache_kit.cdk import (
    NodeGroupConfiguration,
    NodeType,
    RedisVersion,
    ReplicationGroup,
    ShardedReplicationGroup,
)
from elasticache_kit.cdk.snapshot import Snapshot
from elasticache_kit.cdk.snapshot_source import SnapshotSource
from elasticache_kit.errors import ValidationError

TYPE = "AWS::ElastiCache::ReplicationGroup"
SERVICE = {"Service": {"Fn::Join": ["", [{"Ref": "AWS::Region"}, ".elasticache-snapshot.amazonaws.com"]]}}


def _group(stack: Stack, construct_id: str = "Copy") -> dict[str, Any]:
    groups = Template.from_stack(stack).find_resources(TYPE)
    return dict(next(group for logical_id, group in groups.items() if logical_id.startswith(construct_id)))


def test_a_name(stack: Stack, vpc: ec2.Vpc) -> None:
    """A snapshot is named, in lower case."""
    ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=SnapshotSource.from_snapshot_name("Orders-Yesterday"))

    assert _group(stack)["Properties"]["SnapshotName"] == "orders-yesterday"


@pytest.mark.parametrize("owned", [True, False])
def test_a_snapshot(stack: Stack, vpc: ec2.Vpc, owned: bool) -> None:
    """A snapshot of the app is waited for, an imported one is named."""
    if owned:
        snapshot = Snapshot(stack, "Snapshot", replication_group=ReplicationGroup(stack, "Cache", vpc=vpc))
    else:
        snapshot = Snapshot.from_snapshot_name(stack, "Snapshot", "orders-yesterday")
    ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=SnapshotSource.from_snapshot(snapshot))

    assert _group(stack)["Properties"]["SnapshotName"] == stack.resolve(snapshot.snapshot_name)


def test_a_snapshot_of_another_number_of_shards(stack: Stack, vpc: ec2.Vpc) -> None:
    """What is known of the group that a snapshot is of is held against the new one."""
    snapshot = Snapshot(
        stack, "Snapshot", replication_group=ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=4)
    )
    source = SnapshotSource.from_snapshot(snapshot)
    ShardedReplicationGroup(stack, "Copy", vpc=vpc, num_node_groups=4, snapshot_source=source)

    with pytest.raises(ValidationError) as error:
        ShardedReplicationGroup(stack, "Small", vpc=vpc, num_node_groups=2, snapshot_source=source)

    assert "the snapshot has 4 shards, and the group 2" in str(error.value)


def test_a_snapshot_of_another_engine_and_node_type(stack: Stack, vpc: ec2.Vpc) -> None:
    """Valkey does not go back to Redis, nor r6gd to nodes without a disk."""
    group = ReplicationGroup(stack, "Cache", vpc=vpc, cache_node_type=NodeType.of("cache.r6gd.xlarge"))
    source = SnapshotSource.from_snapshot(Snapshot(stack, "Snapshot", replication_group=group))

    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Copy", vpc=vpc, engine_version=RedisVersion.VER_7_0, snapshot_source=source)

    assert "bk-restore-engine" in str(error.value)
    assert "bk-r6gd" in str(error.value)


def test_a_snapshot_of_nobody_knows_what(stack: Stack, vpc: ec2.Vpc) -> None:
    """Where a group is imported without its size, the rules that need it say nothing."""
    group = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack, "Cache", replication_group_id="orders"
    )
    source = SnapshotSource.from_snapshot(Snapshot(stack, "Snapshot", replication_group=group))
    ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=source)

    assert "SnapshotName" in _group(stack)["Properties"]


def test_a_bucket_of_the_app(stack: Stack, vpc: ec2.Vpc) -> None:
    """The bucket and its key let ElastiCache read, before the group is made."""
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS)
    source = SnapshotSource.from_bucket(bucket, ["export/orders-0001.rdb", "export/orders-0002.rdb"])
    ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=source)
    template = Template.from_stack(stack)
    arn = stack.resolve(bucket.bucket_arn)
    files = [{"Fn::Join": ["", [arn, f"/export/orders-000{number}.rdb"]]} for number in (1, 2)]

    assert _group(stack)["Properties"]["SnapshotArns"] == files
    ((policy_id, policy),) = template.find_resources("AWS::S3::BucketPolicy").items()
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": SERVICE,
            "Action": ["s3:GetObject", "s3:ListBucket", "s3:GetBucketAcl"],
            "Resource": [arn, *files],
        }
    ]
    assert _group(stack)["DependsOn"] == [policy_id]
    (key,) = template.find_resources("AWS::KMS::Key").values()
    assert {
        "Effect": "Allow",
        "Principal": SERVICE,
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*",
    } in key["Properties"]["KeyPolicy"]["Statement"]


def test_an_imported_bucket(stack: Stack, vpc: ec2.Vpc) -> None:
    """It is named, and its policy is somebody else's."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "orders-exports")
    ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=SnapshotSource.from_bucket(bucket, ["orders.rdb"]))
    template = Template.from_stack(stack)

    (arn,) = _group(stack)["Properties"]["SnapshotArns"]
    assert arn == {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::orders-exports/orders.rdb"]]}
    template.resource_count_is("AWS::S3::BucketPolicy", 0)
    assert "DependsOn" not in _group(stack)


def test_shards_from_a_bucket(stack: Stack, vpc: ec2.Vpc) -> None:
    """Each shard says its slots."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "orders-exports")
    ShardedReplicationGroup(
        stack,
        "Copy",
        vpc=vpc,
        node_group_configuration=[
            NodeGroupConfiguration(slots="0-8191"),
            NodeGroupConfiguration(slots="8192-16383"),
        ],
        snapshot_source=SnapshotSource.from_bucket(bucket, ["orders-0001.rdb", "orders-0002.rdb"]),
    )

    assert len(_group(stack)["Properties"]["SnapshotArns"]) == 2
    with pytest.raises(ValidationError, match="rg-slots-for-s3-seed"):
        ShardedReplicationGroup(
            stack, "NoSlots", vpc=vpc, snapshot_source=SnapshotSource.from_bucket(bucket, ["orders-0001.rdb"])
        )


@pytest.mark.parametrize("owned", [True, False])
def test_a_comma_in_a_key(stack: Stack, vpc: ec2.Vpc, owned: bool) -> None:
    """ElastiCache refuses it, and it is found in a bucket whose name only a deployment knows too."""
    bucket = s3.Bucket(stack, "Bucket") if owned else s3.Bucket.from_bucket_name(stack, "Bucket", "bucket")

    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=SnapshotSource.from_bucket(bucket, ["a,b.rdb"]))

    assert "  snapshot_arns[0] = 'arn:aws:s3:::bucket/a,b.rdb': the name of the object holds a comma" in (
        str(error.value).splitlines()
    )


def test_no_file(stack: Stack) -> None:
    """A bucket without a file is no source."""
    with pytest.raises(ValidationError, match="object_keys is empty"):
        SnapshotSource.from_bucket(s3.Bucket(stack, "Bucket"), [])


def test_a_serverless_snapshot() -> None:
    """CloudFormation cannot do it, and the sentence says what can."""
    with pytest.raises(ValidationError) as error:
        SnapshotSource.from_serverless_cache_snapshot("orders")

    assert str(error.value) == (
        "AWS::ElastiCache::ReplicationGroup takes no snapshot of a serverless cache, got 'orders'; export it with "
        "`aws elasticache export-serverless-cache-snapshot` to a bucket, and take SnapshotSource.from_bucket"
    )
