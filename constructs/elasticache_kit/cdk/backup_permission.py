"""Backup permission: what the state machine of a backup may do, and on which resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import ArnFormat
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Stack
    from aws_cdk import aws_s3 as s3

# What the caller of an export needs beside the permission for the export itself. The page names all objects of the
# bucket, and ElastiCache does not say which ones it tries.
_BUCKET_ACTIONS = ("s3:GetBucketLocation", "s3:ListBucket")
_OBJECT_ACTIONS = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")


def node_based_backup(stack: Stack, replication_group_id: str, prefix: str) -> list[iam.PolicyStatement]:
    """Let the snapshots with a prefix be taken of one replication group, described and deleted."""
    group = _arn(stack, "replicationgroup", replication_group_id)
    # With cluster mode disabled a snapshot is taken of a node, and which one it is changes with a failover.
    nodes = _arn(stack, "cluster", f"{replication_group_id}-*")
    own = _arn(stack, "snapshot", f"{prefix}-*")
    return [
        _allow(["elasticache:DescribeReplicationGroups"], [group]),
        _allow(["elasticache:CreateSnapshot"], [group, nodes, own]),
        _allow(["elasticache:DescribeSnapshots"], [_arn(stack, "snapshot", "*")]),
        _allow(["elasticache:DeleteSnapshot"], [own]),
    ]


def serverless_backup(stack: Stack, serverless_cache_name: str, prefix: str) -> list[iam.PolicyStatement]:
    """Let the snapshots with a prefix be taken of one serverless cache, described and deleted."""
    cache = _arn(stack, "serverlesscache", serverless_cache_name)
    own = _arn(stack, "serverlesscachesnapshot", f"{prefix}-*")
    return [
        _allow(["elasticache:CreateServerlessCacheSnapshot"], [cache, own]),
        _allow(["elasticache:DescribeServerlessCacheSnapshots"], [cache, _arn(stack, "serverlesscachesnapshot", "*")]),
        _allow(["elasticache:DeleteServerlessCacheSnapshot"], [own]),
    ]


def export(stack: Stack, bucket: s3.IBucket, prefix: str, *, serverless: bool) -> list[iam.PolicyStatement]:
    """Let the snapshots with a prefix be exported to a bucket.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-exporting.html
    """
    action, resource = (
        ("elasticache:ExportServerlessCacheSnapshot", "serverlesscachesnapshot")
        if serverless
        else ("elasticache:CopySnapshot", "snapshot")
    )
    return [
        _allow([action], [_arn(stack, resource, f"{prefix}-*")]),
        _allow(_BUCKET_ACTIONS, [bucket.bucket_arn]),
        _allow(_OBJECT_ACTIONS, [bucket.arn_for_objects("*")]),
        # An action of the account: named for one bucket it has no effect, and ElastiCache refuses the export.
        _allow(["s3:ListAllMyBuckets"], ["*"]),
    ]


def _allow(actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def _arn(stack: Stack, resource: str, name: str) -> str:
    return stack.format_arn(
        service="elasticache", resource=resource, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
