"""What exists: ElastiCache's describe calls as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError
from elasticache_kit.model.change import modification
from elasticache_kit.model.property import properties as properties_of
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.replication_group.properties import cluster_mode, properties
from elasticache_kit.ops.group import Endpoint, Member, NodeGroup, ReplicationGroup, Role
from elasticache_kit.ops.session import Session, code, reaching

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import (
        CacheClusterTypeDef,
        EndpointTypeDef,
        NodeGroupMemberTypeDef,
        NodeGroupTypeDef,
        ReplicationGroupTypeDef,
    )

# The records that these calls give, beside the calls themselves.
__all__ = [
    "Endpoint",
    "Member",
    "NodeGroup",
    "ReplicationGroup",
    "Role",
    "description",
    "replication_group",
    "replication_group_ids",
    "replication_groups",
]
_MOST_NAMED = 10
_TYPE = "AWS::ElastiCache::ReplicationGroup"


def replication_group(session: Session, replication_group_id: str) -> ReplicationGroup:
    """Return one replication group with its members.

    Raises:
        NotFoundError: it does not exist; the message names those that do.
        ConnectionFailedError: the API cannot be reached.
    """
    record = description(session, replication_group_id)
    with reaching():
        clusters = _clusters(session, frozenset(record.get("MemberClusters", [])))
    return _replication_group(record, clusters)


def replication_groups(session: Session) -> tuple[ReplicationGroup, ...]:
    """Return all replication groups of a Region with their members, ordered by id.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        records = [
            record
            for page in session.ask.get_paginator("describe_replication_groups").paginate()
            for record in page["ReplicationGroups"]
        ]
        members = frozenset(name for record in records for name in record.get("MemberClusters", []))
        clusters = _clusters(session, members) if members else {}
    return tuple(
        sorted(
            (
                _replication_group(record, {n: clusters[n] for n in record.get("MemberClusters", []) if n in clusters})
                for record in records
            ),
            key=lambda group: group.replication_group_id,
        )
    )


def description(session: Session, replication_group_id: str) -> ReplicationGroupTypeDef:
    """Return one replication group as DescribeReplicationGroups tells it.

    Raises:
        NotFoundError: it does not exist; the message names those that do.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        try:
            page = session.ask.describe_replication_groups(ReplicationGroupId=replication_group_id)
        except ClientError as error:
            if code(error) != "ReplicationGroupNotFoundFault":
                raise
            raise NotFoundError(_unknown(session, replication_group_id)) from error
    return page["ReplicationGroups"][0]


def replication_group_ids(session: Session) -> tuple[str, ...]:
    """Return the ids of all replication groups, sorted.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        pages = session.ask.get_paginator("describe_replication_groups").paginate()
        return tuple(
            sorted(r["ReplicationGroupId"] for p in pages for r in p["ReplicationGroups"] if "ReplicationGroupId" in r)
        )


def _unknown(session: Session, replication_group_id: str) -> str:
    ids = replication_group_ids(session)
    named = ", ".join(ids[:_MOST_NAMED]) + (f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else "")
    exist = f"there are: {named}" if ids else "there is none at all"
    return f"there is no replication group {replication_group_id!r} in {session.where}; {exist}"


def _clusters(session: Session, ids: frozenset[str]) -> dict[str, CacheClusterTypeDef]:
    pages = session.ask.get_paginator("describe_cache_clusters").paginate(ShowCacheNodeInfo=True)
    return {c["CacheClusterId"]: c for page in pages for c in page["CacheClusters"] if c.get("CacheClusterId") in ids}  # pyright: ignore[reportTypedDictNotRequiredAccess] - `in ids` has just proved it


