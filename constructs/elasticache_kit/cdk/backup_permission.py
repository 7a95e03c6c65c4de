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

# Why a statement names more than one resource, by its first action.
_WHY = {
    "elasticache:CreateSnapshot": "A snapshot is named after its time, and a failover changes the node it is taken of",
    "elasticache:DescribeSnapshots": "The oldest snapshots are found in the list of all",
    "elasticache:DeleteSnapshot": "A snapshot is named after its time; the prefix is this backup's own",
    "elasticache:CreateServerlessCacheSnapshot": "A snapshot is named after its time; the prefix is this backup's own",
    "elasticache:DescribeServerlessCacheSnapshots": "The oldest snapshots are found in the list of all",
    "elasticache:DeleteServerlessCacheSnapshot": "A snapshot is named after its time; the prefix is this backup's own",
    "elasticache:CopySnapshot": "A snapshot is named after its time; the prefix is this backup's own",
    "elasticache:ExportServerlessCacheSnapshot": "A snapshot is named after its time; the prefix is this backup's own",
    "s3:DeleteObject": "ElastiCache asks this of whoever exports, for all objects of the bucket",
    "s3:ListAllMyBuckets": "An action of the account; ElastiCache asks it of whoever exports",
    "logs:CreateLogDelivery": "Step Functions asks this for its log, and the actions are about no resource",
    "xray:PutTraceSegments": "The actions of X-Ray are about no resource",
}

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
_TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


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


def observability() -> list[iam.PolicyStatement]:
    """Let a state machine write its log and its traces.

    See https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html and concepts-xray-tracing.html there.
    """
    return [_allow(_LOG_DELIVERY, ["*"]), _allow(_TRACING, ["*"])]


def why_wildcards(statements: Sequence[iam.PolicyStatement]) -> dict[str, str]:
    """Return why statements name more than one resource, by the resource."""
    return {resource: _WHY[rule.actions[0]] for rule in statements for resource in rule.resources if "*" in resource}


def _allow(actions: Sequence[str], resources: Sequence[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(resources))


def _arn(stack: Stack, resource: str, name: str) -> str:
    return stack.format_arn(
        service="elasticache", resource=resource, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
