"""Exchanges the roles of groups that replicate from each other or from outside, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import outside, replication
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.succession import writes_held
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.replicated_group import ReplicatedGroup

# Another Region may be behind by seconds.
CATCH_UP_TIMEOUT = 30.0


def move_primary(old: ReplicatedGroup, new: ReplicatedGroup, others: Sequence[ReplicatedGroup] = ()) -> None:
    """Let another group take the writes, and all others follow it.

    A primary that answers holds its writes until its successor has all of them: none that was acknowledged is lost. One
    that does not loses what its successor has not got.

    Args:
        old: the group that takes the writes now.
        new: the one that shall.
        others: those that follow as before.

    Raises:
        EngineStartError: the successor does not catch up, or does not answer; then all is as it was.
    """
    try:
        leader = old.leader("")
    except EngineStartError:
        new.follow(None)
    else:
        successor = new.leader("")
        with writes_held(leader):
            obstacle = Deadline(CATCH_UP_TIMEOUT).wait_for(lambda: _behind(successor, leader))
            if obstacle is not None:
                raise successor.engine.failure(obstacle)
            new.follow(None)
        old.follow(new.feed())
        with leader.engine.admin() as admin:
            # Writes that were held are answered now: by a replica, which refuses them.
            admin.command("CLIENT", "UNPAUSE")
    for group in others:
        group.follow(new.feed())


def await_source(group: ReplicatedGroup, source: Source) -> None:
    """Return when a group has all that an outside source has.

    Raises:
        EngineStartError: it does not catch up, or the source does not answer.
    """
    leader = group.leader("")
    try:
        due = outside.offset(source)
    except (OSError, ReplyError) as error:
        raise EngineStartError(f"The source {source.host}:{source.port} does not say what it has: {error}.") from error
    obstacle = Deadline(CATCH_UP_TIMEOUT).wait_for(lambda: _short(leader, due))
    if obstacle is not None:
        raise leader.engine.failure(obstacle)


def _behind(successor: Node, leader: Node) -> str | None:
    with leader.engine.admin() as admin:
        written = int(admin.info("replication")["master_repl_offset"])
    return _short(successor, written)


def _short(replica: Node, due: int) -> str | None:
    received = replication.offset(replica)
    return f"it has {received} of {due} bytes" if received is None or received < due else None
