"""What every bucket that is made here has in common: nobody but those whom its policy names reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

if TYPE_CHECKING:
    from collections.abc import Sequence

_TLS_VERSION = 1.2
_BROUGHT_BACK = Duration.days(30)


class Closed(TypedDict):
    """Arguments of `s3.Bucket`."""

    block_public_access: s3.BlockPublicAccess
    encryption: s3.BucketEncryption
    enforce_ssl: bool
    minimum_tls_version: float
    object_ownership: s3.ObjectOwnership
    versioned: bool
    server_access_logs_bucket: s3.IBucket | None
    server_access_logs_prefix: str | None
    lifecycle_rules: list[s3.LifecycleRule]


def closed(
    name: str,
    *,
    access_logs: s3.IBucket | None,
    expiration: Duration | None,
    noncurrent_version_expiration: Duration | None = None,
    transitions: Sequence[s3.Transition] | None = None,
) -> Closed:
    """Return arguments of a bucket that is closed to the public, encrypted, reached with TLS only, and versioned.

    Args:
        name: what the keys of its access logs begin with.
        access_logs: where S3 writes down who read or wrote what is in it; None is nowhere.
        expiration: how long an object is kept; None is for good.
        noncurrent_version_expiration: how long one that was deleted or has expired can be brought back. Default: 30
            days.
        transitions: when an object moves to another storage class. Default: never.
    """
    return {
        "block_public_access": s3.BlockPublicAccess.BLOCK_ALL,
        "encryption": s3.BucketEncryption.S3_MANAGED,
        "enforce_ssl": True,
        "minimum_tls_version": _TLS_VERSION,
        "object_ownership": s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        "versioned": True,
        "server_access_logs_bucket": access_logs,
        "server_access_logs_prefix": f"{name}/" if access_logs else None,
        "lifecycle_rules": [
            s3.LifecycleRule(
                abort_incomplete_multipart_upload_after=Duration.days(1),
                expiration=expiration,
                noncurrent_version_expiration=noncurrent_version_expiration or _BROUGHT_BACK,
                transitions=transitions,
            ),
            # Each object that expires leaves a marker, which S3 keeps for good unless it is told otherwise.
            s3.LifecycleRule(expired_object_delete_marker=True),
        ],
    }
