"""The CDK app of this repository: `cdk deploy --all`, and `-c environment=prod` for the larger one."""

from __future__ import annotations

import sys

from aws_cdk import App

from elasticache_kit.errors import ElastiCacheKitError
from stacks.network import NetworkStack
from stacks.replication_group import ReplicationGroupStack
from stacks.settings import Settings
from stacks.sharded_replication_group import ShardedReplicationGroupStack


def define(app: App) -> None:
    """Add the stacks of the environment that the context names."""
    settings = Settings.from_context(app.node)
    vpc = NetworkStack(app, settings.stack_name("network"), settings=settings).vpc
    ReplicationGroupStack(app, settings.stack_name("replication-group"), settings=settings, vpc=vpc)
    ShardedReplicationGroupStack(app, settings.stack_name("sharded-replication-group"), settings=settings, vpc=vpc)


if __name__ == "__main__":
    app = App()
    try:
        define(app)
    except ElastiCacheKitError as error:
        sys.exit(f"{error}")
    app.synth()
