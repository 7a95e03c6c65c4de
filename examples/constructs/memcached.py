"""Memcached: plain keys and values over three nodes in several zones. A node that fails takes its keys with it."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import MemcachedCluster, MemcachedVersion, NodeType


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "Memcached")
    cluster = MemcachedCluster(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0),
        engine_version=MemcachedVersion.VER_1_6_22,
        cache_node_type=NodeType.of("cache.t4g.small"),
        num_cache_nodes=3,
    )
    CfnOutput(stack, "Discovery", value=cluster.configuration_endpoint.socket_address)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
