"""The data plane of the emulator: real engine processes, and how clients get to them."""

from elasticache_kit.emulator.fleet.fleet import Fleet
from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.replication import Role

__all__ = ["Fleet", "GroupPlan", "NodeGroupPlan", "NodePlan", "Role"]
