"""Memcached clusters as they are observed, and what keeps a drill from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.errors import NotFoundError
from elasticache_kit.ops.inventory import Endpoint
from elasticache_kit.ops.session import reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Memcached cluster as it was observed.

    Args:
        cache_cluster_id: its id.
        status: its status.
        nodes: its nodes by id.
        tls: whether clients use TLS.
        arn: its ARN; empty when the API did not tell.
    """

    cache_cluster_id: str
    status: str
    nodes: Mapping[str, Endpoint]
    tls: bool
    arn: str = ""


def observe(session: Session, cache_cluster_id: str) -> Cluster:
    """Return a Memcached cluster with its nodes.

    Raises:
        NotFoundError: there is none of that id.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        pages = session.ask.get_paginator("describe_cache_clusters").paginate(ShowCacheNodeInfo=True)
        clusters = [cluster for page in pages for cluster in page["CacheClusters"]]
    record = next((each for each in clusters if each.get("CacheClusterId") == cache_cluster_id), None)
    if record is None:
        others = sorted(str(each.get("CacheClusterId")) for each in clusters if each.get("Engine") == "memcached")
        known = f"there are: {', '.join(others)}" if others else "there is none at all"
        raise NotFoundError(f"there is no Memcached cluster {cache_cluster_id!r} in {session.where}; {known}")
    if record.get("Engine") != "memcached":
        raise NotFoundError(f"{cache_cluster_id} runs {record.get('Engine')}, and this drill is about Memcached")
    nodes = {
        node.get("CacheNodeId", ""): Endpoint(endpoint.get("Address", ""), endpoint.get("Port", 11211))
        for node in record.get("CacheNodes", [])
        if (endpoint := node.get("Endpoint")) is not None
    }
    status = record.get("CacheClusterStatus", "unknown")
    return Cluster(
        cache_cluster_id, status, nodes, record.get("TransitEncryptionEnabled", False), record.get("ARN", "")
    )


def refusals(cluster: Cluster) -> tuple[str, ...]:
    """Return every reason why a node of a cluster cannot be rebooted for a drill."""
    reasons: list[str] = []
    if cluster.status != "available":
        reasons.append(f"its status is {cluster.status!r}, and it must be 'available': wait for it")
    if len(cluster.nodes) < 2:  # noqa: PLR2004 - one that goes and one that stays
        reasons.append("it has one node, and with it everything goes: there is nothing to compare")
    return tuple(reasons)
