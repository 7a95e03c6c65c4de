"""A way to an engine that takes time, at the addresses at which clients know it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.links import Link, Links

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.address import AddressBlock


class Detour:
    """Listens in the place of an engine, which listens at an address that nobody knows.

    Args:
        links: what passes bytes on late.
        block: where that address comes from.
        port: where the engine listens.
        seconds: how long each answer takes on the way.
        spared: addresses whose connections take no time: those of the other nodes.

    Raises:
        EngineStartError: there is no address left.
    """

    def __init__(
        self, links: Links, block: AddressBlock, port: int, seconds: float, spared: Collection[str] = ()
    ) -> None:
        self._links, self._block, self._port = links, block, port
        self._seconds, self._spared = seconds, spared
        self.address = block.take((port,))
        self._led: tuple[str, ...] = ()

    def lead(self, addresses: Sequence[str]) -> None:
        """Listen at these addresses and no others.

        Raises:
            EngineStartError: one is taken.
        """
        for address in set(self._led) - set(addresses):
            self._links.take_up((address, self._port))
        link = Link(target=(self.address, self._port), streams=dict.fromkeys(self._spared, 0.0), default=self._seconds)
        for address in addresses:
            self._links.lay((address, self._port), link)
        self._led = tuple(addresses)

    def close(self) -> None:
        """Listen nowhere, and end all connections."""
        self.lead(())
        self._block.give_back(self.address)
