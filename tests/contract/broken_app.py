"""An app whose second resource AWS refuses: written with L1, for our own construct would refuse it at synth."""

from __future__ import annotations

from aws_cdk import App, Stack
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_ssm as ssm

app = App()
stack = Stack(app, "elasticache-kit-broken")
first = ssm.CfnParameter(stack, "First", type="String", value="made before", name="/elasticache-kit/broken")
group = elasticache.CfnReplicationGroup(
    stack,
    "Group",
    replication_group_description="asks for more days than there are",
    engine="valkey",
    cache_node_type="cache.t4g.small",
    num_cache_clusters=1,
    automatic_failover_enabled=False,
    transit_encryption_enabled=False,
    snapshot_retention_limit=99,
)
group.add_dependency(first)
app.synth()
