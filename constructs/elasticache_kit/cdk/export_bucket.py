"""ExportBucket: a bucket that ElastiCache may copy snapshots to."""

from typing import cast

from aws_cdk import CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from elasticache_kit.cdk.argument import construct_path, typed, violation
from elasticache_kit.cdk.closed_bucket import closed
from elasticache_kit.cdk.wildcard import acknowledge_wildcards
from elasticache_kit.model.rule import refuse

# What the page on exports asks for, apart for the bucket and for what is in it.
_BUCKET_ACTIONS = ("s3:GetBucketAcl", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_OBJECT_ACTIONS = ("s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")


class ExportBucket(s3.Bucket):
    """Makes an AWS::S3::Bucket that snapshots of this account and Region can be exported to.

    It is closed to the public, encrypted with keys of S3, reached with TLS only, versioned, and kept when its stack is
    removed. ElastiCache itself may write to it and read what it wrote.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-exporting.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        bucket_name: the name. Default: CloudFormation makes one up.
        expiration: how long an export is kept. Default: for good.
        noncurrent_version_expiration: how long an export that was deleted or has expired can be brought back.
            Default: 30 days.
        transition_after: when an export moves to the storage class Glacier Instant Retrieval, which is cheaper to keep
            and dearer to read. Default: never.
        server_access_logs_bucket: the bucket that S3 writes down in who read or wrote an export, under the prefix of
            this construct's id. Default: nobody keeps a record.
        replica: a versioned bucket, in another Region for example, that S3 copies every export to. Default: none.
        removal_policy: what happens to the bucket when its stack is removed. Default: it is kept.

    Raises:
        ValidationError: an argument has the wrong type, or exports would expire before they move.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str | None = None,
        expiration: Duration | None = None,
        noncurrent_version_expiration: Duration | None = None,
        transition_after: Duration | None = None,
        server_access_logs_bucket: s3.IBucket | None = None,
        replica: s3.IBucket | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        _refuse_early_expiration(construct_path(scope, construct_id), expiration, transition_after)
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            **closed(
                construct_id,
                access_logs=server_access_logs_bucket,
                expiration=expiration,
                noncurrent_version_expiration=noncurrent_version_expiration,
                transitions=_transitions(transition_after),
            ),
            replication_rules=[s3.ReplicationRule(destination=replica)] if replica else None,
            removal_policy=removal_policy,
        )
        allow_export(self)
        if replica is not None:
            self._mend_replication_role(replica)

    def _mend_replication_role(self, replica: s3.IBucket) -> None:
        """Drop the name that the CDK gives the role of every replication: a second bucket would clash with it."""
        role = self.node.find_child("ReplicationRole")
        cast("CfnResource", role.node.default_child).add_property_deletion_override("RoleName")
        buckets = (self, replica)
        acknowledge_wildcards(role, {bucket.arn_for_objects("*"): "S3 copies every export" for bucket in buckets})


def allow_export(bucket: s3.IBucket) -> None:
    """Let ElastiCache copy the snapshots of its Region to a bucket; of an imported one the policy must say so already.

    The service principal works in every Region, with object ownership enforced too; the ACL of older instructions does
    not.
    """
    stack = Stack.of(bucket)
    service = cast("iam.IPrincipal", iam.ServicePrincipal(f"{stack.region}.elasticache-snapshot.amazonaws.com"))
    for sid, actions, resource in (
        ("ElastiCacheFindsBucket", _BUCKET_ACTIONS, bucket.bucket_arn),
        ("ElastiCacheWritesExports", _OBJECT_ACTIONS, bucket.arn_for_objects("*")),
    ):
        bucket.add_to_resource_policy(
            iam.PolicyStatement(sid=sid, principals=[service], actions=list(actions), resources=[resource])
        )


def _transitions(after: Duration | None) -> list[s3.Transition] | None:
    if after is None:
        return None
    return [s3.Transition(storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=after)]


def _refuse_early_expiration(path: str, expiration: Duration | None, transition_after: Duration | None) -> None:
    if expiration is None or transition_after is None or transition_after.to_seconds() < expiration.to_seconds():
        return
    after = f"{transition_after.to_days():g} days"
    mistake = violation(
        "cdk-export-expires-first",
        "transition_after",
        after,
        f"exports are gone after {expiration.to_days():g} days, before they move",
        "let them move earlier, or expire later",
    )
    refuse(path, [mistake])
