"""What the engines of a cluster say of it: who leads, who is known to clients, whether it is in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import nodes_conf, replication

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode


LOST = frozenset({"fail", "fail?"})


def leads(view: Mapping[str, ClusterNode], node_id: str) -> bool:
    """Say whether a node is a primary in a view. Without slots it is one only where it is not said to be lost."""
    known = view.get(node_id)
    return known is not None and known.primary_id is None and (bool(known.slots) or not known.flags & LOST)


def follows(node: Node) -> bool:
    """Say whether a node is no primary."""
    # A node that does not answer leads nobody.
    return replication.role(node) != "primary"


def misdirection(admin: Admin, port: int, addresses: Collection[str]) -> str | None:
    """Say where a node sends clients of these addresses to another port, or None."""
    for line in admin.text("CLUSTER", "NODES").splitlines():
        address, _, told = line.split(" ", 2)[1].partition("@")[0].rpartition(":")
        if address in addresses and int(told) != port:
            return f"it sends clients to {address}:{told} still"
    return None


def stranger(admin: Admin, node_ids: Collection[str]) -> str | None:
    """Say which of these nodes a node has no link to, or None."""
    words = [line.split(" ", 8) for line in admin.text("CLUSTER", "NODES").splitlines()]
    linked = {word[0] for word in words if word[7] == "connected"}
    missing = [node_id for node_id in node_ids if node_id not in linked]
    return f"it has no link to {', '.join(missing)} yet" if missing else None


def handshake(admin: Admin) -> str | None:
    """Say that a node shakes hands with another one, or None."""
    listed, told = admin.commands([("CLUSTER", "NODES"), ("CLUSTER", "INFO")])
    # Who only shakes hands is counted and not listed.
    (known,) = re.findall(r"cluster_known_nodes:(\d+)", str(told))
    return "it shakes hands with somebody" if int(known) > len(str(listed).splitlines()) else None


def ignorance(admin: Admin, expected: Mapping[str, str]) -> str | None:
    """Say which nodes a node does not tell clients of, given whose replica each one is (a primary is its own)."""
    known: dict[str, str] = {}
    shards = admin.command("CLUSTER", "SLOTS")
    for shard in shards if isinstance(shards, list) else ():
        ids = [str(entry[2]) for entry in shard[2:] if isinstance(entry, list)] if isinstance(shard, list) else []
        known.update(dict.fromkeys(ids, ids[0]))
    missing = [node_id for node_id, primary_id in expected.items() if known.get(node_id) != primary_id]
    if missing:
        return f"it does not tell clients of {', '.join(missing)} yet"
    # An introduction replaces the link to the other node, and a vote that is due just then is lost.
    seen = nodes_conf.parse(admin.text("CLUSTER", "NODES"))
    unlinked = [node_id for node_id in expected if node_id in seen and not seen[node_id].connected]
    return f"it has no link to {', '.join(unlinked)} yet" if unlinked else None


def unlinked(admin: Admin) -> str | None:
    """Say that a replica has no link to its primary on the cluster bus; None where it has, or is no replica."""
    view = nodes_conf.parse(admin.text("CLUSTER", "NODES"))
    myself = next(known for known in view.values() if "myself" in known.flags)
    primary = view.get(myself.primary_id or "")
    return "its link to the primary is down" if primary is not None and not primary.connected else None


def disorder(admin: Admin) -> str | None:
    """Say what is wrong with the cluster as a node sees it, or None."""
    state = dict(line.split(":", 1) for line in admin.text("CLUSTER", "INFO").splitlines())
    return None if state["cluster_state"] == "ok" else f"it sees the cluster in state {state['cluster_state']}"
