"""Where a drill's connections lead: an endpoint, or whichever node holds a hash slot now."""

from __future__ import annotations

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


class Route(Protocol):
    """Makes a new connection to where the commands belong at this moment."""

    async def connect(self) -> Connection:
        """Connect, or raise LostError."""
        ...

    def moved(self, error: ErrorReply) -> None:
        """Take note of a reply that says where the commands belong."""
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


@dataclass(frozen=True, slots=True)
class SlotRange:
    """A range of hash slots and the nodes that hold it, as CLUSTER SLOTS tells it."""

    start: int
    end: int
    primary: Endpoint
    replicas: tuple[Endpoint, ...]


class SlotRoute:
    """Leads to the primary of a hash slot, or to one of its replicas, as a cluster client finds it.

    Every connection asks CLUSTER SLOTS first, of the configuration endpoint and then of every node known so far: a map
    from before a failover is the reason why clients keep knocking at a dead primary.

    Args:
        configuration_endpoint: the cluster's configuration endpoint.
        slot: the hash slot.
        access: TLS and sign-in.
        replica: whether to read from a replica; the primary serves while there is none.
    """

    def __init__(self, configuration_endpoint: Endpoint, slot: int, access: Access, *, replica: bool = False) -> None:
        self._configuration_endpoint = configuration_endpoint
        self._slot = slot
        self._access = access
        self._replica = replica
        self._known: tuple[Endpoint, ...] = ()
        self._hint: Endpoint | None = None

    async def connect(self) -> Connection:
        """Connect to the node that holds the slot, trying each candidate of the newest map in turn."""
        error = LostError("no node", f"slot {self._slot}")
        for endpoint in await self._candidates():
            try:
                return await Connection.open(endpoint, self._access, read_only=self._replica)
            except LostError as lost:
                error = lost
        raise error

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
        held = next((r for r in await self._slots() if r.start <= self._slot <= r.end), None)
        if held is None:
            raise LostError("CLUSTERDOWN", f"no node holds slot {self._slot}")
        return (*held.replicas, held.primary) if self._replica else (held.primary,)

    async def _slots(self) -> tuple[SlotRange, ...]:
        error = LostError("no node", "nobody answers CLUSTER SLOTS")
        for endpoint in (self._configuration_endpoint, *self._known):
            try:
                slots = await read_slots(endpoint, self._access)
            except LostError as lost:
                error = lost
                continue
            self._known = tuple(dict.fromkeys(node for r in slots for node in (r.primary, *r.replicas)))
            return slots
        raise error


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


async def read_slots(endpoint: Endpoint, access: Access) -> tuple[SlotRange, ...]:
    """Ask a node for CLUSTER SLOTS.

    Raises:
        LostError: the node cannot be reached, or its answer is no slot map.
    """
    connection = await Connection.open(endpoint, access)
    try:
        (reply,) = await connection.ask(resp.command("CLUSTER", "SLOTS"))
    finally:
        await connection.close()
    if isinstance(reply, ErrorReply):
        raise LostError(reply.kind, reply.text)
    return tuple(_ranges(reply, endpoint, tls=access.tls is not None))


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
