"""An address that clients connect to, and the engines behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.emulator.front.stall import Stalls

if TYPE_CHECKING:
    from elasticache_kit.emulator.front.postgresql_gate import PostgreSQLGate
    from elasticache_kit.emulator.front.secured_server import SecuredServer

Ask = Callable[[str, str, "Asker"], None]


@dataclass(frozen=True, slots=True)
class Target:
    """An engine.

    Args:
        address: where it listens.
        port: the port there.
        socket: its Unix socket, which takes a third less of the processor on the way; the address is used when omitted,
            and where nobody listens at the socket.
    """

    address: str
    port: int
    socket: str = ""


class Asker:
    """Whoever waits for a verdict on a sign-in."""

    def answer(self, password: str) -> None:
        """Take the password that the engine shall see."""
        raise NotImplementedError


@dataclass(slots=True, eq=False)
class Listener:
    """An address that clients connect to.

    Args:
        ask: asks the emulator about a sign-in by user and token.
        targets: the engines that new connections go to, in turn.
        iam_users: whose sign-ins need a verdict.
        discovery: what Memcached's `config get cluster` is answered with; None where it is no configuration endpoint.
        reading: whether READONLY is said in the name of clients, see `reading`.
        server: the listening socket.
        stalls: the engines that nobody gets through to now.
    """

    ask: Ask
    targets: list[Target] = field(default_factory=list[Target])
    iam_users: frozenset[str] = frozenset()
    discovery: str | None = None
    reading: bool = False
    server: asyncio.Server | SecuredServer | PostgreSQLGate | None = None
    stalls: Stalls = field(default_factory=Stalls)
    _turn: int = field(default=0)

    def next_targets(self) -> list[Target]:
        """Give the engines in the order in which the next connection shall try them."""
        self._turn += 1
        at = self._turn % len(self.targets) if self.targets else 0
        return [*self.targets[at:], *self.targets[:at]]
