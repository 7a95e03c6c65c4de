"""Faults that are asked of the local ElastiCache: nodes that die, zones without power, networks that are cut."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.drills import local_fault, resp
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.event_watch import EventWatch
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.errors import ConnectionFailedError

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.ops.inventory import Member, NodeGroup, ReplicationGroup
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock


@dataclass(slots=True)
class Requested:
    """A fault of the local ElastiCache.

    Args:
        session: where.
        group: the group as it was observed.
        record: where the fault is written down; None for a drill that is only shown.
        access: how to ask the nodes which of them is the primary.
        kind: the fault's kind.
        hold_seconds: for how long it goes on; it ends by itself when 0.
        timeout_seconds: how long to wait until the group is whole again.
        more: what else the fault is told.
    """

    session: Session
    group: ReplicationGroup
    record: Record | None
    access: Access
    kind: str
    hold_seconds: float
    timeout_seconds: float
    more: Mapping[str, object] = field(default_factory=dict[str, object])
    promotes: bool = True
    _struck: tuple[str, ...] = ()

    def struck(self, node_group: str) -> tuple[str, ...]:
        """The node group that it is aimed at, or all that have their primary in the zone that lost its power."""
        return self._struck or (node_group,)

    def show(self) -> str:
        """Return what it does, for people."""
        ends = f", ended after {self.hold_seconds:g} s" if self.hold_seconds else ""
        what = "the zone of the primary" if self.kind == "az-power-loss" else "the primary"
        return f"ask the local ElastiCache for the fault {self.kind} of {what}{ends}; then wait until it is available"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Begin it, hold it, end it, and wait until the group is at rest."""
        found = asyncio.run(primaries(self.group, self.access))
        primary = found.get(node_group)
        if primary is None:
            raise ConnectionFailedError(f"no node of node group {node_group} says that it is the primary")
        order: dict[str, object] = {"kind": self.kind, "CacheClusterId": primary.cache_cluster_id, **self.more}
        self._struck = (node_group,)
        if self.kind == "az-power-loss":
            zone = primary.availability_zone
            order = {"kind": self.kind, "AvailabilityZone": zone}
            self._struck = tuple(name for name, member in found.items() if member.availability_zone == zone)
        events = EventWatch(self.session, self.group, self._struck[0])
        change = Change("fault", order)
        if self.record is not None:
            self.record.note(change)
        for name in self._struck:
            history.log(Action.FAULT, Kind.INVOKE, name)
        fault_id = local_fault.begin(self.session, order)
        for name in self._struck:
            history.log(Action.FAULT, Kind.OK, name)
        if self.record is not None:
            self.record.replace(change, change := Change("fault", {**order, "id": fault_id}))
        if self.hold_seconds:
            self._hold(events, history, clock)
            local_fault.end(self.session, fault_id)
        events.recovered(history, clock, self.timeout_seconds)
        if self.record is not None:
            self.record.forget(change)

    def _hold(self, events: EventWatch, history: History, clock: Clock) -> None:
        until = clock.now() + self.hold_seconds
        while clock.now() < until:
            events.hear(history)
            clock.sleep(min(0.2, max(0.0, until - clock.now())))


async def primaries(group: ReplicationGroup, access: Access) -> dict[str, Member]:
    """Ask every node who it is, and return the primary of each node group that has one."""
    found = {node_group.node_group_id: await _primary(node_group, access) for node_group in group.node_groups}
    return {name: member for name, member in found.items() if member is not None}


async def _primary(node_group: NodeGroup, access: Access) -> Member | None:
    for member in node_group.members:
        if member.endpoint is None:
            continue
        try:
            connection = await Connection.open(member.endpoint, access)
        except LostError:
            continue
        try:
            (reply,) = await connection.ask(resp.command("INFO", "replication"))
        except LostError:
            continue
        finally:
            await connection.close()
        if resp.info(reply).get("role") == "master":
            return member
    return None
