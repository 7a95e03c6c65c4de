"""What ElastiCache holds in one account and region."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from moto.utilities.tagging_service import TaggingService

from elasticache_kit.emulator.fault import Fault
from elasticache_kit.model import engine

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

Role = Literal["primary", "replica"]
EVENT_DAYS = 14


def now() -> dt.datetime:
    """The present moment, in UTC and without a zone, as moto's serializer wants it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@dataclass(slots=True)
class Member:
    """A node of a replication group, which the API also shows as a cache cluster of its own."""

    cache_cluster_id: str
    availability_zone: str | None
    role: Role
    status: str = "creating"
    created: dt.datetime = field(default_factory=now)


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
class ReplicationGroup:
    """A replication group as it stands: what was asked for, and what there is."""

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

    @property
    def port(self) -> int:
        """The port of every endpoint."""
        return self.spec.port if isinstance(self.spec.port, int) else 6379

    @property
    def members(self) -> Iterator[Member]:
        """All nodes, node group by node group."""
        for node_group in self.node_groups:
            yield from node_group.members

    def node_group(self, node_group_id: str) -> NodeGroup:
        """Find a node group.

        Raises:
            Fault: NodeGroupNotFoundFault.
        """
        for node_group in self.node_groups:
            if node_group.node_group_id == node_group_id:
                return node_group
        raise Fault("NodeGroupNotFoundFault", f"Node group {node_group_id} not found.")


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet of a subnet group."""

    subnet_id: str
    availability_zone: str


@dataclass(slots=True)
class SubnetGroup:
    """A cache subnet group."""

    name: str
    arn: str
    description: str
    vpc_id: str
    subnets: tuple[Subnet, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        """The Availability Zones that the subnets lie in, each once."""
        return tuple(dict.fromkeys(subnet.availability_zone for subnet in self.subnets))


@dataclass(slots=True)
class ParameterGroup:
    """A cache parameter group: only what differs from the family's defaults is kept."""

    name: str
    arn: str
    family: str
    description: str
    values: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as DescribeEvents tells it."""

    source_identifier: str
    source_type: str
    message: str
    date: dt.datetime


@dataclass(slots=True)
class Region:
    """The whole state of ElastiCache in one account and region."""

    account_id: str
    name: str
    tagging: TaggingService = field(default_factory=TaggingService)
    replication_groups: dict[str, ReplicationGroup] = field(default_factory=dict[str, ReplicationGroup])
    subnet_groups: dict[str, SubnetGroup] = field(default_factory=dict[str, SubnetGroup])
    parameter_groups: dict[str, ParameterGroup] = field(default_factory=dict[str, ParameterGroup])
    events: list[Event] = field(default_factory=list[Event])
    test_failovers: deque[dt.datetime] = field(default_factory=deque[dt.datetime])
    # One request at a time: what it has found must still be so when it changes something. Jobs go on meanwhile.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def arn(self, kind: str, name: str) -> str:
        """Build the ARN of a resource of this region."""
        partition = "aws-cn" if self.name.startswith("cn-") else "aws-us-gov" if "-gov-" in self.name else "aws"
        return f"arn:{partition}:elasticache:{self.name}:{self.account_id}:{kind}:{name}"

    def tag(self, arns: Iterable[str], request: Mapping[str, Any]) -> None:
        """Give new resources the tags of the request that makes them, for ListTagsForResource to find."""
        if tags := request.get("Tags"):
            for arn in arns:
                self.tagging.tag_resource(arn, tags)

    def fleet_key(self, replication_group_id: str) -> str:
        """Name a group so that no other account or region has the same name."""
        return f"{self.account_id}/{self.name}/{replication_group_id}"

    def replication_group(self, replication_group_id: str) -> ReplicationGroup:
        """Find a replication group; ids are case-insensitive.

        Raises:
            Fault: ReplicationGroupNotFoundFault.
        """
        group = self.replication_groups.get(replication_group_id.lower())
        if group is None:
            raise Fault("ReplicationGroupNotFoundFault", f"ReplicationGroup {replication_group_id} not found.")
        return group

    def subnet_group(self, name: str) -> SubnetGroup:
        """Find a subnet group.

        Raises:
            Fault: CacheSubnetGroupNotFoundFault.
        """
        group = self.subnet_groups.get(name.lower())
        if group is None:
            raise Fault("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} does not exist.")
        return group

    def parameter_group(self, name: str) -> ParameterGroup:
        """Find a parameter group that is not one of the defaults.

        Raises:
            Fault: CacheParameterGroupNotFound.
        """
        group = self.parameter_groups.get(name.lower())
        if group is None:
            raise Fault("CacheParameterGroupNotFound", f"CacheParameterGroup not found: {name}")
        return group

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
        """Write an event; events are kept for fourteen days."""
        oldest = now() - dt.timedelta(days=EVENT_DAYS)
        while self.events and self.events[0].date < oldest:
            self.events.pop(0)
        self.events.append(Event(source_identifier, source_type, message, now()))
