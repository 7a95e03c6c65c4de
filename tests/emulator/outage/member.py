"""What the API says of the nodes of the group `orders`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.emulator.wire import available, until


@dataclass(frozen=True, slots=True)
class Seen:
    """A node as it is described."""

    role: str
    zone: str
    status: str
    address: str


def members(api: Any) -> dict[str, Seen]:
    """Describe each node by its cache cluster id."""
    (node_group,) = available(api)["NodeGroups"]
    statuses = {
        item["CacheClusterId"]: item["CacheClusterStatus"] for item in api.describe_cache_clusters()["CacheClusters"]
    }
    return {
        item["CacheClusterId"]: Seen(
            item["CurrentRole"],
            item["PreferredAvailabilityZone"],
            statuses[item["CacheClusterId"]],
            item["ReadEndpoint"]["Address"],
        )
        for item in node_group["NodeGroupMembers"]
    }


def whole(api: Any) -> dict[str, Seen]:
    """Wait until every node is available and no failover goes on."""
    until(lambda: available(api)["NodeGroups"][0]["Status"], "available".__eq__)
    return until(lambda: members(api), lambda seen: all(node.status == "available" for node in seen.values()))


def primary_of(api: Any) -> str:
    """Name the primary."""
    return next(name for name, node in members(api).items() if node.role == "primary")


def replicas_of(api: Any) -> list[str]:
    """Name the replicas."""
    return [name for name, node in members(api).items() if node.role == "replica"]
