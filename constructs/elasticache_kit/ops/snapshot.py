"""Snapshots of replication groups: take, copy, list, prune.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.model import snapshot as rulebook
from elasticache_kit.model.quota import quotas
from elasticache_kit.ops import content, target
from elasticache_kit.ops.content import Access, Comparison
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Act, Call, Deferred, Plan, Say, Seen, State, Step, Wait
from elasticache_kit.ops.session import Session, code, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.wait import Clock

Document = Mapping[str, Any]

# A snapshot of a large node takes hours.
TIMEOUT_SECONDS = 4 * 3600.0
_DAY = timedelta(hours=24)
# Sorts what has no date yet behind what has one.
_LAST = float("inf")
# What passes by itself.
_PASSING = frozenset({"creating", "copying", "exporting", "restoring"})
_NOT_FOUND = frozenset({"SnapshotNotFoundFault", "SnapshotNotFound"})


@dataclass(frozen=True, slots=True)
class Shard:
    """What a snapshot holds of one node group.

    Args:
        node_group_id: for example `0001`.
        slots: its hash slots; None without cluster mode.
        replica_count: the replicas that it had; None when the API did not tell.
        size: of the data as the API words it, for example `3 MB`; empty when it did not tell.
    """

    node_group_id: str
    slots: str | None
    replica_count: int | None
    size: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot as DescribeSnapshots tells it.

    Args:
        name: its name.
        status: `creating`, `available`, `copying`, `exporting`, `deleting`, `failed`, ...
        source: `manual` or `automated`.
        replication_group_id: the group that it was taken of; None where it was a cache cluster.
        created: when; None while it is being taken.
        engine: `valkey` or `redis`.
        engine_version: the version that the cache ran.
        cache_node_type: the node type of the cache.
        parameter_group: the parameter group of the cache.
        subnet_group: the subnet group of the cache.
        automatic_failover: whether it was on.
        kms_key_id: the key that it is encrypted with; None for that of AWS.
        shards: what it holds, by node group.
        arn: its ARN.
    """

    name: str
    status: str
    source: str
    replication_group_id: str | None
    created: datetime | None
    engine: str
    engine_version: str
    cache_node_type: str
    parameter_group: str | None
    subnet_group: str | None
    automatic_failover: bool
    kms_key_id: str | None
    shards: tuple[Shard, ...]
    arn: str

    @property
    def cluster_enabled(self) -> bool:
        """Whether it was taken of a group with cluster mode enabled."""
        return any(shard.slots for shard in self.shards)


def observe(session: Session, replication_group_id: str | None = None) -> tuple[Snapshot, ...]:
    """Return the snapshots of a group, or of the Region, the oldest first.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    given: Any = {"ReplicationGroupId": replication_group_id} if replication_group_id else {}
    with reaching():
        pages = session.ask.get_paginator("describe_snapshots").paginate(**given, ShowNodeGroupConfig=True)
        found = [_snapshot(record) for page in pages for record in page["Snapshots"]]
    return tuple(sorted(found, key=_age))


def _age(item: Snapshot) -> tuple[float, str]:
    return (item.created.timestamp() if item.created else _LAST, item.name)


def find(session: Session, name: str) -> Snapshot | None:
    """Return a snapshot by name, or None.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        try:
            page = session.ask.describe_snapshots(SnapshotName=name, ShowNodeGroupConfig=True)
        except ClientError as error:
            if code(error) not in _NOT_FOUND:
                raise
            return None
    return next((_snapshot(record) for record in page["Snapshots"]), None)


def named(session: Session, name: str) -> Snapshot:
    """Return a snapshot by name.

    Raises:
        NotFoundError: there is none.
        ConnectionFailedError: the API cannot be reached.
    """
    found = find(session, name)
    if found is None:
        raise NotFoundError(f"there is no snapshot {name!r} in {session.where}: `snapshot list` shows those that are")
    return found


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
    newest = sorted((item for item in manual if item.status == target.AVAILABLE), key=_age, reverse=True)
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


def exists(name: str) -> State:
    """Return the state in which there is a snapshot of a name."""
    return State(f"there is a snapshot {name}", lambda session: Seen(find(session, name) is not None))


def missing(name: str) -> State:
    """Return the state in which there is no snapshot of a name."""
    return State(f"there is no snapshot {name}", lambda session: Seen(find(session, name) is None))


def available(name: str) -> State:
    """Return the state in which a snapshot can be used."""

    def look(session: Session) -> Seen:
        found = find(session, name)
        status = found.status if found else "not there yet"
        failed = f"the snapshot {name} has failed: the events of the group say why" if status == "failed" else None
        return Seen(status == target.AVAILABLE, f"snapshot {name} {status}", failed)

    return State(f"the snapshot {name} is available", look)


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


def tagged_digest(session: Session, arn: str) -> str | None:
    """Return the digest that a snapshot bears; None where it bears none."""
    with reaching():
        tags = session.ask.list_tags_for_resource(ResourceName=arn).get("TagList", [])
    value = next((tag.get("Value") for tag in tags if tag.get("Key") == content.TAG), None)
    return None if value == "not read" else value


def usable(source: Snapshot) -> list[str]:
    """Return why a snapshot can never be used; nothing where it can, if need be later."""
    if source.status in _PASSING or source.status == target.AVAILABLE:
        return []
    return [f"the status of the snapshot is {source.status!r}, from which it does not become 'available'"]


def beginning(source: Snapshot, timeout_seconds: float) -> tuple[Wait, ...]:
    """Return the step that waits for the end of what goes on with a snapshot; none where nothing does."""
    return () if source.status == target.AVAILABLE else (Wait(available(source.name), timeout_seconds),)


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


def _snapshot(record: Any) -> Snapshot:
    nodes: list[Document] = record.get("NodeSnapshots") or []
    created = [node["SnapshotCreateTime"] for node in nodes if node.get("SnapshotCreateTime")]
    return Snapshot(
        name=record.get("SnapshotName", ""),
        status=record.get("SnapshotStatus", "unknown"),
        source=record.get("SnapshotSource", ""),
        replication_group_id=record.get("ReplicationGroupId"),
        created=min(created, default=None),
        engine=record.get("Engine") or "redis",
        engine_version=record.get("EngineVersion", ""),
        cache_node_type=record.get("CacheNodeType", ""),
        parameter_group=record.get("CacheParameterGroupName"),
        subnet_group=record.get("CacheSubnetGroupName"),
        automatic_failover=record.get("AutomaticFailover") in {"enabled", "enabling"},
        kms_key_id=record.get("KmsKeyId"),
        shards=tuple(_shard(node) for node in nodes),
        arn=record.get("ARN", ""),
    )


def _shard(node: Document) -> Shard:
    shape: Document = node.get("NodeGroupConfiguration") or {}
    return Shard(
        node_group_id=node.get("NodeGroupId") or shape.get("NodeGroupId") or "0001",
        slots=shape.get("Slots") or None,
        replica_count=shape.get("ReplicaCount"),
        size=node.get("CacheSize", ""),
    )
