"""What a Region tells of itself: the answer of every Describe operation, whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.elasticache.models import elasticache_backends

Items = list[dict[str, Any]]
# What is described: the operation, the member of its answer, and how an item is called.
KINDS: Mapping[str, tuple[str, str, str]] = {
    "group": ("describe_replication_groups", "ReplicationGroups", "ReplicationGroupId"),
    "cluster": ("describe_cache_clusters", "CacheClusters", "CacheClusterId"),
    "user": ("describe_users", "Users", "UserId"),
    "user group": ("describe_user_groups", "UserGroups", "UserGroupId"),
    "subnet group": ("describe_cache_subnet_groups", "CacheSubnetGroups", "CacheSubnetGroupName"),
    "parameter group": ("describe_cache_parameter_groups", "CacheParameterGroups", "CacheParameterGroupName"),
    "snapshot": ("describe_snapshots", "Snapshots", "SnapshotName"),
    "serverless cache": ("describe_serverless_caches", "ServerlessCaches", "ServerlessCacheName"),
    "serverless snapshot": (
        "describe_serverless_cache_snapshots",
        "ServerlessCacheSnapshots",
        "ServerlessCacheSnapshotName",
    ),
    "global group": ("describe_global_replication_groups", "GlobalReplicationGroups", "GlobalReplicationGroupId"),
}
_MORE: Mapping[str, dict[str, bool]] = {
    "describe_cache_clusters": {"ShowCacheNodeInfo": True},
    "describe_global_replication_groups": {"ShowMemberInfo": True},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A Region at one moment.

    Args:
        items: what is described, by kind.
        roles: the roles of the nodes of each shard, which the API shows of some groups alone.
    """

    items: Mapping[str, Items]
    roles: Mapping[str, tuple[str, ...]]

    def names(self, kind: str) -> list[str]:
        """Return what the things of a kind are called."""
        return [str(item[KINDS[kind][2]]) for item in self.items[kind]]


def look(client: Any, account_id: str) -> Seen:
    """Ask a Region for everything."""
    items: dict[str, Items] = {}
    for kind, (operation, member, _) in KINDS.items():
        pages = client.get_paginator(operation).paginate(**_MORE.get(operation, {}))
        items[kind] = [item for page in pages for item in page[member]]
    backend: Any = elasticache_backends[account_id][client.meta.region_name]
    roles = {
        f"{group.replication_group_id}/{shard.node_group_id}": tuple(node.role for node in shard.members)
        for group in backend.region.replication_groups.values()
        for shard in group.node_groups
    }
    return Seen(items, roles)
