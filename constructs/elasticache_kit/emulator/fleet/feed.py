"""Where other groups take the data of a group from: an address that leads to its primary, whoever that is, in plain.

The members of a global datastore replicate from there. It outlives failovers, and it is where a link can be slowed
down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.front import Front, Listening

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.node import Node

KIND = "feed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the primary of a group takes its data from, instead of from clients.

    Args:
        host: the address.
        port: the port.
        unguarded: whether one does not sign in there; engines of the fleet sign in to each other when omitted.
    """

    host: str
    port: int
    unguarded: bool = False


@dataclass(frozen=True, slots=True)
class FeedDoor:
    """Passes the connections of engines on.

    Args:
        front: the process that does.
        port: where they connect.
        group: whose data it is.
    """

    front: Front
    port: int
    group: str

    def lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        """Make an address lead to a primary; replicas stay with one that lives until they lose it."""
        del before
        place = address, self.port
        if after:
            targets = tuple((node.engine.address, node.engine.port) for node in after)
            self.front.lead(place, Listening(targets=targets, group=self.group))
        else:
            self.front.leave(place)
