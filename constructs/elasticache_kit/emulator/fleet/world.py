"""Exchanges the roles of groups that replicate from each other or from outside, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import outside, replication
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.succession import writes_held
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node

# Another Region may be behind by seconds.
CATCH_UP_TIMEOUT = 30.0


def move_primary(old: Group, new: Group, others: Sequence[Group] = ()) -> None:
    """Let another group take the writes, and all others follow it.

    Primaries that answer hold their writes until their successors have all of them: none that was acknowledged is lost.
    One that does not loses what its successor has not got.

    Args:
        old: the group that takes the writes now.
        new: the one that shall.
        others: those that follow as before.

    Raises:
        EngineStartError: the successor does not catch up, or does not answer; then all is as it was.
    """
    successors = [new.leader(shard.node_group_id) for shard in new.plan.node_groups]
    leaders = {node: found for node in successors if (found := _living_leader(old, node.node_group_id))}
    with ExitStack() as held:
        for leader in leaders.values():
            held.enter_context(writes_held(leader))
        deadline = Deadline(CATCH_UP_TIMEOUT)
        for successor, leader in leaders.items():
            obstacle = deadline.wait_for(lambda successor=successor, leader=leader: _behind(successor, leader))
            if obstacle is not None:
                raise successor.engine.failure(obstacle)
        new.follow({})
    old.follow(new.feed())
    for leader in leaders.values():
        if leader.engine.alive:
            with leader.engine.admin() as admin:
                # Writes that were held are answered now: by a replica, which refuses them.
                admin.command("CLIENT", "UNPAUSE")
    for group in others:
        group.follow(new.feed())


def await_source(group: Group, source: Source) -> None:
    """Return when a group has all that an outside source has.

    Raises:
        EngineStartError: it does not catch up, or the source does not answer.
    """
    leader = group.leader(group.plan.node_groups[0].node_group_id)
    try:
        due = outside.offset(source)
    except (OSError, ReplyError) as error:
        raise EngineStartError(f"The source {source.host}:{source.port} does not say what it has: {error}.") from error
    obstacle = Deadline(CATCH_UP_TIMEOUT).wait_for(lambda: _short(leader, due))
    if obstacle is not None:
        raise leader.engine.failure(obstacle)


def _living_leader(group: Group, node_group_id: str) -> Node | None:
    try:
        return group.leader(node_group_id)
    except EngineStartError:
        return None


def _behind(successor: Node, leader: Node) -> str | None:
    with leader.engine.admin() as admin:
        written = int(admin.info("replication")["master_repl_offset"])
    return _short(successor, written)


def _short(replica: Node, due: int) -> str | None:
    received = replication.offset(replica)
    return f"it has {received} of {due} bytes" if received is None or received < due else None
