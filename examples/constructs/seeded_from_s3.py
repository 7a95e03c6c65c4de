"""Seeded from S3: a new group that starts with the RDB files of an old one, say of a Redis that ran elsewhere.

The bucket is deployed first and filled; then the cache, which may read it: `cdk deploy Seeds`, `aws s3 cp`,
`cdk deploy SeededCache`.
"""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from elasticache_kit.cdk import NodeGroupConfiguration, ShardedReplicationGroup, SnapshotSource


def define(app: App) -> None:
    """Add the stacks."""
    bucket = s3.Bucket(Stack(app, "Seeds"), "Bucket", enforce_ssl=True, versioned=True)
    stack = Stack(app, "SeededCache")
    ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0),
        node_group_configuration=[
            NodeGroupConfiguration(slots="0-8191"),
            NodeGroupConfiguration(slots="8192-16383"),
        ],
        snapshot_source=SnapshotSource.from_bucket(bucket, ["orders-0001.rdb", "orders-0002.rdb"]),
    )


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
