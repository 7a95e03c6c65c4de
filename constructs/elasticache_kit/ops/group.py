"""Replication groups as ElastiCache's describe calls tell them, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from elasticache_kit.model.replication_group import ReplicationGroupSpec

Role = Literal["primary", "replica"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that clients connect to."""

    address: str
    port: int

    def __str__(self) -> str:
        """Return `address:port`."""
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Member:
    """One node of a node group.

    Args:
        cache_cluster_id: the node's own id, for example `orders-001`.
        cache_node_id: `0001` in every replication group.
        role: None where only the data plane knows, that is with cluster mode enabled.
        status: the cache cluster's status; None when the API did not tell.
        endpoint: the node's own address; None while it has none.
        availability_zone: None when the API did not tell.
        engine_version: the version that it runs; None when the API did not tell.
        pending: the names of what waits for its maintenance window or is being changed.
    """

    cache_cluster_id: str
    cache_node_id: str
    role: Role | None
    status: str | None
    endpoint: Endpoint | None
    availability_zone: str | None
    engine_version: str | None = None
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """One node group (shard): a primary and its replicas.

    Args:
        node_group_id: for example `0001`.
        status: the node group's status.
        slots: its hash slots, for example `0-5461`; None with cluster mode disabled.
        primary_endpoint: with cluster mode disabled only.
        reader_endpoint: with cluster mode disabled only.
        members: its nodes, in the API's order.
    """

    node_group_id: str
    status: str
    slots: str | None
    primary_endpoint: Endpoint | None
    reader_endpoint: Endpoint | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ReplicationGroup:
    """One replication group as DescribeReplicationGroups and DescribeCacheClusters tell it.

    Args:
        replication_group_id: its id.
        status: `available`, `modifying`, ...
        engine: `valkey` or `redis`.
        engine_version: the version that its members run; None when the API did not tell.
        cache_node_type: for example `cache.r7g.large`.
        cluster_enabled: whether cluster mode is enabled.
        automatic_failover: `enabled`, `enabling`, `disabled` or `disabling`.
        multi_az: the same for Multi-AZ.
        transit_encryption: whether clients use TLS.
        auth_token_enabled: whether clients send an AUTH token.
        user_group_ids: the user groups whose users may sign in.
        configuration_endpoint: with cluster mode enabled only.
        node_groups: ordered by id.
        arn: its ARN; empty when the API did not tell.
        cluster_mode: `disabled`, `compatible` or `enabled`.
        spec: the group as the rulebook judges it.
        transit_encryption_mode: `preferred` or `required`; None without TLS.
        at_rest_encryption: whether its disks and snapshots are encrypted.
        auth_token_changed: when the AUTH token changed last; None where there is none.
        snapshot_retention_limit: days that automatic snapshots are kept; 0 is none.
        parameter_group: the name of its parameter group; None when the API did not tell.
        maintenance_window: for example `sun:05:00-sun:06:00`; None when the API did not tell.
        pending: the names of what is being changed or waits for the maintenance window.
        resharding_percent: how far slots have moved; None when none do.
        global_replication_group_id: the global datastore that it is a member of.
        global_role: `primary` or `secondary` in it.
        durability: its EffectiveDurability: `disabled`, `async` or `sync`.
    """

    replication_group_id: str
    status: str
    engine: str
    engine_version: str | None
    cache_node_type: str
    cluster_enabled: bool
    automatic_failover: str
    multi_az: str
    transit_encryption: bool
    auth_token_enabled: bool
    user_group_ids: tuple[str, ...]
    configuration_endpoint: Endpoint | None
    node_groups: tuple[NodeGroup, ...]
    arn: str = ""
    cluster_mode: str = "disabled"
    spec: ReplicationGroupSpec = field(default_factory=ReplicationGroupSpec, repr=False)
    transit_encryption_mode: str | None = None
    at_rest_encryption: bool = False
    auth_token_changed: datetime | None = None
    snapshot_retention_limit: int = 0
    parameter_group: str | None = None
    maintenance_window: str | None = None
    pending: tuple[str, ...] = ()
    resharding_percent: float | None = None
    global_replication_group_id: str | None = None
    global_role: str | None = None
    durability: str = "disabled"

    @property
    def account(self) -> str:
        """The account that it is in; empty when the API did not tell."""
        return self.arn.split(":")[4] if self.arn.count(":") > 4 else ""  # noqa: PLR2004 - an ARN has six parts

    @property
    def members(self) -> tuple[Member, ...]:
        """Its nodes."""
        return tuple(member for group in self.node_groups for member in group.members)

    @property
    def ids(self) -> tuple[str, ...]:
        """Its own id and those of its nodes: whose events tell of it."""
        return (self.replication_group_id, *(member.cache_cluster_id for member in self.members))

    def node_group(self, node_group_id: str) -> NodeGroup | None:
        """Return the node group of that id, or None."""
        return next((group for group in self.node_groups if group.node_group_id == node_group_id), None)
