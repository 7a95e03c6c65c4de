"""IPv6: a group that clients reach over IPv4 and IPv6, in the subnets of a dual-stack network."""

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import ReplicationGroup


def define(app: App) -> None:
    """Add the stack."""
    stack = Stack(app, "Ipv6")
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0, ip_protocol=ec2.IpProtocol.DUAL_STACK)
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, network_type="dual_stack", ip_discovery="ipv6")
    clients = ec2.SecurityGroup(stack, "Clients", vpc=vpc, allow_all_ipv6_outbound=True)
    clients.connections.allow_to_default_port(cache)
    CfnOutput(stack, "Endpoint", value=cache.primary_endpoint.socket_address)


if __name__ == "__main__":
    app = App()
    define(app)
    app.synth()
