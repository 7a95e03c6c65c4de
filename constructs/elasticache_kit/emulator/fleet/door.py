"""How clients get to engines: straight, or through the front where they speak TLS or several engines take turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import endpoint_name
from elasticache_kit.emulator.fleet.front import Front, Listening, Place
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
    from elasticache_kit.emulator.fleet.node import Leading, Node

HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class ReaderWay:
    """Leads an address to replicas in cluster mode.

    Args:
        make: what does it.
    """

    make: Callable[[str, tuple[Node, ...], tuple[Node, ...]], None]

    def lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        """Make the address lead to these nodes, which take turns, and no longer to those before."""
        self.make(address, before, after)


class PlainDoor:
    """Engines listen on their nodes' addresses, and on that of an endpoint that leads to them alone (CONFIG SET bind).

    Two processes cannot listen on one address, so the front spreads the connections of an endpoint with several nodes.

    Args:
        front: the process that spreads.
        port: where clients connect.
        group: whose door it is.
    """

    def __init__(self, front: Front, port: int, group: str) -> None:
        self._front, self._port, self._group = front, port, group

    def engine_port(self, port: int) -> int:
        """Say that engines listen where clients connect."""
        return port

    def open(self, node: Node) -> None:
        """Do nothing: an engine listens on its own address as long as it runs."""

    def close(self, node: Node) -> None:
        """Forget the endpoints that led to an engine: it has ended, and listens on none of them."""
        node.also.clear()

    @property
    def readers(self) -> Leading:
        """How clients that know nothing of clusters get to replicas in cluster mode: always by the front."""
        return ReaderWay(self._lead_readers)

    def _lead_readers(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        self._leave(before, address)
        self._spread(address, after, reading=True)

    def lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        """Move an address from engine to engine, or to the front and back; it is freed before the next one takes it."""
        if len(after) != 1:
            self._leave(before, address)
            self._spread(address, after)
            return
        self._front.leave((address, self._port))
        self._leave(before, address)
        (node,) = after
        node.engine.listen_also([*node.also, address])
        node.also.append(address)

    def stall(self, node: Node) -> None:
        """Let nothing that comes by the front through to a node."""
        self._front.stall(node.engine.address)

    def release(self, node: Node) -> None:
        """Let everything through again."""
        self._front.release(node.engine.address)

    def prepare(self, addresses: Sequence[str]) -> None:
        """Do nothing: there is nothing to prepare."""

    def admit(self, iam_users: frozenset[str]) -> None:
        """Do nothing: IAM tokens are for TLS only, without it they are wrong passwords."""

    def prefer(self, *, preferred: bool) -> None:
        """Refuse: engines and their ports would have to change.

        Raises:
            RefusedError: always.
        """
        del preferred
        raise RefusedError(f"changing the TLS mode of {self._group}", ["it was started without TLS"])

    def _spread(self, address: str, nodes: tuple[Node, ...], *, reading: bool = False) -> None:
        if nodes:
            targets = tuple(node.target for node in nodes)
            self._front.lead((address, self._port), Listening(targets=targets, group=self._group, reading=reading))
        else:
            self._front.leave((address, self._port))

    def _leave(self, nodes: tuple[Node, ...], address: str) -> None:
        for node in nodes:
            if address in node.also:
                node.also.remove(address)
                if node.engine.alive:
                    node.engine.listen_also(node.also)


class TlsDoor:
    """The front listens on the addresses that clients know; engines listen in plain on a port beside it.

    Args:
        front: the process that ends TLS, one for all groups.
        authority: who signs the certificates.
        port: where clients connect.
        group: whose door it is.
        preferred: whether clients may come without TLS, too.
        peers: the beginning of the addresses from which engines come, without TLS; none do when omitted.
    """

    def __init__(
        self,
        front: Front,
        authority: CertificateAuthority,
        port: int,
        group: str,
        *,
        preferred: bool = False,
        peers: str = "",
    ) -> None:
        self._front, self._authority, self._port, self._group = front, authority, port, group
        self._preferred, self._peers = preferred, peers
        self._certificates: dict[str, Path] = {}
        self._iam_users: frozenset[str] = frozenset()

    def engine_port(self, port: int) -> int:
        """Say that engines listen on the port above, or below where there is none."""
        return port + 1 if port < HIGHEST_PORT else port - 1

    def open(self, node: Node) -> None:
        """Listen on a node's address; a process that has just started can be reached."""
        self._front.release(node.engine.address)
        self.lead(node.address, (), (node,))

    def close(self, node: Node) -> None:
        """Listen no longer on a node's address."""
        self.lead(node.address, (node,), ())

    def lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...]) -> None:
        """Make an address lead to nodes; connections that exist stay where they are."""
        self._lead(address, before, after)

    @property
    def readers(self) -> Leading:
        """How clients that know nothing of clusters get to replicas in cluster mode."""
        return ReaderWay(partial(self._lead, reading=True))

    def _lead(self, address: str, before: tuple[Node, ...], after: tuple[Node, ...], *, reading: bool = False) -> None:
        del before
        place = address, self._port
        if not after:
            self._front.leave(place)
            return
        self.prepare([address])
        wanted = Listening(
            targets=tuple(self._target(node) for node in after),
            group=self._group,
            certificate=self._certificates[address],
            key=self._authority.key_file,
            preferred=self._preferred,
            peers=self._peers,
            iam_users=self._iam_users,
            reading=reading,
        )
        self._front.lead(place, wanted)

    def stall(self, node: Node) -> None:
        """Let nothing that comes by the front through to a node."""
        self._front.stall(node.engine.address)

    def release(self, node: Node) -> None:
        """Let everything through again."""
        self._front.release(node.engine.address)

    def prepare(self, addresses: Sequence[str]) -> None:
        """Have certificates signed."""
        for address in addresses:
            if address not in self._certificates:
                self._certificates[address] = self._authority.issue(address, endpoint_name.certified(self._group))

    def admit(self, iam_users: frozenset[str]) -> None:
        """Have the front hold the sign-ins of these users for a verdict."""
        self._iam_users = iam_users
        self._front.change(self._places, iam_users=iam_users)

    def prefer(self, *, preferred: bool) -> None:
        """Let clients come without TLS, too, or no longer; connections that exist stay."""
        self._preferred = preferred
        self._front.change(self._places, preferred=preferred)

    def _target(self, node: Node) -> tuple[str, int, str]:
        # Engines that come this way, too, must be seen to come from their own address.
        return (node.address, node.engine.port, "") if self._peers else node.target

    @property
    def _places(self) -> list[Place]:
        return [(address, self._port) for address in self._certificates]
