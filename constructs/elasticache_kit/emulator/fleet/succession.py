"""Puts engines of another cluster mode in the place of those of a running group; no acknowledged write is lost.

An engine cannot change its cluster mode, but one in either mode replicates from one in the other. So helpers of the new
mode follow the primary and take its place while it holds its writes. Then every node starts anew behind them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import replication
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.plan import NodePlan
from elasticache_kit.emulator.fleet.replacement import dismiss
from elasticache_kit.emulator.fleet.replicated_group import ReplicatedGroup
from elasticache_kit.emulator.fleet.stand_in import standing_in
from elasticache_kit.errors import EngineStartError, RefusedError
from elasticache_kit.model.slot import SLOTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan

# A full copy is as slow as there is data; this ends only what has got stuck.
COPY_TIMEOUT = 600.0
CATCH_UP_TIMEOUT = 5.0
TAKE_OVER_TIMEOUT = 15.0
PAUSE_MILLISECONDS = 60_000
ALL_SLOTS = f"0-{SLOTS - 1}"


def change_cluster_mode(
    group: Group, *, cluster_mode: bool, compatible: bool, appoint: Callable[[Group], None]
) -> None:
    """Give a group of one shard another cluster mode, while clients go on; names and addresses stay.

    Args:
        group: the group that runs.
        cluster_mode: whether its engines shall be in cluster mode.
        compatible: whether there shall be the endpoints of both modes.
        appoint: called with the group that has taken its place as soon as that serves, where one has.

    Raises:
        RefusedError: it has several shards, or keys in a database that it would not have in cluster mode.
        EngineStartError: an engine did not come up or did not catch up. Before the new group serves everything is as it
            was; after that it goes on with the helpers in the place of nodes that did not come up.
    """
    if group.plan.cluster_mode == cluster_mode:
        group.set_compatible(compatible=compatible)
        return
    if len(group.plan.node_groups) != 1:
        raise RefusedError(f"changing the cluster mode of {group.plan.key}", ["it has more than one node group"])
    shards = (replace(group.plan.node_groups[0], slots=ALL_SLOTS if cluster_mode else None),)
    plan = replace(group.plan, cluster_mode=cluster_mode, compatible=compatible, node_groups=shards)
    _succeed(group, plan, appoint)


def _succeed(old: Group, plan: GroupPlan, appoint: Callable[[Group], None]) -> None:
    (node_group,) = plan.node_groups
    leader = old.leader(node_group.node_group_id)
    if plan.cluster_mode:
        _refuse_databases(old, leader)
    names = [leader.cache_cluster_id, *(node.cache_cluster_id for node in old.siblings(leader) if node.serves)]
    # As many helpers as keep a replica where there is one.
    helpers = tuple(NodePlan(cache_cluster_id=f"{name}-helper") for name in names[:2])
    stage = replace(plan, node_groups=(replace(node_group, nodes=helpers),), seed=())
    new = (ElasticGroup if plan.cluster_mode else ReplicatedGroup)(stage, old.workshop, bare=True)
    try:
        new.start_behind(leader, Deadline(COPY_TIMEOUT))
        new.inherit(old.endpoints)
        with writes_held(leader):
            _await_all(new, leader)
            new.take_over(Deadline(TAKE_OVER_TIMEOUT))
    except BaseException as error:
        _give_up(old, new)
        if isinstance(error, (OSError, ReplyError)):
            raise EngineStartError(f"{plan.key} could not change its cluster mode: {error}.") from error
        raise
    # From here there is no way back: the writes that the old group holds end with it, unacknowledged.
    old.give_way()
    new.serve()
    appoint(new)
    _retire_endpoints(old, new)
    with standing_in(new, new.node(helpers[0].cache_cluster_id), leader):
        for node in (leader, *old.siblings(leader)):
            new.adopt(node)
        new.promote(leader.cache_cluster_id)
    for helper in helpers:
        dismiss(new, new.node(helper.cache_cluster_id))
    new.plan = plan


def _refuse_databases(old: Group, leader: Node) -> None:
    with leader.engine.admin() as admin:
        others = [name for name in admin.info("keyspace") if name != "db0"]
    if others:
        raise RefusedError(
            f"turning cluster mode on for {old.plan.key}",
            [f"there are keys in {', '.join(others)}: move or delete them, cluster mode has database 0 only"],
        )


@contextmanager
def writes_held(leader: Node) -> Generator[None]:
    """Hold the writes of a primary; it goes on only where what is inside fails."""
    with leader.engine.admin() as admin:
        admin.command("CLIENT", "PAUSE", PAUSE_MILLISECONDS, "WRITE")
    try:
        yield
    except BaseException:
        if leader.engine.alive:
            with leader.engine.admin() as admin:
                admin.command("CLIENT", "UNPAUSE")
        raise


def _await_all(new: Group, leader: Node) -> None:
    for node in new.nodes.values():
        new.await_absence(node, lambda _, node=node: replication.lag_behind(node, leader), Deadline(CATCH_UP_TIMEOUT))


def _give_up(old: Group, new: Group) -> None:
    """End the helpers; endpoints of the old group stay where they are."""
    new.endpoints = {
        kind: endpoint for kind, endpoint in new.endpoints.items() if endpoint not in old.endpoints.values()
    }
    new.stop()


def _retire_endpoints(old: Group, new: Group) -> None:
    for kind, endpoint in old.endpoints.items():
        if kind not in new.endpoints:
            new.retire(endpoint)
