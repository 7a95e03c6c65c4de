"""What an engine in cluster mode knows of its cluster: the file nodes.conf and the answer of CLUSTER NODES.

The format is the one of the Valkey cluster: https://valkey.io/commands/cluster-nodes/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterNode:
    """One line: a node as some node sees it.

    Args:
        node_id: 40 hexadecimal digits.
        address: where it listens; empty for a node that nobody has ever met.
        primary_id: whose replica it is; None for a primary.
        slots: the hash slots of a primary, for example `0-100` and `200`.
        epoch: the version of its claim on the slots.
        flags: what else is said of it, for example `myself` or `fail`.
        connected: whether whoever sees it has a link to it.
        port: where engines reach it; where they reach all others when omitted.
        bus_port: where engines talk with it; as with all others when omitted.
        client_address: where clients are sent for it; to its address when omitted.
    """

    node_id: str
    address: str = ""
    primary_id: str | None = None
    slots: tuple[str, ...] = ()
    epoch: int = 0
    flags: frozenset[str] = frozenset()
    connected: bool = True
    port: int | None = None
    bus_port: int | None = None
    client_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What all lines of one cluster have in common.

    Args:
        port: where engines listen.
        bus_port: where they listen to each other.
        client_port: where clients connect; None when that is the engines' own port.
        detailed: whether engines read more of a node than its address: those before Redis OSS 7.2 do not.
    """

    port: int
    bus_port: int
    client_port: int | None = None
    detailed: bool = True


def parse(text: str) -> dict[str, ClusterNode]:
    """Read an answer of CLUSTER NODES, by node id; nodes that are only just shaking hands are left out."""
    found: dict[str, ClusterNode] = {}
    for line in text.splitlines():
        node_id, place, flags, primary_id, _, _, epoch, link, *slots = line.split()
        names = frozenset(flags.split(","))
        if "handshake" in names:
            continue
        found[node_id] = ClusterNode(
            node_id=node_id,
            address=place.split(":", 1)[0],
            primary_id=None if primary_id == "-" else primary_id,
            # In brackets stand slots on the move, which a node that starts anew must not inherit.
            slots=tuple(slot for slot in slots if not slot.startswith("[")),
            epoch=int(epoch),
            connected=link == "connected",
            flags=names - {"master", "slave", "noflags"},
        )
    return found


def render(
    nodes: Iterable[ClusterNode],
    *,
    myself: str,
    shards: dict[str, str],
    layout: Layout,
    current_epoch: int,
    hidden: frozenset[str] = frozenset(),
) -> str:
    """Write the file nodes.conf of one node.

    Args:
        nodes: all nodes. What is said of failures is left out: whoever starts finds out for itself.
        myself: the id of the node that the file is for.
        shards: the shard id of each node id.
        layout: what all lines have in common.
        current_epoch: the highest epoch that is known.
        hidden: the ids of nodes whose addresses are left out, see `hide`; none are when omitted.
    """
    lines = [_line(node, myself, shards[node.node_id], layout) for node in nodes]
    text = "".join(f"{line}\n" for line in [*lines, f"vars currentEpoch {current_epoch} lastVoteEpoch 0"])
    return hide(text, hidden)


def hide(text: str, node_ids: frozenset[str]) -> str:
    """Leave the addresses of nodes out of a nodes.conf: whoever starts with it waits until these nodes come to it.

    What an engine sends to a node that it has not heard of yet lacks all that is optional, and the other one takes
    that for the word that there is none: it forgets the port that clients connect to, until it is told again.
    """
    return "".join(
        _hidden(line) if line.split(" ", 1)[0] in node_ids else line for line in text.splitlines(keepends=True)
    )


def _hidden(line: str) -> str:
    node_id, place, flags, rest = line.split(" ", 3)
    _, comma, extra = place.partition(",")
    return f"{node_id} :0@0{comma}{extra} {flags} {rest}"


def _line(node: ClusterNode, myself: str, shard_id: str, layout: Layout) -> str:
    flags = ["myself"] if node.node_id == myself else []
    flags.append("master" if node.primary_id is None else "slave")
    place = ":0@0"
    if node.address:
        place = f"{node.address}:{node.port or layout.port}@{node.bus_port or layout.bus_port}"
    if layout.detailed:
        place += f",,{_for_clients(node, layout)}shard-id={shard_id}"
    words = [node.node_id, place, ",".join(flags), node.primary_id or "-", "0", "0", str(node.epoch), "connected"]
    return " ".join([*words, *node.slots])


def _for_clients(node: ClusterNode, layout: Layout) -> str:
    """Say where clients find a node, where that is not where engines do."""
    if node.client_address:
        return f"client-ipv4={node.client_address},client-tcp-port={layout.client_port or layout.port},"
    return f"client-tcp-port={layout.client_port}," if node.address and layout.client_port is not None else ""
