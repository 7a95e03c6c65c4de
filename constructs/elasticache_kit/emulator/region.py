"""What ElastiCache holds in one account and region."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.utilities.tagging_service import TaggingService

from elasticache_kit.emulator import notification
from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.state.event import Event
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.emulator.state.service_update import UpdateAction
from elasticache_kit.emulator.state.table import Table
from elasticache_kit.emulator.state.user import User, UserGroup, built_in
from elasticache_kit.model import engine

if TYPE_CHECKING:
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.global_replication_group import GlobalReplicationGroup
    from elasticache_kit.emulator.state.parameter_group import ParameterGroup
    from elasticache_kit.emulator.state.replication_group import Member, ReplicationGroup
    from elasticache_kit.emulator.state.reserved_node import ReservedNode
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache, ServerlessCacheSnapshot
    from elasticache_kit.emulator.state.snapshot import Snapshot
    from elasticache_kit.emulator.state.subnet_group import SubnetGroup
    from elasticache_kit.emulator.state.topic import Topic

EVENT_DAYS = 14


@dataclass(slots=True)
class Region:
    """The whole state of ElastiCache in one account and region."""

    account_id: str
    name: str
    tagging: TaggingService = field(default_factory=TaggingService)
    replication_groups: Table[ReplicationGroup] = field(
        default_factory=lambda: Table(
            "Replication group", "ReplicationGroupNotFoundFault", "ReplicationGroupAlreadyExists"
        )
    )
    subnet_groups: Table[SubnetGroup] = field(
        default_factory=lambda: Table(
            "Cache subnet group", "CacheSubnetGroupNotFoundFault", "CacheSubnetGroupAlreadyExists"
        )
    )
    parameter_groups: Table[ParameterGroup] = field(
        default_factory=lambda: Table(
            "Cache parameter group",
            "CacheParameterGroupNotFound",
            "CacheParameterGroupAlreadyExists",
            "CacheParameterGroup not found: {name}",
        )
    )
    users: Table[User] = field(default_factory=lambda: Table("User", "UserNotFound", "UserAlreadyExists"))
    user_groups: Table[UserGroup] = field(
        default_factory=lambda: Table("User group", "UserGroupNotFound", "UserGroupAlreadyExists")
    )
    cache_clusters: Table[CacheCluster] = field(
        default_factory=lambda: Table("Cache cluster", "CacheClusterNotFound", "CacheClusterAlreadyExists")
    )
    snapshots: Table[Snapshot] = field(
        default_factory=lambda: Table("Snapshot", "SnapshotNotFoundFault", "SnapshotAlreadyExistsFault")
    )
    serverless_caches: Table[ServerlessCache] = field(
        default_factory=lambda: Table(
            "Serverless cache", "ServerlessCacheNotFoundFault", "ServerlessCacheAlreadyExistsFault"
        )
    )
    serverless_snapshots: Table[ServerlessCacheSnapshot] = field(
        default_factory=lambda: Table(
            "Serverless cache snapshot",
            "ServerlessCacheSnapshotNotFoundFault",
            "ServerlessCacheSnapshotAlreadyExistsFault",
        )
    )
    global_replication_groups: Table[GlobalReplicationGroup] = field(
        default_factory=lambda: Table(
            "Global replication group",
            "GlobalReplicationGroupNotFoundFault",
            "GlobalReplicationGroupAlreadyExistsFault",
        )
    )
    reserved_nodes: Table[ReservedNode] = field(
        default_factory=lambda: Table(
            "Reserved cache node", "ReservedCacheNodeNotFound", "ReservedCacheNodeAlreadyExists"
        )
    )
    update_actions: dict[tuple[str, str], UpdateAction] = field(default_factory=dict[tuple[str, str], UpdateAction])
    events: list[Event] = field(default_factory=list[Event])
    test_failovers: deque[dt.datetime] = field(default_factory=deque[dt.datetime])
    # One request at a time: what it has found must still be so when it changes something. Jobs go on meanwhile.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        users, group = built_in(self.arn)
        self.users.update({user.user_id: user for user in users})
        self.user_groups[group.user_group_id] = group

    def arn(self, kind: str, name: str) -> str:
        """Build the ARN of a resource of this region."""
        partition = "aws-cn" if self.name.startswith("cn-") else "aws-us-gov" if "-gov-" in self.name else "aws"
        return f"arn:{partition}:elasticache:{self.name}:{self.account_id}:{kind}:{name}"

    def tag(self, arns: Iterable[str], request: Mapping[str, Any]) -> None:
        """Give new resources the tags of the request that makes them, and none of what had their name before."""
        for arn in arns:
            self.tagging.delete_all_tags_for_resource(arn)
            if tags := request.get("Tags"):
                self.tagging.tag_resource(arn, tags)

    def fleet_key(self, replication_group_id: str) -> str:
        """Name a group so that no other account or region has the same name."""
        return f"{self.account_id}/{self.name}/{replication_group_id}"

    def replication_group(self, replication_group_id: str) -> ReplicationGroup:
        """Find a replication group; ids are case-insensitive.

        Raises:
            Fault: ReplicationGroupNotFoundFault.
        """
        return self.replication_groups.find(replication_group_id)

    def subnet_group(self, name: str) -> SubnetGroup:
        """Find a subnet group.

        Raises:
            Fault: CacheSubnetGroupNotFoundFault.
        """
        return self.subnet_groups.find(name)

    def parameter_group(self, name: str) -> ParameterGroup:
        """Find a parameter group that is not one of the defaults.

        Raises:
            Fault: CacheParameterGroupNotFound.
        """
        return self.parameter_groups.find(name)

    def member(self, cache_cluster_id: str) -> tuple[ReplicationGroup, Member] | None:
        """Find a node of a replication group by the id of its cache cluster, None where there is none."""
        for group in self.replication_groups.values():
            for member in group.members:
                if member.cache_cluster_id == cache_cluster_id.lower():
                    return group, member
        return None

    def parameters(self, name: str) -> tuple[str, dict[str, str]]:
        """Return the family of a parameter group, own or default, and the values in which it differs from the family.

        Raises:
            Fault: CacheParameterGroupNotFound.
        """
        if name.lower().startswith("default."):
            family = name.lower().removeprefix("default.").removesuffix(".cluster.on")
            # Of some families no page lists the parameters; their default groups are there all the same.
            if family not in engine.families():
                raise Fault("CacheParameterGroupNotFound", f"CacheParameterGroup not found: {name}")
            return family, {"cluster-enabled": "yes"} if name.lower().endswith(".cluster.on") else {}
        group = self.parameter_group(name)
        return group.family, dict(group.values)

    def record(self, source_type: str, source_identifier: str, message: str) -> None:
        """Write an event and publish it where the cache has a topic; events are kept for fourteen days."""
        oldest = now() - dt.timedelta(days=EVENT_DAYS)
        while self.events and self.events[0].date < oldest:
            self.events.pop(0)
        self.events.append(Event(source_identifier, source_type, message, now()))
        if (topic := self._topic(source_identifier)) and topic.status == "active":
            notification.publish(self.account_id, self.name, topic.arn, source_identifier, message)

    def _topic(self, source_identifier: str) -> Topic | None:
        if cache := self.replication_groups.get(source_identifier) or self.cache_clusters.get(source_identifier):
            return cache.topic
        found = self.member(source_identifier)
        return found[0].topic if found else None
