"""The CDK app of the shop: `cdk deploy`, on AWS or on the local emulator."""

import sys
from pathlib import Path

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from elasticache_kit.cdk.patterns import DatabaseCache
from elasticache_kit.errors import ElastiCacheKitError

FOLDER = Path(__file__).parent
# What the image is made of; the rest is for whoever deploys it.
IMAGE = ["*", "!Dockerfile", "!requirements.txt", "!wheels", "!wheels/*", "!shop", "!shop/**", "**/__pycache__"]
PREFIX = "shop"
CPU, MEMORY_MIB = 512, 1024
TASKS = 2
PORT = 8000
# The image has no curl. An answer that is no 200 is an error of urlopen.
HEALTHY = f"import urllib.request as it; it.urlopen('http://127.0.0.1:{PORT}/health', timeout=3)"


class ShopStack(Stack):
    """A network, the database and its cache, the shop, and what drains its outbox."""

    def __init__(self, scope: App, construct_id: str) -> None:
        super().__init__(scope, construct_id, description="A shop over a database with a cache")
        vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=1,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
                ec2.SubnetConfiguration(name="Shop", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
                ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
        )
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        image = ecs.ContainerImage.from_asset(str(FOLDER), exclude=IMAGE)
        data = DatabaseCache(
            self, "Data", vpc=vpc, listener_image=image, listener_key_prefix=PREFIX, listener_cluster=cluster
        )
        task = ecs.FargateTaskDefinition(self, "Task", cpu=CPU, memory_limit_mib=MEMORY_MIB)
        log = ecs.LogDrivers.aws_logs(
            stream_prefix=PREFIX, log_group=logs.LogGroup(self, "Logs", retention=logs.RetentionDays.ONE_MONTH)
        )
        shop = task.add_container(
            "Shop",
            image=image,
            command=["python", "-m", "shop", "serve"],
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            health_check=ecs.HealthCheck(command=["CMD", "python", "-c", HEALTHY]),
            readonly_root_filesystem=True,
            logging=log,
        )
        migration = task.add_container(
            "Migration",
            image=image,
            command=["python", "-m", "shop", "migrate"],
            essential=False,
            readonly_root_filesystem=True,
            logging=log,
        )
        # Tasks that start together migrate one after the other.
        shop.add_container_dependencies(
            ecs.ContainerDependency(container=migration, condition=ecs.ContainerDependencyCondition.SUCCESS)
        )
        service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            desired_count=TASKS,
            min_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        )
        for container in (shop, migration):
            data.attach(container, client=service)
        CfnOutput(self, "ClusterName", value=cluster.cluster_name)
        CfnOutput(self, "ServiceName", value=service.service_name)


if __name__ == "__main__":
    app = App()
    try:
        ShopStack(app, "shop")
    except ElastiCacheKitError as error:
        sys.exit(f"{error}")
    app.synth()
