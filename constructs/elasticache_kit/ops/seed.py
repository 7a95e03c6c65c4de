"""Seeds: the data that a new replication group starts with, and what it is like where nothing else is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.errors import NotFoundError
from elasticache_kit.model.replication_group.properties import properties
from elasticache_kit.ops import inventory, snapshot
from elasticache_kit.ops.session import Session, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.export import Manifest
    from elasticache_kit.ops.snapshot import Snapshot

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seed:
    """Where the data come from, and what the new group is like where nothing else is said.

    Args:
        name: the snapshot, or the export in S3.
        data: the members of CreateReplicationGroup that name the data.
        engine: `valkey` or `redis`.
        engine_version: the version that the cache ran.
        cache_node_type: the node type of the cache.
        slots: the slots of each node group; None each without cluster mode.
        replicas: the replicas of each node group.
        settings: what else the group that it was taken of had, as CreateReplicationGroup names it.
        auth_token: whether clients of that group send an AUTH token.
        digest: the digest that it bears; None where it bears none.
    """

    name: str
    data: Document
    engine: str
    engine_version: str
    cache_node_type: str
    slots: tuple[str | None, ...]
    replicas: int
    settings: Document
    auth_token: bool = False
    digest: str | None = None


def from_snapshot(session: Session, taken: Snapshot) -> Seed:
    """Look at a snapshot and, where it is still there, at the group that it was taken of.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    settings, auth_token = _settings(session, taken.replication_group_id)
    if not settings:
        settings = {
            "CacheParameterGroupName": taken.parameter_group,
            "CacheSubnetGroupName": taken.subnet_group,
            **_secure(),
        }
    replicas = max((shard.replica_count or 0 for shard in taken.shards), default=0)
    return Seed(
        name=taken.name,
        data={"SnapshotName": taken.name},
        engine=taken.engine,
        engine_version=taken.engine_version,
        cache_node_type=taken.cache_node_type,
        slots=tuple(shard.slots for shard in taken.shards),
        replicas=max(replicas, 1 if taken.automatic_failover else 0),
        settings=settings,
        auth_token=auth_token,
        digest=snapshot.tagged_digest(session, taken.arn),
    )


def from_export(exported: Manifest) -> Seed:
    """Return an export in S3 as a source; the new group is secure by default, and AWS's own settings else."""
    return Seed(
        name=f"s3://{exported.bucket}/{exported.name}",
        data={"SnapshotArns": list(exported.arns)},
        engine=exported.engine,
        engine_version=exported.engine_version,
        cache_node_type=exported.cache_node_type,
        slots=exported.slots,
        replicas=1,
        settings=_secure(),
        digest=exported.digest,
    )


def _secure() -> dict[str, Any]:
    return {"TransitEncryptionEnabled": True, "AtRestEncryptionEnabled": True}


def _settings(session: Session, group_id: str | None) -> tuple[Document, bool]:
    """Return what the group of a snapshot has, as far as it is still there, and whether it has an AUTH token."""
    if group_id is None:
        return {}, False
    try:
        group = cast("Document", inventory.description(session, group_id))
    except NotFoundError:
        return {}, False
    members: list[str] = group.get("MemberClusters") or []
    found: Document = {}
    with reaching():
        pages = session.ask.get_paginator("describe_cache_clusters").paginate()
        records = [cast("Document", item) for page in pages for item in page["CacheClusters"]]
        found = next((item for item in records if item.get("CacheClusterId") in members), found)
    return properties(group, found), bool(group.get("AuthTokenEnabled"))
