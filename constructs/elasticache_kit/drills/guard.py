"""Guard rails: what must hold before a drill may break anything.

Each reads what was observed and returns why the drill is refused; all reasons are told at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp, world
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.route import routes
from elasticache_kit.errors import NotOfferedError, RefusedError
from elasticache_kit.model.drill import ALLOWED, TAG
from elasticache_kit.ops import event, ledger, snapshot
from elasticache_kit.ops.session import reaching

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.world import Other
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session

MAX_LAG_SECONDS = 2.0
_DAY_MINUTES = 24 * 60
_ENABLED = "enabled"
_AVAILABLE = "available"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the guard rails look at.

    Args:
        group: the replication group.
        local: whether it is of a local ElastiCache, which is there to be broken: it needs no tag and no Multi-AZ.
        tags: the group's tags.
        snapshots_running: the names of its snapshots that are being taken.
        lag_seconds: by node group, for how long the replica that is furthest behind has not told that it has all; None
            where the primary has no replica in sync.
        spent: when TestFailover was called in the last 24 hours.
        asked: how many calls of TestFailover the drill makes.
    """

    group: ReplicationGroup
    local: bool
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    snapshots_running: tuple[str, ...] = ()
    lag_seconds: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    spent: tuple[datetime, ...] = ()
    asked: int = 0


def refusals(seen: Observed, *, max_lag_seconds: float = MAX_LAG_SECONDS) -> tuple[str, ...]:
    """Return every reason why a drill may not run; none means that it may.

    Args:
        seen: what was observed.
        max_lag_seconds: how far a replica may be behind; 2 when omitted.
    """
    group = seen.group
    reasons = [*opt_in(seen.tags, local=seen.local), *_rest(group), *_redundancy(seen)]
    reasons += [f"the snapshot {name} is being taken: wait for its end" for name in seen.snapshots_running]
    for name, lag in seen.lag_seconds.items():
        if lag is None:
            reasons.append(f"node group {name} has no replica in sync: wait for one")
        elif lag > max_lag_seconds:
            reasons.append(
                f"a replica of node group {name} is {lag:g} s behind, and at most {max_lag_seconds:g} s are allowed: "
                "wait, or raise --max-lag"
            )
    if seen.asked and (over := ledger.refusal(seen.spent, seen.asked)):
        reasons.append(over)
    return tuple(dict.fromkeys(reasons))


def require(seen: Observed, *, max_lag_seconds: float = MAX_LAG_SECONDS) -> None:
    """Refuse a drill that may not run.

    Raises:
        RefusedError: with every reason.
    """
    reasons = refusals(seen, max_lag_seconds=max_lag_seconds)
    if reasons:
        raise RefusedError(f"a drill on {seen.group.replication_group_id}", reasons)


