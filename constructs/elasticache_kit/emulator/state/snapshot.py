"""Snapshots of replication groups and cache clusters."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from elasticache_kit.emulator.state.moment import now


@dataclass(frozen=True, slots=True)
class NodeSnapshot:
    """The part of a snapshot that one node gave.

    Args:
        cache_cluster_id: the node.
        node_group_id: the shard that it was of; None for a cache cluster.
        slots: the slots of that shard; None where cluster mode is disabled.
        replica_count: how many replicas the shard had.
        zones: the zones of the shard's nodes, that of the primary first.
        created: when the node was made.
        data: the RDB file; None where no engine stood behind the node.
    """

    cache_cluster_id: str
    node_group_id: str | None
    slots: str | None
    replica_count: int
    zones: tuple[str | None, ...]
    created: dt.datetime
    data: Path | None = None


@dataclass(slots=True)
class Snapshot:
    """A snapshot.

    Args:
        snapshot_name: its name, in lower case.
        arn: its ARN.
        source: `manual` or `automated`.
        replication_group_id: the group that it was taken of.
        cache_cluster_id: the cluster that it was taken of.
        engine: the engine of that cache.
        cache_node_type: the node type of that cache.
        configuration: how that cache was set, as DescribeSnapshots shows it.
        nodes: what each node gave.
        kms_key_id: the key that it is encrypted with.
        status: `creating`, `available`, `copying`, `restoring` or `deleting`.
        created: when it was taken.
        expires: when an automatic snapshot goes, None for one that stays.
    """

    snapshot_name: str
    arn: str
    source: Literal["manual", "automated"]
    replication_group_id: str | None
    cache_cluster_id: str | None
    engine: str
    cache_node_type: str
    configuration: dict[str, Any]
    nodes: tuple[NodeSnapshot, ...]
    kms_key_id: str | None = None
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)
    expires: dt.datetime | None = None

    @property
    def has_data(self) -> bool:
        """Whether every node gave its data: without engines there are none."""
        return all(node.data is not None for node in self.nodes)
