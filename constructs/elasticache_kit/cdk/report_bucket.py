"""The bucket that the reports of a scheduled drill go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3

if TYPE_CHECKING:
    from constructs import Construct

_TLS_VERSION = 1.2
_KEPT = Duration.days(400)


def make_report_bucket(scope: Construct, expiration: Duration | None, access_logs: s3.IBucket | None) -> s3.IBucket:
    """Make a bucket that is closed, encrypted, reached with TLS only, and kept when its stack goes.

    Args:
        scope: the drill.
        expiration: how long a report is kept. Default: 400 days, a year and a bit to compare with.
        access_logs: where S3 writes down who read one. Default: nowhere.
    """
    made = s3.Bucket(
        scope,
        "Reports",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        minimum_tls_version=_TLS_VERSION,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=True,
        server_access_logs_bucket=access_logs,
        server_access_logs_prefix=f"{scope.node.id}/" if access_logs else None,
        lifecycle_rules=[
            s3.LifecycleRule(
                abort_incomplete_multipart_upload_after=Duration.days(1),
                expiration=expiration or _KEPT,
                noncurrent_version_expiration=Duration.days(30),
            ),
            s3.LifecycleRule(expired_object_delete_marker=True),
        ],
        removal_policy=RemovalPolicy.RETAIN,
    )
    return cast("s3.IBucket", made)
