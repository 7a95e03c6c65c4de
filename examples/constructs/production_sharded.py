"""For production: shards with two replicas each, that come and go with the load, watched and signed in to with IAM."""

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sns as sns

from elasticache_kit.cdk import Authentication, LogDelivery, NodeGroupScaling, NodeType, ShardedReplicationGroup


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "ProductionSharded", termination_protection=True)
    cache = ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=ec2.Vpc(stack, "Vpc", max_azs=3, nat_gateways=0),
        cache_node_type=NodeType.of("cache.r7g.large"),
        num_node_groups=3,
        replicas_per_node_group=2,
        authentication=Authentication.iam(),
        log_delivery_configurations=[
            LogDelivery.to_new_log_group("slow-log"),
            LogDelivery.to_new_log_group("engine-log"),
        ],
        notification_topic=sns.Topic(stack, "Events"),
        preferred_maintenance_window="sun:03:00-sun:05:00",
    )
    scaling = NodeGroupScaling(stack, "Scaling", replication_group=cache, min_capacity=3, max_capacity=12)
    scaling.scale_on_database_memory_usage("Memory", 65)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
