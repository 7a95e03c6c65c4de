"""Replication groups, their node groups and nodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.state.moment import now

if TYPE_CHECKING:
    from elasticache_kit.emulator.state.topic import Topic
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

Role = Literal["primary", "replica"]


@dataclass(slots=True)
class Member:
    """A node of a replication group, which the API also shows as a cache cluster of its own.

    Args:
        cache_cluster_id: its id.
        availability_zone: its zone.
        role: what it is.
        status: what DescribeCacheClusters calls it.
        created: when it was made.
        reboot_pending: whether a parameter waits for its next start.
    """

    cache_cluster_id: str
    availability_zone: str | None
    role: Role
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)
    reboot_pending: bool = False


@dataclass(slots=True)
class NodeGroup:
    """A node group (a shard): one primary, its replicas, the slots they hold."""

    node_group_id: str
    slots: str | None
    members: list[Member]
    status: str = "creating"

    @property
    def primary(self) -> Member:
        """The member that takes writes."""
        return next(member for member in self.members if member.role == "primary")

    @property
    def replicas(self) -> list[Member]:
        """The members that follow the primary."""
        return [member for member in self.members if member.role == "replica"]


@dataclass(slots=True)
class AuthTokens:
    """The AUTH tokens that a group takes: one, or two while it is rotated. They are shown nowhere.

    Args:
        values: the tokens, the one that stays last.
        changed: when they last changed.
    """

    values: tuple[str, ...] = field(repr=False)
    changed: dt.datetime = field(default_factory=now)


@dataclass(slots=True)
class ReplicationGroup:
    """A replication group as it stands: what was asked for, and what there is.

    Args:
        replication_group_id: its id, in lower case.
        arn: its ARN.
        spec: what was asked for; the text of an AUTH token is UNKNOWN here.
        cluster_mode_enabled: whether its nodes speak cluster mode.
        engine_version: the version that runs.
        parameter_group_name: its parameter group.
        node_groups: its shards.
        snapshot_window: when the daily snapshot is taken.
        maintenance_window: when pending changes are made.
        status: what DescribeReplicationGroups calls it.
        failure: why the last job failed, None where it did not.
        created: when it was made.
        auth_tokens: None where it takes none.
        topic: where its events are published, None for nowhere.
        changing: what PendingModifiedValues shows while a change goes on.
        pending: fields of the spec that change in the next maintenance window.
        pending_since: when they were asked for.
        global_replication_group_id: the global datastore that it belongs to.
        global_role: PRIMARY or SECONDARY there.
        migration: the endpoint that it takes its data from while it is under migration.
        last_automatic_snapshot: when the last daily snapshot was due.
    """

    replication_group_id: str
    arn: str
    spec: ReplicationGroupSpec
    cluster_mode_enabled: bool
    engine_version: str
    parameter_group_name: str
    node_groups: list[NodeGroup]
    snapshot_window: str
    maintenance_window: str
    status: str = "creating"
    failure: str | None = None
    created: dt.datetime = field(default_factory=now)
    auth_tokens: AuthTokens | None = None
    topic: Topic | None = None
    changing: dict[str, Any] = field(default_factory=dict[str, Any])
    pending: dict[str, Any] = field(default_factory=dict[str, Any])
    pending_since: dt.datetime | None = None
    global_replication_group_id: str | None = None
    global_role: str | None = None
    migration: str | None = None
    last_automatic_snapshot: dt.datetime | None = None

    @property
    def port(self) -> int:
        """The port of every endpoint."""
        return self.spec.port if isinstance(self.spec.port, int) else 6379

    @property
    def members(self) -> Iterator[Member]:
        """All nodes, node group by node group."""
        for node_group in self.node_groups:
            yield from node_group.members

    @property
    def user_group_ids(self) -> tuple[str, ...]:
        """The user groups that it lets in."""
        given = self.spec.user_group_ids
        return tuple(str(item) for item in given) if isinstance(given, tuple) else ()

    def node_group(self, node_group_id: str) -> NodeGroup:
        """Find a node group.

        Raises:
            Fault: NodeGroupNotFoundFault.
        """
        for node_group in self.node_groups:
            if node_group.node_group_id == node_group_id:
                return node_group
        raise Fault("NodeGroupNotFoundFault", f"Node group {node_group_id} not found.")
