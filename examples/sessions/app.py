"""The shop on AWS: a session store, and the application as a Fargate service that signs in to it with IAM.

    cdk deploy -c certificate_arn=arn:aws:acm:...

Without a certificate there is no load balancer, and nobody is let in: a session cookie is sent over HTTPS only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_logs as logs

from elasticache_kit.cdk.patterns import SessionStore

if TYPE_CHECKING:
    from constructs import Construct

ROOT = Path(__file__).parents[2]
PORT = 8000
INSTANCES = 2
# What the image is built from; the first one leaves out everything else, and the last ones what comes into being there:
# `cdk deploy` in this folder would copy its own output into itself.
IMAGE = [
    *("*", "!pyproject.toml", "!README.md", "!LICENSE", "!constructs", "!examples/sessions"),
    *("**/__pycache__", "**/cdk.out"),
]
COMMAND = ["uvicorn", "--factory", "examples.sessions.shop:create", "--host", "0.0.0.0", "--port", str(PORT)]  # noqa: S104 - inside a container, whose security group decides


class ShopStack(Stack):
    """Two instances of the shop, and the cache that their sessions are in."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, description="The sessions example of elasticache-kit")

        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        sessions = SessionStore(self, "Sessions", vpc=vpc, snapshot_retention_limit=1)
        definition = ecs.FargateTaskDefinition(self, "Task", cpu=256, memory_limit_mib=512)
        definition.add_container(
            "Shop",
            image=ecs.ContainerImage.from_asset(
                str(ROOT),
                file="examples/sessions/Dockerfile",
                exclude=IMAGE,
            ),
            command=COMMAND,
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            readonly_root_filesystem=True,
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="shop", log_group=logs.LogGroup(self, "Logs", retention=logs.RetentionDays.ONE_WEEK)
            ),
        )
        service = ecs.FargateService(
            self,
            "Service",
            cluster=ecs.Cluster(self, "Cluster", vpc=vpc),
            task_definition=definition,
            desired_count=INSTANCES,
            min_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
        )
        sessions.attach(service)
        if certificate_arn := self.node.try_get_context("certificate_arn"):
            self._let_in(vpc, service, certificate_arn)

        CfnOutput(self, "ReplicationGroupId", value=sessions.cache.replication_group_id)

    def _let_in(self, vpc: ec2.Vpc, service: ecs.FargateService, certificate_arn: str) -> None:
        balancer = elbv2.ApplicationLoadBalancer(self, "Balancer", vpc=vpc, internet_facing=True)
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", certificate_arn)
        listener = balancer.add_listener("Https", port=443, certificates=[certificate])
        # No stickiness: whichever instance answers, the session is there.
        listener.add_targets(
            "Shop",
            port=PORT,
            protocol=elbv2.ApplicationProtocol.HTTP,
            targets=[service],
            health_check=elbv2.HealthCheck(path="/health"),
            deregistration_delay=Duration.seconds(10),
        )
        CfnOutput(self, "Url", value=f"https://{balancer.load_balancer_dns_name}")


if __name__ == "__main__":
    app = App()
    ShopStack(app, "elasticache-kit-shop")
    app.synth()
