"""Moves slots between the shards of a running cluster, with their keys, while clients go on.

Valkey 9 moves slots whole: the target gets a copy and follows the changes, then the slots change hands at once
(https://valkey.io/commands/cluster-migrateslots/). Older engines move them key by key
(https://valkey.io/commands/cluster-setslot/), and clients are asked to try the other node meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import nodes_conf
from elasticache_kit.emulator.fleet.admin import Admin, ReplyError
from elasticache_kit.emulator.fleet.cluster_view import disorder
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.key_by_key import move_slots
from elasticache_kit.errors import EngineStartError, RefusedError
from elasticache_kit.model.slot import SLOTS, parse_ranges

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
    from elasticache_kit.emulator.fleet.plan import NodeGroupPlan

logger = logging.getLogger(__name__)

# Moving is as slow as there is data; this ends only what has got stuck.
MOVE_TIMEOUT = 600.0
AGREEMENT_TIMEOUT = 15.0
ATTEMPTS = 3
# What the engine says where a second attempt would hide that writes are gone.
LOSS = "lost writes"
UNDER_WAY_BYTES = 65536

Progress = Callable[[float], None]
# Slots by the shard that they are in and the shard that they go to.
Moves = Mapping[tuple[str, str], frozenset[int]]


def reshard(
    group: ElasticGroup,
    slots: Mapping[str, str],
    new: Sequence[NodeGroupPlan] = (),
    progress: Progress | None = None,
) -> None:
    """Give a cluster other shards: start new ones, move slots, end those that are not named.

    May be called again after it has failed: it goes on from where things are.

    Args:
        group: the cluster.
        slots: the slots of each shard that shall be there, by its id, such as `0-100,200-300`.
        new: the nodes of those that are not there yet.
        progress: told the share of slots that have moved, 0 to 1; nobody when omitted.

    Raises:
        RefusedError: the slots are not each in one shard, or a shard is neither there nor new.
        EngineStartError: a node did not come up, or slots did not move.
    """
    wanted = {name: frozenset(_numbers(text)) for name, text in slots.items()}
    there = {node_group.node_group_id for node_group in group.plan.node_groups}
    _check(group.plan.key, wanted, there | {plan.node_group_id for plan in new})
    # Who follows a shard knows of no other: it has to begin anew behind the new ones.
    group.close_feed()
    for plan in new:
        if plan.node_group_id not in there and plan.node_group_id in wanted:
            group.open_shard(plan)
    _move(group, moves(_present(group), wanted), progress or _ignored)
    for name, text in slots.items():
        group.own_slots(name, text)
    for name in there - wanted.keys():
        group.close_shard(name)


def moves(present: Mapping[str, frozenset[int]], wanted: Mapping[str, frozenset[int]]) -> Moves:
    """Say which slots must go from where to where."""
    found = {
        (source, target): there & due
        for source, there in present.items()
        for target, due in wanted.items()
        if source != target and there & due
    }
    return dict(sorted(found.items()))


def ranges(slots: Iterable[int]) -> list[tuple[int, int]]:
    """Give slots as ranges of a first and a last one."""
    ordered = sorted(slots)
    breaks = [index for index, (one, next_one) in enumerate(pairwise(ordered), start=1) if next_one != one + 1]
    edges = [0, *breaks, len(ordered)]
    return [(ordered[first], ordered[after - 1]) for first, after in pairwise(edges)] if ordered else []


def _check(key: str, wanted: Mapping[str, frozenset[int]], known: set[str]) -> None:
    reasons = [f"node group {name} is not there, and its nodes are not given" for name in wanted if name not in known]
    owners: dict[int, int] = {}
    for numbers in wanted.values():
        for number in numbers:
            owners[number] = owners.get(number, 0) + 1
    lacking, shared = SLOTS - len(owners), sum(count > 1 for count in owners.values())
    reasons += [f"{lacking} slots are in no node group"] if lacking else []
    reasons += [f"{shared} slots are in several node groups"] if shared else []
    reasons += [f"node group {name} gets no slots" for name, numbers in wanted.items() if not numbers]
    if reasons:
        raise RefusedError(f"resharding {key}", reasons)


def _present(group: ElasticGroup) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for node_group in group.plan.node_groups:
        node = group.leader(node_group.node_group_id)
        with node.engine.admin() as admin:
            own = nodes_conf.parse(admin.text("CLUSTER", "NODES"))[group.node_id(node)]
        found[node_group.node_group_id] = frozenset(number for text in own.slots for number in _numbers(text))
    return found


def _move(group: ElasticGroup, due: Moves, progress: Progress) -> None:
    total, moved = sum(map(len, due.values())), 0
    progress(0.0)
    by_source: dict[str, dict[str, frozenset[int]]] = {}
    for (source_id, target_id), slots in due.items():
        by_source.setdefault(source_id, {})[target_id] = slots
    # One shard after the other: a node that gives slots away holds its writes for a moment, also those that another
    # node sends with slots of its own. Two such nodes wait for each other until both give up.
    for source_id, targets in by_source.items():
        # A new shard has introduced itself, and the word of it may be on its way.
        strangers = partial(_strangers, [group.node_id(group.leader(target_id)) for target_id in targets])
        group.await_absence(group.leader(source_id), strangers, Deadline(AGREEMENT_TIMEOUT))
        whole = _begin(group, source_id, targets)
        if whole:
            _finish(group, source_id, targets)
        for target_id, slots in targets.items():
            if not whole:
                move_slots(group, slots, group.leader(source_id), group.leader(target_id))
            moved += len(slots)
            progress(moved / total)
    for node in group.nodes.values():
        if due and node.serves:
            group.await_absence(node, partial(_disagreement, group, due), Deadline(AGREEMENT_TIMEOUT))


def _begin(group: ElasticGroup, source_id: str, targets: Mapping[str, frozenset[int]]) -> bool:
    """Have a shard give slots away whole; False where the engine cannot."""
    source, words = group.leader(source_id), list[str]()
    if not source.engine.runs.moves_slots_whole:
        return False
    for target_id, slots in targets.items():
        numbers = [str(number) for first_and_last in ranges(slots) for number in first_and_last]
        words += ["SLOTSRANGE", *numbers, "NODE", group.node_id(group.leader(target_id))] if numbers else []
    with source.engine.admin() as admin:
        try:
            # By default slots change hands only when nothing at all is under way, which a busy client can prevent until
            # the engine gives up. Writes wait until the rest has arrived.
            admin.command("CONFIG", "SET", "slot-migration-max-failover-repl-bytes", UNDER_WAY_BYTES)
            admin.command("CLUSTER", "MIGRATESLOTS", *words)
        except ReplyError as error:
            raise EngineStartError(f"{source.cache_cluster_id} does not give slots away: {error}.") from error
    return True


def _finish(group: ElasticGroup, source_id: str, targets: Mapping[str, frozenset[int]]) -> None:
    """Return when slots have moved whole. What fails has changed nothing, so it is tried again a few times."""
    source, said = group.leader(source_id), ""
    for attempt in range(ATTEMPTS):
        group.await_absence(source, _unmoved, Deadline(MOVE_TIMEOUT))
        with source.engine.admin() as admin:
            own = nodes_conf.parse(admin.text("CLUSTER", "NODES"))[group.node_id(source)]
            said = "; ".join(job.get("message", "") for job in _jobs(admin) if job.get("state") != "success")
        kept = frozenset(number for text in own.slots for number in _numbers(text))
        left = {target_id: slots & kept for target_id, slots in targets.items() if slots & kept}
        if not left:
            return
        if LOSS in said or attempt == ATTEMPTS - 1:
            break
        logger.warning("%s: slots of node group %s did not move: %s", group.plan.key, source_id, said)
        targets = left
        _begin(group, source_id, targets)
    left_over = sum(map(len, targets.values()))
    raise EngineStartError(f"{left_over} slots of {source.cache_cluster_id} did not move: {said}.")


def _unmoved(admin: Admin) -> str | None:
    running = [job for job in _jobs(admin) if job.get("state") not in {"success", "failed", "cancelled"}]
    return f"it still moves slots ({running[0].get('state')})" if running else None


def _jobs(admin: Admin) -> list[dict[str, str]]:
    answer = admin.command("CLUSTER", "GETSLOTMIGRATIONS")
    jobs: list[dict[str, str]] = []
    for job in answer if isinstance(answer, list) else ():
        words = job if isinstance(job, list) else []
        jobs.append({str(name): str(value) for name, value in zip(words[::2], words[1::2], strict=True)})
    return jobs


def _strangers(node_ids: Sequence[str], admin: Admin) -> str | None:
    """Say which of these nodes a node does not know yet, or has no address of."""
    seen = nodes_conf.parse(admin.text("CLUSTER", "NODES"))
    unknown = [node_id for node_id in node_ids if node_id not in seen or not seen[node_id].connected]
    return f"it does not know {', '.join(unknown)} yet" if unknown else None


def _disagreement(group: ElasticGroup, due: Moves, admin: Admin) -> str | None:
    """Say what a node does not know yet of slots that have moved."""
    seen = nodes_conf.parse(admin.text("CLUSTER", "NODES"))
    for (_, target_id), slots in due.items():
        known = seen.get(group.node_id(group.leader(target_id)))
        if known is None or slots - {number for text in known.slots for number in _numbers(text)}:
            return f"it does not know yet that slots are in node group {target_id}"
    return disorder(admin)


def _numbers(text: str) -> list[int]:
    """Read slots: ranges, or single ones as engines write them."""
    parts = [part if "-" in part else f"{part}-{part}" for part in text.split(",")]
    return [number for found in parse_ranges(",".join(parts)) for number in found]


def _ignored(share: float) -> None:
    del share
