"""Results of drills that were never run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from elasticache_kit.drills.access import Access
from elasticache_kit.drills.checker.judgement import judge
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.result import Result
from elasticache_kit.ops.inventory import Endpoint, Member, NodeGroup, ReplicationGroup
from elasticache_kit.ops.session import Capability
from tests.drills.story import GROUP, Story

LOCAL = Capability("0.1.0", "123456789012", "fast", None, ())


def node_group(node_group_id: str) -> NodeGroup:
    """Return a node group with a primary and a replica."""
    members = tuple(
        Member(f"orders-{node_group_id}-{number:03}", "0001", None, "available", None, "us-east-1a")
        for number in (1, 2)
    )
    endpoint = Endpoint("primary.example", 6379)
    return NodeGroup(node_group_id, "available", None, endpoint, endpoint, members)


def replication_group(*node_group_ids: str) -> ReplicationGroup:
    """Return a replication group with these node groups; with one when omitted."""
    return ReplicationGroup(
        replication_group_id="orders",
        status="available",
        engine="valkey",
        engine_version="9.0.0",
        cache_node_type="cache.t4g.micro",
        cluster_enabled=False,
        automatic_failover="enabled",
        multi_az="enabled",
        transit_encryption=True,
        auth_token_enabled=False,
        user_group_ids=(),
        configuration_endpoint=None,
        node_groups=tuple(node_group(name) for name in node_group_ids or (GROUP,)),
    )


def result(
    story: Story,
    *,
    node_groups: tuple[str, ...] = (GROUP,),
    limits: Limits | None = None,
    capability: Capability | None = None,
    failed_over: str | None = GROUP,
    rate: float = 100.0,
    cleaned_up: bool = True,
) -> Result:
    """Return the result of a drill that went as the story tells."""
    experiment = Experiment(
        drill="failover" if failed_over else "none",
        group=replication_group(*node_groups),
        node_group=GROUP,
        access=Access(),
        settings=replace(Settings(), rate=rate),
        limits=limits or Limits(),
        region="eu-west-1",
        capability=capability,
        run_id="4f2a",
    )
    ended = max((entry.at for entry in story.history.lines()), default=1.0)
    return Result(
        experiment=experiment,
        fault="call TestFailover",
        failed_over=failed_over,
        history=story.history,
        findings=judge(story.history, node_groups, experiment.limits, failed_over),
        started=datetime(2026, 11, 23, 12, tzinfo=UTC),
        began=0.0,
        ended=ended,
        cleaned_up=cleaned_up,
    )
