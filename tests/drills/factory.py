"""Client factories of a user's own, by path: `tests.drills.factory:half`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import valkey.asyncio

if TYPE_CHECKING:
    from elasticache_kit.drills.client import Client, Target


def dead(_: Target) -> Client:
    """Make no client."""
    raise ConnectionRefusedError("nobody there")


class HalfDead(valkey.asyncio.Valkey):
    """A client of which, once it has lost a connection, only every second write is sent."""

    broken = False
    count = 0

    async def set(self, *arguments: object, **options: object) -> object:
        """Write a key, or not."""
        self.count += 1
        if self.broken and self.count % 2:
            raise RuntimeError("lost")
        try:
            return await super().set(*arguments, **options)  # pyright: ignore[reportArgumentType] - valkey-py is half typed
        except valkey.ConnectionError:
            self.broken = True
            raise


def half(target: Target) -> HalfDead:
    """Make a client that does not come back whole."""
    return HalfDead(host=target.environment.endpoint, port=target.environment.port)
