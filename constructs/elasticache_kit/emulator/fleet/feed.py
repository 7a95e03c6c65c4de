"""Where other groups take the data of a shard from: an address that leads to its primary, whoever that is, in plain.

The members of a global datastore replicate from there. It outlives failovers, and it is where a link can be slowed
down.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.front import Front, Listening
from elasticache_kit.emulator.fleet.links import Link, Links

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.node import Node

FEED = "feed"


def kind(node_group_id: str) -> str:
    """Name the feed of a shard among the endpoints of its group."""
    return f"{FEED} {node_group_id}"


def shard_of(endpoint: str) -> str | None:
    """Return the shard that an endpoint leads to the primary of, where it is for one shard alone."""
    return endpoint.partition(" ")[2] or None


@dataclass(slots=True, eq=False)
class FeedDoor:
    """Passes the connections of engines on, at once or late.

    Args:
        front: the process that passes them on at once.
        links: the one that does it late.
        port: where engines connect.
        group: whose data it is.
    """

    front: Front
    links: Links
    port: int
    group: str
    _delays: dict[str, float] = field(default_factory=dict[str, float])
    _led: tuple[str, tuple[Node, ...]] = ("", ())

    def lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        """Make an address lead to a primary; replicas stay with one that lives until they lose it."""
        del before
        self._led, place = (address, after), (address, self.port)
        targets = tuple((node.engine.address, node.engine.port) for node in after)
        if targets and self._delays:
            self.front.leave(place)
            self.links.lay(place, Link(target=targets[0], streams=dict(self._delays)))
            return
        self.links.take_up(place)
        if targets:
            self.front.lead(place, Listening(targets=targets, group=self.group))
        else:
            self.front.leave(place)

    def slow(self, address: str, seconds: float) -> None:
        """Have all that comes from here take so long to a replica, by its address, from its next connection on."""
        if self._delays.get(address, 0.0) == seconds:
            return
        self._delays.pop(address, None)
        if seconds:
            self._delays[address] = seconds
        place, nodes = self._led
        self.lead(place, nodes, nodes)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the primary of a group takes its data from, instead of from clients.

    Args:
        host: the address.
        port: the port.
        unguarded: whether one does not sign in there; engines of the fleet sign in to each other when omitted.
        door: what leads there; nothing of the fleet when omitted.
    """

    host: str
    port: int
    unguarded: bool = False
    door: FeedDoor | None = field(default=None, compare=False)
