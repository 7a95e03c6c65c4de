"""Buckets that S3 writes down in who read or wrote what is in another bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3

from stacks.acknowledgement import acknowledge, skip_checkov

if TYPE_CHECKING:
    from aws_cdk import Stack
    from constructs import Construct

ACCESS_LOGS_KEPT = Duration.days(90)


def access_log_bucket(scope: Construct) -> s3.Bucket:
    """Make the bucket of the access logs of a stack."""
    bucket = s3.Bucket(
        scope,
        "AccessLogs",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        versioned=True,
        lifecycle_rules=[s3.LifecycleRule(expiration=ACCESS_LOGS_KEPT, noncurrent_version_expiration=Duration.days(1))],
    )
    skip_checkov(bucket, "Logging who reads the access logs would log itself", "CKV_AWS_18")
    return bucket


def acknowledge_buckets(stack: Stack, why_no_copy: str, why_no_key: str) -> None:
    """Answer what the packs ask of each bucket of a stack."""
    acknowledge(stack, why_no_copy, "S3BucketReplicationEnabled")
    acknowledge(stack, why_no_key, "S3DefaultEncryptionKMS")
    acknowledge(
        stack, "A lock cannot be taken off again, and lifecycle rules delete what is old", "S3BucketDefaultLockEnabled"
    )
