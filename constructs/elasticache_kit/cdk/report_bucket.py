"""The bucket that the reports of a scheduled drill go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3

from elasticache_kit.cdk.closed_bucket import closed

if TYPE_CHECKING:
    from constructs import Construct

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
        **closed(scope.node.id, access_logs=access_logs, expiration=expiration or _KEPT),
        removal_policy=RemovalPolicy.RETAIN,
    )
    return cast("s3.IBucket", made)
