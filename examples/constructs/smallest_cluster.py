"""The smallest cluster: one node, for development. What it loses is gone, but for the daily snapshot."""

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import NodeType, ReplicationGroup


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "SmallestCluster")
    cache = ReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0),
        cache_node_type=NodeType.of("cache.t4g.micro"),
        num_cache_clusters=1,
        snapshot_retention_limit=1,
        removal_policy=RemovalPolicy.DESTROY,
    )
    CfnOutput(stack, "Endpoint", value=cache.primary_endpoint.socket_address)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