def _replication_group(
    record: ReplicationGroupTypeDef, clusters: Mapping[str, CacheClusterTypeDef]
) -> ReplicationGroup:
    groups = (_node_group(group, clusters) for group in record.get("NodeGroups", []))
    member = next(iter(clusters.values()), cast("CacheClusterTypeDef", {}))
    pending = record.get("PendingModifiedValues", {})
    world = record.get("GlobalReplicationGroupInfo") or {}
    return ReplicationGroup(
        replication_group_id=record.get("ReplicationGroupId", ""),
        status=record.get("Status", "unknown"),
        engine=record.get("Engine") or "redis",
        engine_version=next((c.get("EngineVersion") for c in clusters.values()), None),
        cache_node_type=record.get("CacheNodeType", ""),
        cluster_enabled=record.get("ClusterEnabled", False),
        automatic_failover=record.get("AutomaticFailover", "disabled"),
        multi_az=record.get("MultiAZ", "disabled"),
        transit_encryption=record.get("TransitEncryptionEnabled", False),
        auth_token_enabled=record.get("AuthTokenEnabled", False),
        user_group_ids=tuple(record.get("UserGroupIds", [])),
        configuration_endpoint=_endpoint(record.get("ConfigurationEndpoint")),
        node_groups=tuple(sorted(groups, key=lambda group: group.node_group_id)),
        arn=record.get("ARN", ""),
        cluster_mode=cluster_mode(cast("Mapping[str, Any]", record)),
        spec=_spec(record, member),
        transit_encryption_mode=record.get("TransitEncryptionMode") if record.get("TransitEncryptionEnabled") else None,
        at_rest_encryption=record.get("AtRestEncryptionEnabled", False),
        auth_token_changed=record.get("AuthTokenLastModifiedDate"),
        snapshot_retention_limit=record.get("SnapshotRetentionLimit", 0),
        parameter_group=member.get("CacheParameterGroup", {}).get("CacheParameterGroupName"),
        maintenance_window=member.get("PreferredMaintenanceWindow"),
        pending=_pending(cast("Mapping[str, Any]", pending)),
        resharding_percent=pending.get("Resharding", {}).get("SlotMigration", {}).get("ProgressPercentage"),
        global_replication_group_id=world.get("GlobalReplicationGroupId"),
        global_role=(world.get("GlobalReplicationGroupMemberRole") or "").lower() or None,
        durability=record.get("EffectiveDurability", "disabled"),
    )


def _spec(record: ReplicationGroupTypeDef, member: CacheClusterTypeDef) -> ReplicationGroupSpec:
    found = properties(cast("Mapping[str, Any]", record), cast("Mapping[str, Any]", member))
    return modification.spec(ReplicationGroupSpec, found, properties_of(_TYPE))


def _pending(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name, value in values.items() if value))


def _node_group(record: NodeGroupTypeDef, clusters: Mapping[str, CacheClusterTypeDef]) -> NodeGroup:
    return NodeGroup(
        node_group_id=record.get("NodeGroupId", ""),
        status=record.get("Status", "unknown"),
        slots=record.get("Slots"),
        primary_endpoint=_endpoint(record.get("PrimaryEndpoint")),
        reader_endpoint=_endpoint(record.get("ReaderEndpoint")),
        members=tuple(_member(member, clusters) for member in record.get("NodeGroupMembers", [])),
    )


def _member(record: NodeGroupMemberTypeDef, clusters: Mapping[str, CacheClusterTypeDef]) -> Member:
    cache_cluster_id = record.get("CacheClusterId", "")
    cluster = clusters.get(cache_cluster_id, {})
    nodes = cluster.get("CacheNodes", [])
    own = nodes[0].get("Endpoint") if nodes else None
    roles: dict[str | None, Role] = {"primary": "primary", "replica": "replica"}
    return Member(
        cache_cluster_id=cache_cluster_id,
        cache_node_id=record.get("CacheNodeId", "0001"),
        role=roles.get(record.get("CurrentRole")),
        status=cluster.get("CacheClusterStatus"),
        endpoint=_endpoint(own or record.get("ReadEndpoint")),
        availability_zone=record.get("PreferredAvailabilityZone") or cluster.get("PreferredAvailabilityZone"),
        engine_version=cluster.get("EngineVersion"),
        pending=_pending(cast("Mapping[str, Any]", cluster.get("PendingModifiedValues") or {})),
    )


def _endpoint(record: EndpointTypeDef | None) -> Endpoint | None:
    if not record or not record.get("Address"):
        return None
    return Endpoint(record.get("Address", ""), record.get("Port", 6379))
