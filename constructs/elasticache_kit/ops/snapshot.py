"""Snapshots of replication groups: what there is, and the states that they reach.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError
from elasticache_kit.ops import content, target
from elasticache_kit.ops.plan import Seen, State, Wait
from elasticache_kit.ops.session import Session, code, reaching

Document = Mapping[str, Any]

# A snapshot of a large node takes hours.
TIMEOUT_SECONDS = 4 * 3600.0
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
    return tuple(sorted(found, key=age))


def age(item: Snapshot) -> tuple[float, str]:
    """Return what sorts snapshots, the oldest first."""
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
