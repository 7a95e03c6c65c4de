"""Nodes whose memory is full."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.node import Node

# What the connection that asks takes itself and gives back.
OWN_BYTES = 64 * 1024


def fill(nodes: Iterable[Node]) -> Mapping[str, str]:
    """Let nodes have no more memory than they use, and give what they could have by name.

    What happens at the next write is the engine's own business, by its `maxmemory-policy`: keys are evicted, or the
    write is refused with OOM.

    Raises:
        OSError: a node does not answer.
    """
    before: dict[str, str] = {}
    for node in nodes:
        if not node.serves:
            continue
        with node.engine.admin() as admin:
            reply = admin.command("CONFIG", "GET", "maxmemory")
            before[node.cache_cluster_id] = str(reply[1]) if isinstance(reply, list) else "0"
            used = int(admin.info("memory")["used_memory"])
            admin.command("CONFIG", "SET", "maxmemory", max(used - OWN_BYTES, 1))
    return before


def relieve(nodes: Iterable[Node], before: Mapping[str, str]) -> None:
    """Let nodes have what they could have before; one that has been replaced has that already."""
    for node in nodes:
        if node.cache_cluster_id in before and node.engine.alive:
            with contextlib.suppress(OSError, ReplyError), node.engine.admin() as admin:
                admin.command("CONFIG", "SET", "maxmemory", before[node.cache_cluster_id])
