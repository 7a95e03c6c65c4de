"""Replaces every process of a group by a new one with other settings: what a change of the node type is.

Nodes keep their names and addresses, primaries stay primaries, and no acknowledged write is lost: a shard gets a helper
for the time, so it never has fewer nodes than before, and a primary hands over before it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.plan import NodePlan
from elasticache_kit.emulator.fleet.stand_in import standing_in

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node


def replace_nodes(group: Group, parameters: Mapping[str, str]) -> None:
    """Replace all nodes, shard by shard, replicas first.

    Args:
        group: whose nodes.
        parameters: engine settings that the new processes have, `maxmemory` for example.

    Raises:
        EngineStartError: a new process did not come up or did not catch up. Shards before it have been replaced.
    """
    before = group.plan.parameters
    group.set_parameters({}, parameters)
    pids = {node.engine.pid for node in group.nodes.values()}
    try:
        for node_group in group.plan.node_groups:
            _replace_shard(group, node_group.node_group_id)
    except BaseException:
        if pids == {node.engine.pid for node in group.nodes.values()}:
            # Nothing has been replaced yet, and what is replaced later shall not get what was refused.
            group.plan = replace(group.plan, parameters=before)
        raise


def _replace_shard(group: Group, node_group_id: str) -> None:
    primary = group.leader(node_group_id)
    if group.takes_feed(primary) and group.plan.cluster_mode:
        _replace_following(group, primary)
        return
    helper = f"{primary.cache_cluster_id}-helper"
    group.add_replica(node_group_id, NodePlan(cache_cluster_id=helper))
    try:
        for replica in group.siblings(primary):
            if replica.cache_cluster_id != helper:
                group.recover(replica.cache_cluster_id)
        group.promote(helper)
        with standing_in(group, group.node(helper), primary):
            group.recover(primary.cache_cluster_id)
            group.promote(primary.cache_cluster_id)
    finally:
        dismiss(group, group.node(helper))


def _replace_following(group: Group, leader: Node) -> None:
    """Replace the nodes of a shard that is a copy of another one; where another node can lead meanwhile, it does."""
    replicas = [node for node in group.siblings(leader) if node.serves]
    for replica in replicas:
        group.recover(replica.cache_cluster_id)
    if replicas:
        # Who gives the lead away starts anew.
        group.promote(replicas[0].cache_cluster_id)
        group.promote(leader.cache_cluster_id)
    else:
        group.recover(leader.cache_cluster_id)


def dismiss(group: Group, helper: Node) -> None:
    """End a helper. One that has the only data left stays: better a node too many than a lost cache."""
    if group.is_primary(helper):
        others = [node for node in group.siblings(helper) if node.serves]
        if not others:
            return
        group.promote(others[0].cache_cluster_id)
    group.remove_replica(helper.cache_cluster_id)
