"""Sessions: nothing is evicted, because an evicted session is a user who is signed out. Full memory is an error."""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import Authentication, NodeType, ParameterGroup, ReplicationGroup, ValkeyVersion

VERSION = ValkeyVersion.VER_9_0


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "Sessions")
    parameters = ParameterGroup(
        stack,
        "Parameters",
        engine_version=VERSION,
        properties={"maxmemory-policy": "noeviction"},
    )
    ReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0),
        engine_version=VERSION,
        cache_node_type=NodeType.of("cache.r7g.large"),
        cache_parameter_group=parameters,
        authentication=Authentication.iam(),
    )


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
