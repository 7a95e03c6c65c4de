"""An app that looks up the groups that the test made by hand, and lets a network into one of them."""

import os

from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from elasticache_kit.cdk import CacheAlarms, ReplicationGroup, ShardedReplicationGroup

app = App()
here = Environment(account=os.environ["CDK_DEFAULT_ACCOUNT"], region=os.environ["CDK_DEFAULT_REGION"])
stack = Stack(app, "lookup", env=here)
orders = ReplicationGroup.from_lookup(stack, "Orders", replication_group_id="adopt-disabled")
sessions = ShardedReplicationGroup.from_lookup(stack, "Sessions", replication_group_id="adopt-enabled")
orders.connections.allow_default_port_from(ec2.Peer.ipv4("10.9.0.0/16"))
CacheAlarms(stack, "Alarms", cache=orders, alarms=["memory"])
CfnOutput(stack, "Primary", value=orders.primary_endpoint.socket_address)
CfnOutput(stack, "Configuration", value=sessions.configuration_endpoint.socket_address)
app.synth()
