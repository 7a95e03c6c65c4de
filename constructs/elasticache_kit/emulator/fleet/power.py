"""The loss of power of all nodes of a group at once, and their return.

Killing a process loses nothing of what it has written: the kernel keeps it. Here all nodes are stopped in the same
moment and killed, and the append only file of each primary is cut back to what was on the disk by then (docs/decisions
0016). So `sync` keeps all that was acknowledged, `async` all but the last moment, and a group without durability
nothing.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import append_file
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.append_file import Mark
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import Durability

LOOK_SECONDS = 0.01
REWRITE_SECONDS = 60.0
# An engine begins to sync once a second, checks ten times a second whether it is time, and lets no more than two
# seconds pass before it makes writers wait.
PERIOD_SECONDS, MOST_SECONDS = 1.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What the loss of power took.

    Args:
        primaries: who led its shard, by cache cluster id.
        keeps: whether what was on disks comes back.
        cut_bytes: what was cut from append only files.
        window_seconds: how far back that reaches; 0 where nothing was cut.
    """

    primaries: tuple[str, ...]
    keeps: bool
    cut_bytes: int = 0
    window_seconds: float = 0.0


def lose(group: Group) -> Loss:
    """Take the power from all nodes at a random moment of the time between two syncs, and return when all are dead.

    Raises:
        OSError: a primary does not answer.
    """
    leaders = [node for node in group.nodes.values() if node.serves and group.is_primary(node)]
    keeps = group.plan.durability != "disabled"
    policies = {node.cache_cluster_id: _policy(node) if keeps else "no" for node in leaders}
    watches = [append_file.SyncWatch(node.engine) for node in leaders if policies[node.cache_cluster_id] == "everysec"]
    _watch(watches)
    for node in group.nodes.values():
        node.engine.hold()
    moment = time.monotonic()
    ends = {node.cache_cluster_id: append_file.end(node.engine) for node in leaders}
    for node in group.nodes.values():
        # None of them can be asked anything, so no endpoint turns from one to the next.
        node.in_service = False
        node.engine.kill()
    for name in tuple(group.nodes):
        group.kill(name)
    marks = [watch.last_synced for watch in watches]
    # Without a policy nothing says what the kernel has written by itself: take it all, as a disk may.
    marks += [_start_of(ends[name]) for name, policy in policies.items() if keeps and policy == "no"]
    found = [mark for mark in marks if mark is not None]
    cut = sum(map(append_file.cut, found))
    window = max((moment - mark.moment for mark in found if mark.length), default=0.0) if cut else 0.0
    return Loss(
        primaries=tuple(node.cache_cluster_id for node in leaders), keeps=keeps, cut_bytes=cut, window_seconds=window
    )


def give_back(group: Group, loss: Loss) -> None:
    """Give all nodes power again, and return when the group accepts writes.

    Raises:
        EngineStartError: a node did not come up.
    """
    group.start_over(loss.primaries, keeps=loss.keeps)


def _watch(watches: Sequence[append_file.SyncWatch]) -> None:
    """Look until it is known of every file how much of it is on the disk, and then on until a random moment."""
    begun = time.monotonic()
    rest: float | None = None
    while watches:
        for watch in watches:
            watch.look()
        now = time.monotonic()
        known = all(watch.synced or (watch.quiet and now - begun > PERIOD_SECONDS * 1.5) for watch in watches)
        if rest is None and (known or now - begun > MOST_SECONDS):
            rest = now + random.SystemRandom().uniform(0, PERIOD_SECONDS)
        if rest is not None and now >= rest:
            return
        time.sleep(LOOK_SECONDS)


def _policy(node: Node) -> str:
    try:
        with node.engine.admin() as admin:
            reply = admin.command("CONFIG", "GET", "appendfsync")
    except ReplyError:
        return "no"
    return str(reply[1]) if isinstance(reply, list) else "no"


def set_durability(group: Group, durability: Durability, *, durable: bool) -> None:
    """Change what outlives the loss of power, see `plan.GroupPlan`, and return when it is so on every node that lives.

    Raises:
        EngineStartError: a node does not take it.
    """
    group.plan = replace(group.plan, durability=durability, durable=durable)
    names = ("appendonly", "appendfsync")
    wanted = {name: value for name, value in group.plan.settings.items() if name in names} or {"appendonly": "no"}
    for node in group.nodes.values():
        if node.serves:
            try:
                with node.engine.admin() as admin:
                    admin.command("CONFIG", "SET", *(word for item in wanted.items() for word in item))
            except (OSError, ReplyError) as error:
                if node.engine.alive:
                    raise node.engine.failure(f"it did not take the durability {durability}: {error}") from error

    if durable:
        deadline = Deadline(REWRITE_SECONDS)
        for node in group.nodes.values():
            if node.serves:
                group.await_absence(node, _rewriting, deadline)


def _rewriting(admin: Admin) -> str | None:
    """Say whether an engine still writes what it has into the file that it has begun."""
    state = admin.info("persistence")
    busy = state.get("aof_rewrite_in_progress") != "0" or state.get("aof_rewrite_scheduled") != "0"
    return "its append only file is not whole yet" if busy else None


def _start_of(mark: Mark | None) -> Mark | None:
    return None if mark is None else append_file.Mark(mark.path, 0, mark.moment)
