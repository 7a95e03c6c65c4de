"""Backups: taking, copying and pruning snapshots of replication groups.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-manual.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from elasticache_kit.errors import RefusedError
from elasticache_kit.model import snapshot as rulebook
from elasticache_kit.model.quota import quotas
from elasticache_kit.ops import content, target
from elasticache_kit.ops.content import Access, Comparison
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Act, Call, Deferred, Plan, Say, Step, Wait
from elasticache_kit.ops.snapshot import TIMEOUT_SECONDS, Snapshot, age, available, beginning, exists, missing, usable

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock

_DAY = timedelta(hours=24)


def create(
    group: ReplicationGroup,
    name: str,
    present: Sequence[Snapshot],
    now: datetime,
    *,
    digest: Access | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Plan:
    """Plan a manual snapshot of a group.

    Args:
        group: the group as it is.
        name: the name of the snapshot.
        present: all snapshots of the Region.
        now: what the quota of 24 hours is counted from.
        digest: how to get in to read all keys first; the snapshot bears the digest then. None is read when omitted.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be taken; the message has every reason.
    """
    group_id = group.replication_group_id
    operation = f"snapshot {name} of {group_id}"
    taken = next((item for item in present if item.name == name.lower()), None)
    reasons = list(_create_refusals(group, name, present, now)) if taken is None else []
    if taken is not None and taken.replication_group_id != group_id:
        reasons.append(f"there is a snapshot {name} of {taken.replication_group_id} already: choose another name")
    if reasons:
        raise RefusedError(operation, reasons)
    if taken is not None and taken.status == target.AVAILABLE:
        return Plan(operation, ())
    steps: list[Step] = list(target.beginning(group, timeout_seconds)) if taken is None else []
    call: tuple[tuple[str, object], ...] = (("ReplicationGroupId", group_id), ("SnapshotName", name))
    if digest is not None and taken is None:
        comparison = Comparison()
        steps.append(reading(group_id, digest, comparison, before=True))
        value = Deferred("the digest", lambda _: comparison.before or "not read")
        call = (*call, ("Tags", [{"Key": content.TAG, "Value": value}]))
    steps.append(Call("CreateSnapshot", call, done=exists(name)))
    steps.append(Wait(available(name), timeout_seconds, (group_id,)))
    steps.append(Wait(target.settled(group_id, "the snapshot has ended", lambda _: True), timeout_seconds))
    notes = ["AWS takes 20 manual snapshots of a node in 24 hours", *_named(name, "warn")]
    if any(len(item.members) == 1 for item in group.node_groups):
        notes.append("there is no replica to take it from: writes of the primary may be delayed while it runs")
    if digest is not None:
        notes.append("the digest is of the snapshot only if nobody writes between the two")
    return Plan(operation, tuple(steps), tuple(notes))


def copy(
    source: Snapshot,
    name: str,
    present: Snapshot | None,
    *,
    kms_key_id: str | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Plan:
    """Plan the copy of a snapshot under another name in the same Region.

    Args:
        source: the snapshot.
        name: the name of the copy.
        present: the snapshot of that name that is there already, if one is.
        kms_key_id: the key to encrypt it with; that of the source when omitted.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be copied; the message has every reason.
    """
    operation = f"copy of snapshot {source.name} to {name}"
    reasons = [*_named(name), *usable(source)]
    if present is not None and present.replication_group_id != source.replication_group_id:
        reasons.append(f"there is a snapshot {name} of {present.replication_group_id} already: choose another name")
    if reasons:
        raise RefusedError(operation, reasons)
    if present is not None and present.status == target.AVAILABLE:
        return Plan(operation, ())
    call: tuple[tuple[str, object], ...] = (("SourceSnapshotName", source.name), ("TargetSnapshotName", name))
    call = (*call, ("KmsKeyId", kms_key_id)) if kms_key_id else call
    steps = (Call("CopySnapshot", call, done=exists(name)), Wait(available(name), timeout_seconds))
    return Plan(operation, (*beginning(source, timeout_seconds), *steps), tuple(_named(name, "warn")))


def prune(
    group_id: str, present: Sequence[Snapshot], now: datetime, *, keep: int, older_than: timedelta | None = None
) -> Plan:
    """Plan the removal of manual snapshots of a group; automatic ones AWS removes itself.

    Args:
        group_id: the replication group.
        present: its snapshots.
        now: what age is counted from.
        keep: how many of the newest stay, whatever their age.
        older_than: only what is older goes; all but those kept when omitted.
    """
    manual = [item for item in present if item.source == "manual" and item.replication_group_id == group_id]
    newest = sorted((item for item in manual if item.status == target.AVAILABLE), key=age, reverse=True)
    gone = [item for item in newest[keep:] if older_than is None or (item.created and now - item.created > older_than)]
    # One that failed holds nothing, and counts against the quota.
    gone += [item for item in manual if item.status == "failed"]
    steps = tuple(
        Call("DeleteSnapshot", (("SnapshotName", item.name),), done=missing(item.name)) for item in reversed(gone)
    )
    left = [item.name for item in newest if item not in gone]
    return Plan(
        f"removal of {len(gone)} manual snapshots of {group_id}", steps, (f"these stay: {', '.join(left) or 'none'}",)
    )


def reading(group_id: str, access: Access, comparison: Comparison, *, before: bool) -> Act:
    """Return the step that reads the content of a group; where it cannot be read, it says so and goes on."""

    def act(session: Session, say: Say, _clock: Clock) -> None:
        try:
            found = content.read(replication_group(session, group_id), access, say).text
        except content.NotReadError as error:
            comparison.why = str(error)
            say(f"no digest: {error}")
            return
        if before:
            comparison.before = found
        else:
            comparison.after = found
        say(f"digest: {found}")

    return Act(f"read all keys of {group_id} for a digest, where it can be reached", act)


def _named(name: str, level: str = "error") -> Iterator[str]:
    # The source is no matter of the name: any one keeps the rule quiet that asks for one.
    spec = rulebook.SnapshotSpec(snapshot_name=name, replication_group_id="x")
    yield from target.spoken(rulebook.check(spec), level)


def _create_refusals(group: ReplicationGroup, name: str, present: Sequence[Snapshot], now: datetime) -> Iterator[str]:
    spec = rulebook.SnapshotSpec(
        snapshot_name=name,
        replication_group_id=group.replication_group_id,
        source_engine=group.engine,
        source_cache_node_type=group.cache_node_type,
        source_cluster_mode_enabled=group.cluster_enabled,
    )
    yield from target.spoken(rulebook.check(spec))
    if stuck := target.failure(group):
        yield stuck
    limit = quotas()["manual-snapshots-per-day-node"].value
    recent = [
        item.created
        for item in present
        if item.source == "manual" and item.replication_group_id == group.replication_group_id
        if item.created is not None and item.created > now - _DAY
    ]
    if len(recent) >= limit:
        free = sorted(recent)[-limit] + _DAY
        yield (
            f"{limit} manual snapshots were taken in 24 hours, AWS takes no more: wait until {free:%Y-%m-%d %H:%M} UTC"
        )
