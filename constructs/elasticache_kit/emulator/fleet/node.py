"""One cache node: an engine, its place in the replication group, and the ways that lead to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.engine import Engine


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """A cache node.

    Args:
        cache_cluster_id: its name.
        node_group_id: the shard that it belongs to.
        engine: its process.
        in_service: whether it takes part: it has answered, and a replica has been in sync once.
        also: the endpoint addresses that lead to it at present.
    """

    cache_cluster_id: str
    node_group_id: str
    engine: Engine
    in_service: bool = False
    also: list[str] = field(default_factory=list[str])

    @property
    def address(self) -> str:
        """Its loopback address, the same for all its life."""
        return self.engine.address

    @property
    def serves(self) -> bool:
        """Whether it takes part and its process runs."""
        return self.in_service and self.engine.alive


class Door(Protocol):
    """How clients get to engines: engines listen themselves, or something stands before them."""

    def engine_port(self, port: int) -> int:
        """Say where an engine listens whose clients connect to this port."""
        ...

    def open(self, node: Node) -> None:
        """Let clients connect to a node's own address."""
        ...

    def close(self, node: Node) -> None:
        """Refuse clients at a node's own address, because its engine has ended."""
        ...

    def attach(self, address: str, node: Node) -> None:
        """Make an endpoint's address lead to a node."""
        ...

    def detach(self, address: str, node: Node) -> None:
        """Make an endpoint's address lead nowhere."""
        ...


class PlainDoor:
    """Engines listen on their nodes' addresses, and on those of the endpoints that lead to them (CONFIG SET bind)."""

    def engine_port(self, port: int) -> int:
        """Say that engines listen where clients connect."""
        return port

    def open(self, node: Node) -> None:
        """Do nothing: an engine listens on its own address as long as it runs."""

    def close(self, node: Node) -> None:
        """Forget the endpoints that led to an engine: it has ended, and listens on none of them."""
        node.also.clear()

    def attach(self, address: str, node: Node) -> None:
        """Let the engine listen on an endpoint's address too."""
        node.engine.listen_also([*node.also, address])
        node.also.append(address)

    def detach(self, address: str, node: Node) -> None:
        """Let the engine listen on an endpoint's address no longer; one that has ended does not anyway."""
        if address in node.also:
            node.also.remove(address)
            if node.engine.alive:
                node.engine.listen_also(node.also)


@dataclass(slots=True, eq=False)
class Endpoint:
    """An address that leads to one node after another.

    Args:
        address: its loopback address.
        node: where it leads, or None.
        pid: the process there when it was attached: a process started since does not know the address.
    """

    address: str
    node: Node | None = None
    pid: int | None = None

    def lead_to(self, node: Node | None, door: Door) -> None:
        """Make the address lead to a node, or nowhere; nothing happens where it already does."""
        if node is self.node and (node is None or node.engine.pid == self.pid):
            return
        # Freed before the next engine takes it: two cannot listen on one address.
        if self.node is not None:
            door.detach(self.address, self.node)
        self.node = self.pid = None
        if node is not None:
            door.attach(self.address, node)
            self.node, self.pid = node, node.engine.pid
