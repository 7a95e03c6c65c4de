"""Where a replication group shall be: states to wait for, and what stands in the way of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model.rule import Violation, shown
from elasticache_kit.ops import inventory
from elasticache_kit.ops.inventory import ReplicationGroup
from elasticache_kit.ops.plan import Seen, State, Wait

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

Reached = Callable[[ReplicationGroup], bool]

# AWS publishes no times; operators report hours for the replacement of many large nodes.
CHANGE_TIMEOUT_SECONDS = 4 * 3600.0
AVAILABLE = "available"
# What passes by itself; a plan begins with waiting for its end.
_PASSING = frozenset({"modifying", "snapshotting", "creating", "rebooting cluster nodes"})


def settled(group_id: str, text: str, reached: Reached) -> State:
    """Return the state in which a group is available and has reached something.

    Args:
        group_id: the replication group.
        text: completes "it is available and ...".
        reached: tells whether it has.
    """

    def look(session: Session) -> Seen:
        group = inventory.replication_group(session, group_id)
        return Seen(at_rest(group) and reached(group), progress(group), failure(group))

    return State(f"{group_id} is available and {text}", look)


def already(group_id: str, text: str, reached: Reached) -> State:
    """Return the state in which a change need not be asked for: it has been made, or is being made."""

    def look(session: Session) -> Seen:
        group = inventory.replication_group(session, group_id)
        return Seen(reached(group), progress(group))

    return State(text, look)


def at_rest(group: ReplicationGroup) -> bool:
    """Tell whether a group is available, and every node of it."""
    return group.status == AVAILABLE and all(member.status in {None, AVAILABLE} for member in group.members)


def progress(group: ReplicationGroup) -> str:
    """Return what goes on in a group, for people."""
    parts = [group.status]
    if group.resharding_percent is not None:
        parts.append(f"slots moved {group.resharding_percent:g} %")
    elif group.pending:
        parts.append(f"pending {', '.join(group.pending)}")
    busy = [f"{member.cache_cluster_id} {member.status}" for member in group.members if member.status != AVAILABLE]
    return "; ".join([*parts, *(item for item in busy if not item.endswith("None"))])


def failure(group: ReplicationGroup) -> str | None:
    """Return why a group never comes to rest by itself; None where it may."""
    if group.status == AVAILABLE or group.status in _PASSING:
        return None
    return f"its status is {group.status!r}, from which it does not become 'available' by itself"


def beginning(group: ReplicationGroup, timeout_seconds: float) -> tuple[Wait, ...]:
    """Return the step that waits for the end of what goes on in a group; none where it is at rest."""
    if at_rest(group):
        return ()
    state = settled(group.replication_group_id, f"what goes on ({progress(group)}) has ended", lambda _: True)
    return (Wait(state, timeout_seconds, group.ids),)


def spoken(found: Iterable[Violation], level: str = "error") -> Iterator[str]:
    """Yield what the rulebook found, each as a sentence for people.

    Args:
        found: violations.
        level: `error` for what AWS refuses, `warn` for what it takes and what is doubtful all the same.
    """
    for item in found:
        if item.level == level:
            value = "" if item.value is None else f" = {shown(item.value)}"
            yield f"{item.property}{value}: {item.message}; {item.remedy} [{item.rule_id}]"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What stands in the way of a change.

    Args:
        reasons: why it cannot be; none means that it can.
        warnings: what is doubtful about it.
    """

    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def judge(group: ReplicationGroup, **changes: Any) -> Judgement:
    """Ask the rulebook and the state of a group about a change.

    The rulebook is asked about the group after the change and about the change itself. What the group breaks already
    is no reason: it is not the change that breaks it.

    Args:
        group: the group as it is.
        changes: the fields of its spec that change.
    """
    new = replace(group.spec, **changes)
    known = {(item.rule_id, item.property) for item in rulebook.check(group.spec)}
    found = [item for item in rulebook.check(new) if (item.rule_id, item.property) not in known]
    found += rulebook.check_change(group.spec, new)
    reasons = list(spoken(found))
    if stuck := failure(group):
        reasons.insert(0, stuck)
    if group.global_replication_group_id is not None:
        reasons.append(
            f"it is a member of the global datastore {group.global_replication_group_id}, which decides this for all "
            "its members: change the global datastore"
        )
    return Judgement(tuple(dict.fromkeys(reasons)), tuple(dict.fromkeys(spoken(found, "warn"))))
