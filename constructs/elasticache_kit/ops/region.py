"""All caches of a Region: replication groups, cache clusters of their own, serverless caches, what is due for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import ConnectionFailedError, NotOfferedError
from elasticache_kit.ops import inventory, pressure
from elasticache_kit.ops.session import Session, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.pressure import Pressure

Document = Mapping[str, Any]

# What an update is before it has come to an end.
_DUE = ("not-applied", "waiting-to-start", "in-progress", "stopping", "stopped", "scheduling", "scheduled")
_REGIONS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class CacheCluster:
    """A cache cluster that belongs to no replication group: Memcached, or a single node of Redis OSS.

    Args:
        cache_cluster_id: its id.
        status: `available`, `modifying`, ...
        engine: `memcached` or `redis`.
        engine_version: the version that it runs.
        cache_node_type: for example `cache.r7g.large`.
        nodes: the id, the zone and the status of each node.
        transit_encryption: whether clients use TLS.
        at_rest_encryption: whether disks and snapshots are encrypted.
        snapshot_retention_limit: days that automatic snapshots are kept; 0 is none.
        arn: its ARN.
    """

    cache_cluster_id: str
    status: str
    engine: str
    engine_version: str
    cache_node_type: str
    nodes: tuple[tuple[str, str, str], ...]
    transit_encryption: bool
    at_rest_encryption: bool
    snapshot_retention_limit: int
    arn: str


@dataclass(frozen=True, slots=True)
class ServerlessCache:
    """A serverless cache; it is encrypted at rest and in transit always, over several zones.

    Args:
        serverless_cache_name: its name.
        status: `available`, `modifying`, ...
        engine: `valkey`, `redis` or `memcached`.
        engine_version: the full version that it runs.
        endpoint: its address and port; None while it has none.
        snapshot_retention_limit: daily snapshots that are kept; 0 is none.
        user_group_id: whose users may sign in; None where everybody may.
        arn: its ARN.
    """

    serverless_cache_name: str
    status: str
    engine: str
    engine_version: str
    endpoint: str | None
    snapshot_retention_limit: int
    user_group_id: str | None
    arn: str


@dataclass(frozen=True, slots=True)
class UpdateDue:
    """A service update that a cache has not got yet.

    Args:
        cache_id: the replication group or cache cluster.
        name: the update.
        severity: `critical`, `important`, `medium` or `low`.
        status: `not-applied`, `waiting-to-start`, ...
        recommended_by: when AWS wants it to be applied; None where it does not say.
    """

    cache_id: str
    name: str
    severity: str
    status: str
    recommended_by: datetime | None


@dataclass(frozen=True, slots=True)
class Region:
    """What there is in a Region.

    Args:
        name: the Region.
        replication_groups: ordered by id.
        cache_clusters: those outside of replication groups, ordered by id.
        serverless_caches: ordered by name.
        updates: service updates that are due.
        pressures: what CloudWatch tells beyond the thresholds of AWS's recommended alarms.
        unknown: what could not be asked, each with the reason.
    """

    name: str
    replication_groups: tuple[ReplicationGroup, ...] = ()
    cache_clusters: tuple[CacheCluster, ...] = ()
    serverless_caches: tuple[ServerlessCache, ...] = ()
    updates: tuple[UpdateDue, ...] = ()
    pressures: tuple[Pressure, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is no cache."""
        return not (self.replication_groups or self.cache_clusters or self.serverless_caches)


