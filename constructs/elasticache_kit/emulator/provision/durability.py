"""The durability of a replication group as its engines have it: an append only file that is synced in time, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import power
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.model.replication_group.durability import effective

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup


def renew(region: Region, group: ReplicationGroup) -> None:
    """Bring the engines of a replication group to what it asks for; nothing happens where they are there.

    Raises:
        EmulatorError: an engine does not take it.
    """
    fleet = runtime.current().fleet
    if fleet is None:
        return
    found = fleet.group(region.fleet_key(group.replication_group_id))
    wanted = effective(group.spec), provision.keeps_keys(group)
    if (found.plan.durability, found.plan.durable) != wanted:
        power.set_durability(found, wanted[0], durable=wanted[1])
