"""The slot map: which node holds a hash slot, as the nodes themselves tell it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.resp import ErrorReply, Reply
from elasticache_kit.ops.inventory import Endpoint

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access

# For how long the map is asked for over one connection.
KEPT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class SlotRange:
    """A range of hash slots and the nodes that hold it, as CLUSTER SLOTS tells it."""

    start: int
    end: int
    primary: Endpoint
    replicas: tuple[Endpoint, ...]


class SlotMap:
    """CLUSTER SLOTS, as the nodes tell it that hear of a failover first.

    The replica that takes over knows at once, and all others some time later. So the replicas of the slot are asked in
    turn with the configuration endpoint, and where none of them answers, every node known so far.

    While a node group is down that goes on without end, and a TLS handshake for each question would be a load on nodes
    that are well: connections are kept for a moment. No longer, because a node that is cut off from the others never
    hears of the failover.

    Args:
        configuration_endpoint: the cluster's configuration endpoint.
        slot: the hash slot.
        access: TLS and sign-in.
    """

    def __init__(self, configuration_endpoint: Endpoint, slot: int, access: Access) -> None:
        self._configuration_endpoint = configuration_endpoint
        self._slot = slot
        self._access = access
        self._replicas: tuple[Endpoint, ...] = ()
        self._known: tuple[Endpoint, ...] = ()
        self._turn = 0
        self._kept: dict[Endpoint, tuple[Connection, float]] = {}

    async def read(self) -> SlotRange:
        """Return who holds the slot now.

        Raises:
            LostError: nobody tells, or nobody holds it.
        """
        first = deque((*self._replicas, self._configuration_endpoint))
        first.rotate(-self._turn)
        self._turn += 1
        error = LostError("no node", "nobody answers CLUSTER SLOTS")
        for endpoint in dict.fromkeys((*first, *self._known)):
            try:
                slots = await self._ask(endpoint)
            except LostError as lost:
                error = lost
                continue
            self._known = tuple(dict.fromkeys(node for r in slots for node in (r.primary, *r.replicas)))
            held = holding(slots, self._slot)
            self._replicas = held.replicas
            return held
        raise error

    async def close(self) -> None:
        """Drop all connections; the next time begins with the first node again."""
        self._turn = 0
        kept, self._kept = self._kept, {}
        for connection, _ in kept.values():
            await connection.close()

    async def _ask(self, endpoint: Endpoint) -> tuple[SlotRange, ...]:
        connection = await self._connection(endpoint)
        try:
            return await told_by(connection, self._access)
        except LostError:
            connection.abort("closed here")
            raise

    async def _connection(self, endpoint: Endpoint) -> Connection:
        now = time.monotonic()
        if endpoint in self._kept:
            connection, since = self._kept[endpoint]
            if not connection.lost.done() and now - since < KEPT_SECONDS:
                return connection
            del self._kept[endpoint]
            await connection.close()
        connection = await Connection.open(endpoint, self._access)
        self._kept[endpoint] = connection, now
        return connection


async def told_by(connection: Connection, access: Access) -> tuple[SlotRange, ...]:
    """Return all slots and who holds them, as one node tells it.

    Raises:
        LostError: it does not answer, or will not tell.
    """
    (reply,) = await connection.ask(resp.command("CLUSTER", "SLOTS"))
    if isinstance(reply, ErrorReply):
        raise LostError(reply.kind, reply.text)
    return tuple(_ranges(reply, connection.endpoint, tls=access.tls is not None))


def holding(slots: Iterable[SlotRange], slot: int) -> SlotRange:
    """Return the range that a slot is in.

    Raises:
        LostError: nobody holds it.
    """
    held = next((r for r in slots if r.start <= slot <= r.end), None)
    if held is None:
        raise LostError("CLUSTERDOWN", f"no node holds slot {slot}")
    return held


def pointed(error: ErrorReply) -> Endpoint | None:
    """Return the node to which a MOVED reply points; None for every other error."""
    match error.text.split():
        case ["MOVED", _, address]:
            host, _, port = address.rpartition(":")
            return Endpoint(host, int(port)) if host and port.isdigit() else None
        case _:
            return None


def _ranges(reply: Reply, asked: Endpoint, *, tls: bool) -> Iterator[SlotRange]:
    for item in reply if isinstance(reply, list) else []:
        match item:
            case [int(start), int(end), list(primary), *replicas]:
                nodes = [_node(node, asked, tls=tls) for node in (primary, *replicas) if isinstance(node, list)]
                yield SlotRange(start, end, nodes[0], tuple(nodes[1:]))
            case _:
                raise LostError("no slot map", repr(item))


def _node(node: list[Reply], asked: Endpoint, *, tls: bool) -> Endpoint:
    match node:
        case [address, int(port), *_]:
            # An empty address means "the one you asked". A certificate is made out to a name where there is one.
            text = address.decode() if isinstance(address, bytes) else ""
            name = _metadata(node).get("hostname") if tls else None
            return Endpoint(name or text or asked.address, port)
        case _:
            raise LostError("no slot map", repr(node))


def _metadata(node: list[Reply]) -> dict[str, str]:
    fields = node[3] if len(node) > 3 else None  # noqa: PLR2004 - address, port, id, metadata
    words = [word.decode() for word in fields if isinstance(word, bytes)] if isinstance(fields, list) else []
    return dict(zip(words[::2], words[1::2], strict=False))
