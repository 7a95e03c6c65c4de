"""Where a drill's connections lead: an endpoint, or whichever node holds a hash slot now."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.resp import ErrorReply, Reply
from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops.inventory import Endpoint

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.ops.inventory import NodeGroup, ReplicationGroup


# For how long the map is asked for over one connection.
KEPT_SECONDS = 0.1


class Route(Protocol):
    """Makes a new connection to where the commands belong at this moment."""

    async def connect(self) -> Connection:
        """Connect, or raise LostError."""
        ...

    def moved(self, error: ErrorReply) -> None:
        """Take note of a reply that says where the commands belong."""
        ...

    async def close(self) -> None:
        """Drop what is kept between two attempts."""
        ...


@dataclass(frozen=True, slots=True)
class EndpointRoute:
    """Leads to an endpoint that ElastiCache keeps pointing at the right node."""

    endpoint: Endpoint
    access: Access

    async def connect(self) -> Connection:
        """Connect to the endpoint as it resolves now."""
        return await Connection.open(self.endpoint, self.access)

    def moved(self, error: ErrorReply) -> None:
        """Ignore the reply: only the endpoint says where to go."""

    async def close(self) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class SlotRange:
    """A range of hash slots and the nodes that hold it, as CLUSTER SLOTS tells it."""

    start: int
    end: int
    primary: Endpoint
    replicas: tuple[Endpoint, ...]


class SlotRoute:
    """Leads to the primary of a hash slot, or to one of its replicas, as a cluster client finds it.

    Every connection asks CLUSTER SLOTS first: a map from before a failover is the reason why clients keep knocking at a
    dead primary.

    Args:
        configuration_endpoint: the cluster's configuration endpoint.
        slot: the hash slot.
        access: TLS and sign-in.
        replica: whether to read from a replica; the primary serves while there is none.
    """

    def __init__(self, configuration_endpoint: Endpoint, slot: int, access: Access, *, replica: bool = False) -> None:
        self._map = SlotMap(configuration_endpoint, slot, access)
        self._access = access
        self._replica = replica
        self._hint: Endpoint | None = None

    async def connect(self) -> Connection:
        """Connect to the node that holds the slot, trying each candidate of the newest map in turn."""
        error = LostError("no node")
        for endpoint in await self._candidates():
            try:
                connection = await Connection.open(endpoint, self._access, read_only=self._replica)
            except LostError as lost:
                error = lost
                continue
            await self.close()
            return connection
        raise error

    async def close(self) -> None:
        """Drop the connections by which the map is asked for."""
        await self._map.close()

    def moved(self, error: ErrorReply) -> None:
        """Go to where a MOVED reply points with the next connection."""
        words = error.text.split()
        if words[0] == "MOVED" and len(words) > 2:  # noqa: PLR2004 - MOVED slot address
            host, _, port = words[2].rpartition(":")
            self._hint = Endpoint(host, int(port)) if host else None

    async def _candidates(self) -> tuple[Endpoint, ...]:
        hint, self._hint = self._hint, None
        if hint is not None and not self._replica:
            return (hint,)
        held = await self._map.read()
        return (*held.replicas, held.primary) if self._replica else (held.primary,)


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
            held = next((r for r in slots if r.start <= self._slot <= r.end), None)
            if held is None:
                raise LostError("CLUSTERDOWN", f"no node holds slot {self._slot}")
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
            (reply,) = await connection.ask(resp.command("CLUSTER", "SLOTS"))
        except LostError:
            connection.abort("closed here")
            raise
        if isinstance(reply, ErrorReply):
            raise LostError(reply.kind, reply.text)
        return tuple(_ranges(reply, endpoint, tls=self._access.tls is not None))

    async def _connection(self, endpoint: Endpoint) -> Connection:
        now = asyncio.get_running_loop().time()
        if endpoint in self._kept:
            connection, since = self._kept[endpoint]
            if not connection.lost.done() and now - since < KEPT_SECONDS:
                return connection
            del self._kept[endpoint]
            await connection.close()
        connection = await Connection.open(endpoint, self._access)
        self._kept[endpoint] = connection, now
        return connection


def routes(group: ReplicationGroup, node_group: NodeGroup, slot: int, access: Access) -> tuple[Route, Route]:
    """Return the ways to the primary of a node group and to its replicas.

    Args:
        group: the replication group.
        node_group: the node group.
        slot: the hash slot that is used, with cluster mode enabled.
        access: TLS and sign-in.

    Raises:
        ConnectionFailedError: the node group has no endpoint.
    """
    configuration = group.configuration_endpoint
    if configuration is not None and group.cluster_enabled:
        return SlotRoute(configuration, slot, access), SlotRoute(configuration, slot, access, replica=True)
    if node_group.primary_endpoint is None:
        raise ConnectionFailedError(f"node group {node_group.node_group_id} has no primary endpoint")
    reader = node_group.reader_endpoint or node_group.primary_endpoint
    return EndpointRoute(node_group.primary_endpoint, access), EndpointRoute(reader, access)


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