def observe(session: Session, group: ReplicationGroup, asked: int) -> Observed:
    """Ask the API for what the guard rails look at; the replicas' lag is asked of the nodes, see `lags`.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    spent: tuple[datetime, ...] = ()
    running: tuple[str, ...] = ()
    with suppress(NotOfferedError):
        calls = event.recent(session, minutes=_DAY_MINUTES)
        spent = ledger.calls((), calls, datetime.now(UTC))
    with suppress(NotOfferedError):
        taken = snapshot.observe(session, group.replication_group_id)
        running = tuple(item.name for item in taken if item.status == "creating")
    return Observed(
        group=group,
        local=session.capability is not None,
        tags=tags(session, group.arn),
        snapshots_running=running,
        spent=spent,
        asked=asked,
    )


async def lags(group: ReplicationGroup, access: Access) -> dict[str, float | None]:
    """Ask each primary how far its replicas are behind.

    Raises:
        LostError: a primary cannot be reached.
    """
    found: dict[str, float | None] = {}
    for node_group in group.node_groups:
        keys = key_space("lag", node_group.node_group_id, node_group.slots if group.cluster_enabled else None)
        primary, _ = routes(group, node_group, keys, access)
        try:
            connection = await primary.connect()
        finally:
            await primary.close()
        try:
            (reply,) = await connection.ask(resp.command("INFO", "replication"))
        finally:
            await connection.close()
        found[node_group.node_group_id] = lag(resp.info(reply))
    return found


def lag(fields: Mapping[str, str]) -> float | None:
    """Return the lag of the replica that is furthest behind, or None where none is in sync."""
    replicas = [value for name, value in fields.items() if name.startswith("slave") and name[5:].isdigit()]
    told: list[dict[str, str]] = []
    for replica in replicas:
        pairs = (part.partition("=") for part in replica.split(","))
        told.append({name: value for name, _, value in pairs})
    ready = [float(replica.get("lag", "0")) for replica in told if replica.get("state") == "online"]
    return max(ready) if ready else None


def tags(session: Session, arn: str) -> dict[str, str]:
    """Return the tags of a resource; none where the API does not tell.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    if not arn:
        return {}
    with suppress(NotOfferedError), reaching():
        found = session.ask.list_tags_for_resource(ResourceName=arn).get("TagList", [])
        return {tag.get("Key", ""): tag.get("Value", "") for tag in found}
    return {}


def elsewhere(session: Session, other: Other, *, max_lag_seconds: float = MAX_LAG_SECONDS) -> tuple[str, ...]:
    """Return every reason why the secondary of a global datastore may not take the writes for a drill.

    Args:
        session: where the primary is.
        other: the secondary.
        max_lag_seconds: how far it may be behind, as CloudWatch has it; 2 when omitted. Not asked of a local one.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    reasons = list(refusals(observe(session.elsewhere(other.region), other.group, 0)))
    if session.capability is None:
        behind = world.lag(session, other)
        if behind is None:
            reasons.append(f"CloudWatch does not tell how far it is behind ({world.LAG_METRIC})")
        elif behind > max_lag_seconds:
            reasons.append(
                f"it is {behind:g} s behind its primary, and at most {max_lag_seconds:g} s are allowed: wait, or raise "
                "--max-lag"
            )
    return tuple(f"{other.group.replication_group_id} in {other.region}: {reason}" for reason in reasons)


def opt_in(found: Mapping[str, str], *, local: bool) -> list[str]:
    """Return why the owner of a resource has not allowed drills on it; nothing where that is allowed.

    Args:
        found: the resource's tags.
        local: whether it is of a local ElastiCache, which needs no tag.
    """
    if local or found.get(TAG) == ALLOWED:
        return []
    has = found.get(TAG) or "no such tag"
    return [f"its owner has not allowed drills: tag the group {TAG}={ALLOWED} (it has {has})"]


def _rest(group: ReplicationGroup) -> list[str]:
    reasons: list[str] = []
    if group.status != _AVAILABLE:
        reasons.append(f"its status is {group.status!r}, and it must be {_AVAILABLE!r}: wait for it")
    busy = (m for m in group.members if m.status not in {None, _AVAILABLE})
    reasons += [f"node {m.cache_cluster_id} is {m.status!r}, and it must be {_AVAILABLE!r}: wait for it" for m in busy]
    return reasons


def _redundancy(seen: Observed) -> list[str]:
    group = seen.group
    reasons = [
        f"{name} is {value!r}, and it must be {_ENABLED!r}: set {argument} (ModifyReplicationGroup)"
        for name, value, argument in (
            ("automatic failover", group.automatic_failover, "AutomaticFailoverEnabled"),
            ("Multi-AZ", group.multi_az, "MultiAZEnabled"),
        )
        if value != _ENABLED and not (seen.local and argument == "MultiAZEnabled")
    ]
    alone = (g.node_group_id for g in group.node_groups if len(g.members) < 2)  # noqa: PLR2004 - primary and replica
    return [*reasons, *(f"node group {name} has no replica that could be promoted: add one" for name in alone)]
