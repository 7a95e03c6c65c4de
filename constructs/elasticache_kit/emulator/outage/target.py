"""The nodes that an outage is about."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.outage.order import FAULT, Field, Order, text
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup

logger = logging.getLogger(__name__)

NODE, ZONE, GROUP, SHARD = "CacheClusterId", "AvailabilityZone", "ReplicationGroupId", "NodeGroupId"
ONE_NODE = (Field(NODE, text),)
ONE_GROUP = (Field(GROUP, text),)
# A node; or a group, or one shard of it.
NODE_OR_GROUP = (Field(NODE, text, None), Field(GROUP, text, None), Field(SHARD, text, None))
EITHER = (NODE, GROUP)


@dataclass(frozen=True, slots=True)
class Target:
    """A node with what it is part of."""

    region: Region
    group: ReplicationGroup
    node_group: NodeGroup
    member: Member

    @property
    def key(self) -> str:
        """The group by the name that the fleet has for it."""
        return self.region.fleet_key(self.group.replication_group_id)

    @property
    def name(self) -> str:
        """The node by its cache cluster id."""
        return self.member.cache_cluster_id

    @property
    def fails_over(self) -> bool:
        """Whether a replica takes the place of this node when it is lost."""
        return (
            self.member.role == "primary"
            and bool(self.node_group.replicas)
            and bool(self.group.spec.automatic_failover_enabled)
        )


def find(order: Order) -> tuple[Target, ...]:
    """Find the nodes that an order is about: those that are available, in groups that are.

    Raises:
        RefusedError: there are none.
    """
    wanted = {name: order.values.get(name) for name in (NODE, ZONE, GROUP, SHARD)}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    region = order.region
    with region.lock:
        found = tuple(
            Target(region, group, node_group, member)
            for group in region.replication_groups.values()
            if group.status == "available"
            for node_group in group.node_groups
            # While a failover goes on another one would meet it half way.
            if node_group.status == "available"
            for member in node_group.members
            if member.status == "available"
            and wanted.items() <= {
                NODE: member.cache_cluster_id,
                ZONE: member.availability_zone,
                GROUP: group.replication_group_id,
                SHARD: node_group.node_group_id,
            }.items()
        )  # fmt: skip
    if not found:
        named = " and ".join(f"{name} {value}" for name, value in wanted.items())
        raise RefusedError(FAULT, [f"no node that is available has {named} in {region.name}"])
    return found


def later(target: Target, job: Callable[[], None]) -> None:
    """Do in the background what follows from an outage; a failure is shown as that of the group."""

    def run() -> None:
        try:
            job()
        except Exception as error:
            target.group.failure = str(error)
            logger.exception("%s after a fault", target.member.cache_cluster_id)

    runtime.current().lifecycle.start(f"fault of {target.member.cache_cluster_id}", run)
