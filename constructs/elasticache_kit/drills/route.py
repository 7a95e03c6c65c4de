"""Where a drill's connections lead: an endpoint, or whichever node holds a hash slot now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.slot_map import SlotMap, pointed
from elasticache_kit.drills.standby import Standbys
from elasticache_kit.errors import ConnectionFailedError

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.key import KeySpace
    from elasticache_kit.drills.resp import ErrorReply
    from elasticache_kit.ops.inventory import Endpoint, NodeGroup, ReplicationGroup


class Route(Protocol):
    """Makes a new connection to where the commands belong at this moment."""

    @property
    def standbys(self) -> Standbys | None:
        """Connections to the nodes that may take over; None where only an endpoint tells which one does."""
        ...

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

    @property
    def standbys(self) -> None:
        """None: only the endpoint says which node has taken over."""

    async def connect(self) -> Connection:
        """Connect to the endpoint as it resolves now."""
        return await Connection.open(self.endpoint, self.access)

    def moved(self, error: ErrorReply) -> None:
        """Ignore the reply: only the endpoint says where to go."""

    async def close(self) -> None:
        """Keep nothing."""


class SlotRoute:
    """Leads to the primary of a hash slot, or to one of its replicas, as a cluster client finds it.

    Every connection asks CLUSTER SLOTS first: a map from before a failover is the reason why clients keep knocking at a
    dead primary.

    Args:
        configuration_endpoint: the cluster's configuration endpoint.
        keys: the keys whose hash slot it is.
        access: TLS and sign-in.
        replica: whether to read from a replica; the primary serves while there is none.
    """

    def __init__(
        self, configuration_endpoint: Endpoint, keys: KeySpace, access: Access, *, replica: bool = False
    ) -> None:
        self.standbys = None if replica else Standbys(keys, access)
        self._map = SlotMap(configuration_endpoint, keys.slot, access)
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
            try:
                await self.close()
            except BaseException:
                connection.abort("closed here")
                raise
            return connection
        raise error

    async def close(self) -> None:
        """Drop the connections by which the map is asked for, and what a reply has said."""
        self._hint = None
        await self._map.close()

    def moved(self, error: ErrorReply) -> None:
        """Go to where a MOVED reply points with the next connection."""
        self._hint = pointed(error) or self._hint

    async def _candidates(self) -> tuple[Endpoint, ...]:
        hint, self._hint = self._hint, None
        if hint is not None and not self._replica:
            return (hint,)
        held = await self._map.read()
        return (*held.replicas, held.primary) if self._replica else (held.primary,)


def routes(group: ReplicationGroup, node_group: NodeGroup, keys: KeySpace, access: Access) -> tuple[Route, Route]:
    """Return the ways to the primary of a node group and to its replicas.

    Args:
        group: the replication group.
        node_group: the node group.
        keys: the keys that are used; their hash slot leads the way with cluster mode enabled.
        access: TLS and sign-in.

    Raises:
        ConnectionFailedError: the node group has no endpoint.
    """
    configuration = group.configuration_endpoint
    if configuration is not None and group.cluster_enabled:
        return SlotRoute(configuration, keys, access), SlotRoute(configuration, keys, access, replica=True)
    if node_group.primary_endpoint is None:
        raise ConnectionFailedError(f"node group {node_group.node_group_id} has no primary endpoint")
    reader = node_group.reader_endpoint or node_group.primary_endpoint
    return EndpointRoute(node_group.primary_endpoint, access), EndpointRoute(reader, access)