def observe(session: Session) -> Region:
    """Look at all caches of a Region.

    What an API does not offer or permit beyond replication groups is left out and named in `unknown`.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    groups = inventory.replication_groups(session)
    unknown: list[str] = []

    def asked(what: str, look: Callable[[], Any]) -> Any:
        try:
            with reaching():
                return look()
        except (NotOfferedError, ClientError, ConnectionFailedError) as error:
            unknown.append(f"{what}: {error}")
            return ()

    clusters: tuple[CacheCluster, ...] = asked("cache clusters", lambda: tuple(cache_clusters(session)))
    serverless: tuple[ServerlessCache, ...] = asked("serverless caches", lambda: tuple(_serverless(session)))
    caches = bool(groups or clusters)
    updates: tuple[UpdateDue, ...] = asked("service updates", lambda: tuple(update_actions(session))) if caches else ()
    pressures: tuple[Pressure, ...] = (
        asked("metrics", lambda: pressure.observe(session, _nodes(groups, clusters))) if caches else ()
    )
    return Region(session.region, groups, clusters, serverless, updates, pressures, tuple(unknown))


def everywhere(session: Session) -> tuple[Region, ...]:
    """Look at all caches of every Region of the partition; those where nothing could be asked say so.

    A Region that the account has not enabled refuses the credentials and comes back with the reason in `unknown`.
    """
    factory: Any = session.factory
    names: list[str] = sorted(factory.get_available_regions("elasticache", partition_name=_partition(session)))

    def look(name: str) -> Region:
        try:
            return observe(session.elsewhere(name))
        except (ConnectionFailedError, NotOfferedError) as error:
            return Region(name, unknown=(f"everything: {error}",))

    with ThreadPoolExecutor(_REGIONS_AT_ONCE) as pool:
        return tuple(pool.map(look, names))


def _partition(session: Session) -> str:
    if session.region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if session.region.startswith("us-gov-") else "aws"


def cache_clusters(session: Session) -> Iterator[CacheCluster]:
    """Yield the cache clusters outside of replication groups, ordered by id."""
    pages = session.ask.get_paginator("describe_cache_clusters").paginate(ShowCacheNodeInfo=True)
    records: list[Document] = [record for page in pages for record in page["CacheClusters"]]
    for record in sorted(records, key=lambda item: str(item["CacheClusterId"])):
        if record.get("ReplicationGroupId"):
            continue
        nodes: list[Document] = record.get("CacheNodes") or []
        zone = record.get("PreferredAvailabilityZone", "")
        yield CacheCluster(
            cache_cluster_id=record["CacheClusterId"],
            status=record.get("CacheClusterStatus", "unknown"),
            engine=record.get("Engine", ""),
            engine_version=record.get("EngineVersion", ""),
            cache_node_type=record.get("CacheNodeType", ""),
            nodes=tuple(
                (
                    str(node.get("CacheNodeId")),
                    str(node.get("CustomerAvailabilityZone") or zone),
                    str(node.get("CacheNodeStatus") or "unknown"),
                )
                for node in nodes
            ),
            transit_encryption=bool(record.get("TransitEncryptionEnabled")),
            at_rest_encryption=bool(record.get("AtRestEncryptionEnabled")),
            snapshot_retention_limit=record.get("SnapshotRetentionLimit") or 0,
            arn=record.get("ARN", ""),
        )


def _serverless(session: Session) -> Iterator[ServerlessCache]:
    pages = session.ask.get_paginator("describe_serverless_caches").paginate()
    records: list[Document] = [record for page in pages for record in page["ServerlessCaches"]]
    for record in sorted(records, key=lambda item: str(item["ServerlessCacheName"])):
        endpoint: Document = record.get("Endpoint") or {}
        yield ServerlessCache(
            serverless_cache_name=record["ServerlessCacheName"],
            status=record.get("Status", "unknown"),
            engine=record.get("Engine", ""),
            engine_version=record.get("FullEngineVersion") or record.get("MajorEngineVersion") or "",
            endpoint=f"{endpoint['Address']}:{endpoint.get('Port')}" if endpoint.get("Address") else None,
            snapshot_retention_limit=record.get("SnapshotRetentionLimit") or 0,
            user_group_id=record.get("UserGroupId"),
            arn=record.get("ARN", ""),
        )


def update_actions(session: Session, statuses: Sequence[str] = _DUE) -> Iterator[UpdateDue]:
    """Yield how far service updates are on caches.

    Args:
        session: where to ask.
        statuses: which count; those of updates that have not come to an end when omitted, all when empty.
    """
    given: dict[str, Any] = {"UpdateActionStatus": list(statuses)} if statuses else {}
    pages: Any = session.ask.get_paginator("describe_update_actions")
    for page in pages.paginate(ServiceUpdateStatus=["available"], **given):
        for record in page["UpdateActions"]:
            yield UpdateDue(
                cache_id=record.get("ReplicationGroupId") or record.get("CacheClusterId") or "",
                name=record.get("ServiceUpdateName", ""),
                severity=record.get("ServiceUpdateSeverity", ""),
                status=record.get("UpdateActionStatus", ""),
                recommended_by=record.get("ServiceUpdateRecommendedApplyByDate"),
            )


def _nodes(
    groups: tuple[ReplicationGroup, ...], clusters: tuple[CacheCluster, ...]
) -> tuple[tuple[str, str, str], ...]:
    """Return the id, the node type and the engine of what CloudWatch has metrics of."""
    nodes = [(m.cache_cluster_id, group.cache_node_type, group.engine) for group in groups for m in group.members]
    return (*nodes, *((item.cache_cluster_id, item.cache_node_type, item.engine) for item in clusters))
