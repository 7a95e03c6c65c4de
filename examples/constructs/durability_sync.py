"""Durability: a write that was answered survives the loss of every node, because it is in a log in several zones."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import NodeType, ShardedReplicationGroup, ValkeyVersion


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "DurabilitySync")
    cache = ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0),
        engine_version=ValkeyVersion.VER_9_0,
        cache_node_type=NodeType.of("cache.r7g.large"),
        num_node_groups=1,
        replicas_per_node_group=1,
        durability="sync",
    )
    CfnOutput(stack, "Durability", value=cache.effective_durability)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
