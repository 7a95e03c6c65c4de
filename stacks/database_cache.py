"""A cache in front of a database: an application, and the listener that invalidates what others change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from elasticache_kit.cdk.patterns import DatabaseCache
from stacks.acknowledgement import acknowledge, skip_checkov

if TYPE_CHECKING:
    from aws_cdk import aws_sns as sns
    from constructs import Construct

# The application: what its image is built from, what the image runs, and what the keys of its cache begin with.
APPLICATION = Path(__file__).parents[1] / "examples" / "orders"
COMMAND = ["python", "orders.py"]
KEY_PREFIX = "orders"
PORT = 8080
CPU, MEMORY_MIB = 256, 512
# This rule has a colon of its own, so its id is written out for each pack.
_PACKS = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5")
_OWN_KEY = "Secrets Manager encrypts it with a key of its own"
_NO_MONITORING = "Nobody reads the log of an example, and Aurora keeps metrics of its own"
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


class DatabaseCacheStack(Stack):
    """An Aurora PostgreSQL database with a cache, and two services of Fargate that use both.

    The subnets have no way to the internet. Images, logs and secrets come by endpoints of the VPC; who else is to reach
    the application is let in with a load balancer.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        notification_topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="ElastiCache in front of Aurora PostgreSQL")

        image = ecs.ContainerImage.from_asset(str(APPLICATION))
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENABLED)
        self.database_cache = DatabaseCache(
            self,
            "DatabaseCache",
            vpc=vpc,
            listener_image=image,
            listener_key_prefix=KEY_PREFIX,
            listener_cluster=cluster,
            listener_subnets=ISOLATED,
            alarm_topic=notification_topic,
        )
        self.application = _application(self, cluster, image)
        self.database_cache.attach(self.application)
        listener = self.database_cache.listener
        _endpoints(self, vpc, self.application, *([listener.service] if listener is not None else []))
        _acknowledge(self)

        CfnOutput(self, "ReplicationGroupId", value=self.database_cache.cache.replication_group_id)
        CfnOutput(self, "ApplicationService", value=self.application.service_name)


def _application(scope: Construct, cluster: ecs.ICluster, image: ecs.ContainerImage) -> ecs.FargateService:
    definition = ecs.FargateTaskDefinition(scope, "Application", cpu=CPU, memory_limit_mib=MEMORY_MIB)
    definition.add_container(
        "Application",
        image=image,
        command=COMMAND,
        port_mappings=[ecs.PortMapping(container_port=PORT)],
        readonly_root_filesystem=True,
        health_check=ecs.HealthCheck(command=["CMD", *COMMAND, "check"], interval=Duration.seconds(10)),
        logging=ecs.LogDrivers.aws_logs(
            stream_prefix="application",
            log_group=logs.LogGroup(
                scope,
                "ApplicationLogs",
                retention=logs.RetentionDays.ONE_MONTH,
                removal_policy=RemovalPolicy.DESTROY,
            ),
        ),
    )
    return ecs.FargateService(
        scope,
        "Service",
        cluster=cluster,
        task_definition=definition,
        desired_count=1,
        min_healthy_percent=100,
        circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
        vpc_subnets=ISOLATED,
    )


def _endpoints(scope: Construct, vpc: ec2.IVpc, *tasks: ec2.IConnectable) -> None:
    """Make the ways to what a task of Fargate needs, for these tasks only; the layers of an image are in S3."""
    services = {
        "Ecr": ec2.InterfaceVpcEndpointAwsService.ECR,
        "EcrDocker": ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
        "Logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
        "SecretsManager": ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    }
    # Everything at the endpoints is let in alike, so they share a security group.
    group = ec2.SecurityGroup(scope, "EndpointSecurityGroup", vpc=vpc, description="Endpoints of the tasks")
    for task in tasks:
        group.connections.allow_from(task, ec2.Port.tcp(443))
    for name, service in services.items():
        ec2.InterfaceVpcEndpoint(
            scope, f"{name}Endpoint", vpc=vpc, service=service, subnets=ISOLATED, security_groups=[group], open=False
        )
    ec2.GatewayVpcEndpoint(
        scope, "S3Endpoint", vpc=vpc, service=ec2.GatewayVpcEndpointAwsService.S3, subnets=[ISOLATED]
    )


def _acknowledge(stack: DatabaseCacheStack) -> None:
    database = stack.database_cache
    acknowledge(
        database,
        "Only its security group knows the port of the database; it is for two services, and for no address",
        "EC2RestrictedCommonPorts",
        "EC2RestrictedSSH",
    )
    acknowledge(
        database,
        "AWS rotates it by an application from its repository, which this stack does without; see docs/cache.md",
        "AwsSolutions-SMG4",
        "SecretsManagerRotationEnabled",
    )
    acknowledge(database, _OWN_KEY, "SecretsManagerUsingKMSKey")
    acknowledge(
        database,
        "An example can be made again from nothing; its backups are Aurora's, for 15 days",
        "AwsSolutions-RDS10",
        "RDSInstanceDeletionProtectionEnabled",
        "RDSInBackupPlan",
    )
    acknowledge(
        database,
        _NO_MONITORING,
        *(f"{pack}::{pack}-RDSLoggingEnabled[LogExport::postgresql]" for pack in _PACKS),
        "RDSEnhancedMonitoringEnabled",
    )
    made = database.node.find_child("Database").node
    skip_checkov(made.find_child("Secret"), _OWN_KEY, "CKV_AWS_149")
    skip_checkov(made.find_child("Writer"), _NO_MONITORING, "CKV_AWS_118")
    acknowledge(stack, "The variables say where things are; what is secret is in Secrets Manager", "AwsSolutions-ECS2")
    acknowledge(stack, "The token of ECR is for no repository in particular", "AwsSolutions-IAM5[Resource::*]")
