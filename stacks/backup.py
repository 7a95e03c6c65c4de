"""Snapshots by the clock of the caches of other stacks, exported to S3, and copied to another Region where asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler

from elasticache_kit.cdk.backup import ScheduledBackup
from elasticache_kit.cdk.export_bucket import ExportBucket
from stacks.access_log import access_log_bucket, acknowledge_buckets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from elasticache_kit.cdk.backup import BackedUpCache
    from stacks.settings import Settings

_WHY_NO_KEY = "ElastiCache uses no key of one's own for an export, and S3 writes access logs with its own keys only"


class BackupCopyStack(Stack):
    """A bucket in another Region that S3 copies the exports to; ElastiCache there can start a cache from them."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        region = settings.backup_copy_region
        super().__init__(
            scope,
            construct_id,
            description="Copies of the snapshots of the ElastiCache stacks",
            env=Environment(region=region),
        )

        # Nothing can be referred to across Regions, so this bucket has a name that both sides can work out.
        self.bucket_name = f"{settings.stack_name('backup-copy')}-{Aws.ACCOUNT_ID}-{region}"
        ExportBucket(
            self,
            "Bucket",
            bucket_name=self.bucket_name,
            expiration=Duration.days(settings.export_expiration_days),
            server_access_logs_bucket=access_log_bucket(self),
        )
        acknowledge_buckets(self, "It is the copy itself", _WHY_NO_KEY)


class BackupStack(Stack):
    """A snapshot of each cache every night, exported to one bucket.

    Args:
        scope: the app.
        construct_id: the name of the stack.
        settings: when, and for how long snapshots and exports are kept.
        caches: the caches by what they are called here.
        copy: where S3 copies the exports to. Default: nowhere.
        topic: who hears of a backup that failed. Default: nobody.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        caches: Mapping[str, BackedUpCache],
        copy: BackupCopyStack | None = None,
        topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="Scheduled snapshots of the ElastiCache stacks, in S3")

        bucket = ExportBucket(
            self,
            "Bucket",
            expiration=Duration.days(settings.export_expiration_days),
            server_access_logs_bucket=access_log_bucket(self),
            replica=None if copy is None else s3.Bucket.from_bucket_name(self, "Copy", copy.bucket_name),
        )
        why_no_copy = "backup_copy_region says whether exports are copied, and access logs are not"
        acknowledge_buckets(self, why_no_copy, _WHY_NO_KEY)
        if copy is not None:
            self.add_stack_dependency(copy, reason="S3 replicates to a bucket that exists")
        for name, cache in caches.items():
            ScheduledBackup(
                self,
                f"{name}Backup",
                cache=cache,
                schedule=scheduler.ScheduleExpression.cron(minute="0", hour=str(settings.backup_hour)),
                retained_snapshots=settings.retained_snapshots,
                export_bucket=bucket,
                notification_topic=topic,
            )

        CfnOutput(self, "BucketName", value=bucket.bucket_name)
