"""Service updates: what AWS offers for caches, and applying it.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Self-Service-Updates.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops.plan import Act, Plan, Say, Seen, State, Wait
from elasticache_kit.ops.region import UpdateDue, update_actions
from elasticache_kit.ops.session import Session, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.wait import Clock

# AWS applies an update to node after node; large groups take hours.
TIMEOUT_SECONDS = 8 * 3600.0
_COMPLETE = "complete"
_GOES_ON = frozenset({"waiting-to-start", "in-progress", "scheduling", "scheduled"})
_MOST_AT_ONCE = 20


def due(session: Session) -> tuple[UpdateDue, ...]:
    """Return the updates that caches have not got yet.

    Raises:
        NotOfferedError: the API has none, as moto alone.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        return tuple(update_actions(session))


def plan(
    name: str,
    cache_ids: Sequence[str],
    present: Sequence[UpdateDue],
    groups: Sequence[str],
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Plan:
    """Plan to apply an update to caches.

    Args:
        name: the update.
        cache_ids: the replication groups and cache clusters; all for which it is due when empty.
        present: what is due.
        groups: the ids of all replication groups, which the API takes apart from clusters.
        timeout_seconds: how long to wait; 8 hours when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    for_it = {item.cache_id: item.status for item in present if item.name == name}
    asked = list(cache_ids) or sorted(for_it)
    operation = f"service update {name}{' of ' if asked else ''}{', '.join(asked)}"
    reasons = list(_refusals(name, asked, for_it, present))
    if reasons:
        raise RefusedError(operation, reasons)
    left = [item for item in asked if for_it[item] not in _GOES_ON]
    steps = [_apply(name, part, groups) for part in _parts(left)]
    wait = Wait(_done(name, asked), timeout_seconds, tuple(asked))
    note = "ElastiCache replaces the nodes one after the other and fails over to the new ones: clients reconnect"
    return Plan(operation, (*steps, wait), (note,))


def _refusals(
    name: str, asked: Sequence[str], for_it: Mapping[str, str], present: Sequence[UpdateDue]
) -> Iterator[str]:
    if not for_it:
        names = sorted({item.name for item in present})
        yield f"no cache has the update {name!r} to come: due are {', '.join(names) or 'none'}"
        return
    for item in asked:
        if item not in for_it:
            yield f"{item} has not got this update to come: {', '.join(sorted(for_it))} have"
        elif for_it[item] == "stopping":
            yield f"the update of {item} is being stopped: wait for that"


def _apply(name: str, ids: Sequence[str], groups: Sequence[str]) -> Act:
    of_groups, of_clusters = [i for i in ids if i in groups], [i for i in ids if i not in groups]
    given: dict[str, Any] = {"ServiceUpdateName": name}
    given |= {"ReplicationGroupIds": of_groups} if of_groups else {}
    given |= {"CacheClusterIds": of_clusters} if of_clusters else {}

    def act(session: Session, _say: Say, _clock: Clock) -> None:
        with reaching():
            answer: Mapping[str, Any] = session.changing("elasticache").batch_apply_update_action(**given)
        left: list[Mapping[str, Any]] = answer.get("UnprocessedUpdateActions") or []
        if left:
            told = [
                f"{item.get('ReplicationGroupId') or item.get('CacheClusterId')}: {item.get('ErrorMessage', '')}"
                for item in left
            ]
            raise RefusedError(f"service update {name}", told)

    return Act(f"call BatchApplyUpdateAction with ServiceUpdateName={name}, for {', '.join(ids)}", act)


def _done(name: str, ids: Sequence[str]) -> State:
    def look(session: Session) -> Seen:
        with reaching():
            found = {
                item.cache_id: item.status
                for item in update_actions(session, statuses=())
                if item.name == name and item.cache_id in ids
            }
        failed = [f"the update of {key} is {value}" for key, value in found.items() if value == "stopped"]
        reached = all(found.get(item) == _COMPLETE for item in ids)
        text = ", ".join(f"{key} {value}" for key, value in sorted(found.items()))
        return Seen(reached, text, failed[0] if failed else None)

    return State(f"the update of {', '.join(ids)} is complete", look)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _MOST_AT_ONCE):
        yield ids[start : start + _MOST_AT_ONCE]
