"""One cache node: an engine, its place in the replication group, and the ways that lead to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.emulator.fleet.engine import Engine


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """A cache node.

    Args:
        cache_cluster_id: its name.
        node_group_id: the shard that it belongs to.
        engine: its process.
        availability_zone: its zone, None where it has none.
        in_service: whether it takes part: it has answered, and a replica has been in sync once.
        isolated: whether it is cut off from the other nodes and from whoever decides on them.
        lag_seconds: how long what its primary sends takes to it.
        by_address: whether the front comes to its address and not to its Unix socket: engines take whoever comes there
            for one with an IPv6 address, and send it elsewhere.
        also: the endpoint addresses that lead to it at present.
    """

    cache_cluster_id: str
    node_group_id: str
    engine: Engine
    availability_zone: str | None = None
    in_service: bool = False
    isolated: bool = False
    lag_seconds: float = 0.0
    by_address: bool = False
    also: list[str] = field(default_factory=list[str])

    @property
    def address(self) -> str:
        """Its loopback address, the same for all its life."""
        return self.engine.address

    @property
    def target(self) -> tuple[str, int, str]:
        """Where the front finds its engine: address, port and Unix socket."""
        return self.address, self.engine.port, "" if self.by_address else str(self.engine.socket)

    @property
    def reachable(self) -> bool:
        """Whether its process runs and the others can talk to it."""
        return self.engine.alive and not self.isolated

    @property
    def serves(self) -> bool:
        """Whether it takes part and can be reached."""
        return self.in_service and self.reachable


class Leading(Protocol):
    """What makes an address lead to engines."""

    def lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        """Make an endpoint's address lead to these nodes, which take turns, and no longer to those before."""
        ...


class Door(Leading, Protocol):
    """How clients get to engines: engines listen themselves, or the front stands before them."""

    @property
    def readers(self) -> Leading:
        """How clients that know nothing of clusters get to replicas in cluster mode."""
        ...

    def engine_port(self, port: int) -> int:
        """Say where an engine listens whose clients connect to this port."""
        ...

    def open(self, node: Node) -> None:
        """Let clients connect to a node's own address."""
        ...

    def close(self, node: Node) -> None:
        """Refuse clients at a node's own address, because its engine has ended."""
        ...

    def stall(self, node: Node) -> None:
        """Let nothing that comes by the front through to a node; connections stay."""
        ...

    def release(self, node: Node) -> None:
        """Let everything through again."""
        ...

    def prepare(self, addresses: Sequence[str]) -> None:
        """Do beforehand what takes time when the door opens at these addresses."""
        ...

    def admit(self, iam_users: frozenset[str]) -> None:
        """Say who signs in with IAM tokens from now on, for connections that come."""
        ...

    def prefer(self, *, preferred: bool) -> None:
        """Say whether clients may come without TLS, too.

        Raises:
            RefusedError: there is no TLS.
        """
        ...


@dataclass(slots=True, eq=False)
class Endpoint:
    """An address that leads to one node after another, or to several in turn.

    Args:
        address: its loopback address.
        nodes: where it leads.
        pids: the processes there when it was led to them: a process started since does not know the address.
        door: how one gets from there to engines; by the door of their group when omitted.
    """

    address: str
    nodes: tuple[Node, ...] = ()
    pids: tuple[int | None, ...] = ()
    door: Leading | None = None

    def lead_to(self, nodes: tuple[Node, ...], door: Leading) -> None:
        """Make the address lead to nodes, or nowhere; nothing happens where it already does."""
        pids = tuple(node.engine.pid for node in nodes)
        if (nodes, pids) == (self.nodes, self.pids):
            return
        before, self.nodes, self.pids = self.nodes, (), ()
        (self.door or door).lead(self.address, before, nodes)
        self.nodes, self.pids = nodes, pids
