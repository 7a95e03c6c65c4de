"""The data plane of the emulator: real engine processes, and how clients get to them."""

from elasticache_kit.emulator.fleet.fleet import Fleet
from elasticache_kit.emulator.fleet.memcached.plan import MemcachedPlan
from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.replication import Role
from elasticache_kit.emulator.fleet.sign_in import EngineUser, SignIn, password_hash

__all__ = [
    "EngineUser",
    "Fleet",
    "GroupPlan",
    "MemcachedPlan",
    "NodeGroupPlan",
    "NodePlan",
    "Role",
    "SignIn",
    "password_hash",
]
