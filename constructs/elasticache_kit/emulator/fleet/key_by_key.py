"""Moves slots between two engines key by key, as engines before Valkey 9 do it.

See https://valkey.io/commands/cluster-setslot/ for the steps and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.sharded_group import ShardedGroup

SLOTS_AT_ONCE = 512
KEYS_AT_ONCE = 100
MIGRATE_TIMEOUT_MS = 1500


def move_slots(group: ShardedGroup, slots: Iterable[int], source: Node, target: Node) -> None:
    """Move slots and their keys; clients that meet one on its way are asked to try the target.

    Raises:
        EngineStartError: an engine does not answer, or refuses a step. Slots stay open between the two, and a later
            call goes on.
    """
    try:
        with source.engine.admin() as giving, target.engine.admin() as taking:
            # Several at once, because an engine writes its nodes.conf to the disk after each command that comes alone.
            for batch in _batches(sorted(slots)):
                own, other = group.node_id(source), group.node_id(target)
                taking.commands([("CLUSTER", "SETSLOT", slot, "IMPORTING", own) for slot in batch])
                giving.commands([("CLUSTER", "SETSLOT", slot, "MIGRATING", other) for slot in batch])
                while keys := _keys(giving, batch):
                    account = group.workshop.account
                    place = target.address, target.engine.port, "", 0, MIGRATE_TIMEOUT_MS
                    sign_in = "AUTH2", account.name, account.secret
                    giving.commands([("MIGRATE", *place, "REPLACE", *sign_in, "KEYS", *some) for some in keys])
                # The target first: a slot that nobody owns for a moment would be an error for clients.
                taking.commands([("CLUSTER", "SETSLOT", slot, "NODE", other) for slot in batch])
                giving.commands([("CLUSTER", "SETSLOT", slot, "NODE", other) for slot in batch])
    except (OSError, ReplyError) as error:
        raise EngineStartError(f"Slots of {source.cache_cluster_id} did not move: {error}.") from error


def _batches(slots: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(slots), SLOTS_AT_ONCE):
        yield slots[first : first + SLOTS_AT_ONCE]


def _keys(giving: Admin, slots: list[int]) -> list[list[bytes]]:
    """Give some keys of each slot that has any, as bytes: a key need not be text."""
    answers = giving.raw([("CLUSTER", "GETKEYSINSLOT", slot, KEYS_AT_ONCE) for slot in slots])
    found = ([key for key in keys if isinstance(key, bytes)] for keys in answers if isinstance(keys, list))
    return [keys for keys in found if keys]
