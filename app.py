"""The CDK app of this repository: `cdk deploy --all`, and `-c environment=prod` for the larger one."""

from __future__ import annotations

import sys

from aws_cdk import App, Validations

from elasticache_kit.cdk.compliance import ElastiCacheValidation
from elasticache_kit.errors import ElastiCacheKitError
from stacks.acknowledgement import acknowledge_settings, skip_checks
from stacks.backup import BackupCopyStack, BackupStack
from stacks.database_cache import DatabaseCacheStack
from stacks.global_datastore import GlobalDatastorePrimaryStack, GlobalDatastoreSecondaryStack
from stacks.memcached import MemcachedStack
from stacks.monitoring import MonitoringStack
from stacks.network import NetworkStack
from stacks.notification import NotificationStack
from stacks.replication_group import ReplicationGroupStack
from stacks.scheduled_drill import ScheduledDrillStack
from stacks.serverless import ServerlessStack
from stacks.session_store import SessionStoreStack
from stacks.settings import NONE, Settings
from stacks.sharded_replication_group import ShardedReplicationGroupStack
from stacks.user_group import UserGroupStack


def define(app: App) -> None:
    """Add the stacks of the environment that the context names."""
    settings = Settings.from_context(app.node)
    acknowledge_settings(app, settings)
    vpc = NetworkStack(app, settings.stack_name("network"), settings=settings).vpc
    topic = None
    if settings.notification_email != NONE:
        topic = NotificationStack(app, settings.stack_name("notification"), settings=settings).topic
    plain = ReplicationGroupStack(
        app, settings.stack_name("replication-group"), settings=settings, vpc=vpc, notification_topic=topic
    )
    sharded = ShardedReplicationGroupStack(
        app, settings.stack_name("sharded-replication-group"), settings=settings, vpc=vpc, notification_topic=topic
    )
    UserGroupStack(app, settings.stack_name("user-group"), settings=settings, vpc=vpc, notification_topic=topic)
    MemcachedStack(app, settings.stack_name("memcached"), settings=settings, vpc=vpc)
    ServerlessStack(app, settings.stack_name("serverless"), settings=settings, vpc=vpc)
    SessionStoreStack(app, settings.stack_name("session-store"), settings=settings, vpc=vpc, notification_topic=topic)
    DatabaseCacheStack(app, settings.stack_name("database-cache"), vpc=vpc, notification_topic=topic)
    primary = GlobalDatastorePrimaryStack(app, settings.stack_name("global-datastore-primary"), settings=settings)
    GlobalDatastoreSecondaryStack(
        app,
        settings.stack_name("global-datastore-secondary"),
        settings=settings,
        datastore=primary.datastore,
    )
    groups = {"ReplicationGroup": plain.replication_group, "ShardedReplicationGroup": sharded.replication_group}

    MonitoringStack(app, settings.stack_name("monitoring"), caches=groups, topic=topic)
    copy = None
    if settings.backup_copy_region != NONE:
        copy = BackupCopyStack(app, settings.stack_name("backup-copy"), settings=settings)
    BackupStack(app, settings.stack_name("backup"), settings=settings, caches=groups, copy=copy, topic=topic)
    if settings.drill_schedule != NONE:
        ScheduledDrillStack(
            app, settings.stack_name("scheduled-drill"), settings=settings, vpc=vpc, caches=groups, topic=topic
        )
    skip_checks(app.node.children, settings)


if __name__ == "__main__":
    app = App()
    try:
        define(app)
    except ElastiCacheKitError as error:
        sys.exit(f"{error}")
    Validations.of(app).add_plugins(ElastiCacheValidation())
    app.synth()
