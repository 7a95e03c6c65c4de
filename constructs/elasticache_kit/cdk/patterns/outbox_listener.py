"""OutboxListener: a small Fargate service that invalidates what writers forgot to."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from elasticache_kit.cdk.argument import typed

COMMAND = ["python", "-m", "elasticache_kit.cache.outbox", "run"]
# The smallest that Fargate has: it waits most of the time.
CPU, MEMORY_MIB = 256, 512


class OutboxListener(Construct):
    """Makes an AWS::ECS::Service that drains the outbox of a database: one key after the other leaves the cache.

    It listens on the writer of the database for as long as it lives, which neither a Lambda function nor RDS Proxy can:
    the one ends, and the other drops what it is told. A second one beside it, as during a deployment, does no harm.

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC of the database.
        image: an image with `elasticache-kit[outbox]`, a `python`, and the certificates of RDS where its PGSSLROOTCERT
            says.
        key_prefix: the prefix of the keys, as in the application's Policy.
        schemas: the schema versions that applications use, two of them while a new one is brought in. Default: 1.
        cluster: the ECS cluster. Default: one of its own.
        vpc_subnets: where it runs, with a way to Secrets Manager and to the registry of the image. Default: the private
            subnets with egress.

    Raises:
        ValidationError: an argument has the wrong type.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        image: ecs.ContainerImage,
        key_prefix: str,
        schemas: Sequence[int] = (1,),
        cluster: ecs.ICluster | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        definition = ecs.FargateTaskDefinition(self, "Task", cpu=CPU, memory_limit_mib=MEMORY_MIB)
        definition.add_container(
            "Listener",
            image=image,
            command=[*COMMAND, "--prefix", key_prefix, *(word for item in schemas for word in ("--schema", str(item)))],
            readonly_root_filesystem=True,
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="outbox",
                log_group=logs.LogGroup(
                    self, "Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
                ),
            ),
            # It ends its round first, and whatever it has not reached stays in the outbox.
            stop_timeout=Duration.seconds(30),
        )
        self._service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster or ecs.Cluster(self, "Cluster", vpc=vpc),
            task_definition=definition,
            desired_count=1,
            min_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            vpc_subnets=vpc_subnets or ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        )

    @property
    def service(self) -> ecs.FargateService:
        """The service."""
        return self._service
