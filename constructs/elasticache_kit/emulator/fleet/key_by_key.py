"""Moves one slot between two engines key by key, as engines before Valkey 9 do it.

See https://valkey.io/commands/cluster-setslot/ for the steps and their order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.sharded_group import ShardedGroup

BATCH = 100
MIGRATE_TIMEOUT_MS = 1500


def move_slot(group: ShardedGroup, slot: int, source: Node, target: Node) -> None:
    """Move a slot and its keys; clients that meet it on its way are asked to try the target.

    Raises:
        OSError: an engine does not answer.
        ReplyError: an engine refuses a step. The slot stays open between the two, and a later call goes on.
    """
    account = group.workshop.account
    with source.engine.admin() as giving, target.engine.admin() as taking:
        taking.command("CLUSTER", "SETSLOT", slot, "IMPORTING", group.node_id(source))
        giving.command("CLUSTER", "SETSLOT", slot, "MIGRATING", group.node_id(target))
        while True:
            # As bytes: a key need not be text.
            (found,) = giving.raw([("CLUSTER", "GETKEYSINSLOT", slot, BATCH)])
            keys = [key for key in found if isinstance(key, bytes)] if isinstance(found, list) else []
            if not keys:
                break
            place = target.address, target.engine.port, "", 0, MIGRATE_TIMEOUT_MS
            giving.command("MIGRATE", *place, "REPLACE", "AUTH2", account.name, account.secret, "KEYS", *keys)
        # The target first: a slot that nobody owns for a moment would be an error for clients.
        taking.command("CLUSTER", "SETSLOT", slot, "NODE", group.node_id(target))
        giving.command("CLUSTER", "SETSLOT", slot, "NODE", group.node_id(target))
