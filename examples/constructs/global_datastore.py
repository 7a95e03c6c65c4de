"""A global datastore: Ireland takes the writes, Frankfurt follows and can be promoted."""

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import GlobalReplicationGroup, NodeType, ReplicationGroup


def define(app: App) -> None:
    """Add the stacks, one for each Region."""
    primary_stack = Stack(app, "Ireland", env=Environment(region="eu-west-1"))
    primary = ReplicationGroup(
        primary_stack,
        "Cache",
        vpc=ec2.Vpc(primary_stack, "Vpc", nat_gateways=0),
        cache_node_type=NodeType.of("cache.r7g.large"),
        auto_minor_version_upgrade=False,
    )
    datastore = GlobalReplicationGroup(primary_stack, "Datastore", primary_replication_group=primary)
    stack = Stack(app, "Frankfurt", env=Environment(region="eu-central-1"), cross_region_references=True)
    secondary = ReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0),
        global_replication_group_id=datastore.global_replication_group_id,
    )
    datastore.add_secondary(secondary)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
