"""Cache clusters that belong to no replication group: Memcached, and single nodes of Redis OSS."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.state.moment import now

if TYPE_CHECKING:
    from elasticache_kit.emulator.state.topic import Topic
    from elasticache_kit.model.cache_cluster import CacheClusterSpec

MEMCACHED_PORT = 11211
REDIS_PORT = 6379


@dataclass(slots=True)
class CacheNode:
    """A node of a cache cluster: `0001` and so on."""

    cache_node_id: str
    availability_zone: str
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)
    reboot_pending: bool = False


@dataclass(slots=True)
class CacheCluster:
    """A cache cluster as it stands.

    Args:
        cache_cluster_id: its id, in lower case.
        arn: its ARN.
        spec: what was asked for.
        engine_version: the version that runs.
        parameter_group_name: its parameter group.
        nodes: its nodes.
        snapshot_window: when the daily snapshot is taken.
        maintenance_window: when pending changes are made.
        status: what DescribeCacheClusters calls it.
        created: when it was made.
        topic: where its events are published, None for nowhere.
        pending: fields of the spec that change in the next maintenance window.
        pending_since: when they were asked for.
        removing: the nodes that go with the pending change.
        new_zones: where the nodes are made that come with it.
        last_automatic_snapshot: when the last daily snapshot was due.
    """

    cache_cluster_id: str
    arn: str
    spec: CacheClusterSpec
    engine_version: str
    parameter_group_name: str
    nodes: list[CacheNode]
    snapshot_window: str
    maintenance_window: str
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)
    topic: Topic | None = None
    pending: dict[str, Any] = field(default_factory=dict[str, Any])
    pending_since: dt.datetime | None = None
    removing: tuple[str, ...] = ()
    new_zones: tuple[str, ...] = ()
    last_automatic_snapshot: dt.datetime | None = None

    @property
    def engine(self) -> str:
        """`memcached` or `redis`."""
        return str(self.spec.engine)

    @property
    def port(self) -> int:
        """The port of every node."""
        if isinstance(self.spec.port, int):
            return self.spec.port
        return MEMCACHED_PORT if self.engine == "memcached" else REDIS_PORT
