"""The route to whichever Region of a global datastore takes the writes now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills.connection import LostError

if TYPE_CHECKING:
    from elasticache_kit.drills.connection import Connection
    from elasticache_kit.drills.resp import ErrorReply
    from elasticache_kit.drills.route import Route


class WorldRoute:
    """Leads to the primary of one Region, and to the next one where that refuses writes or cannot be reached.

    Args:
        routes: those to the primaries, one for each Region; the first one is where writes go at first.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        self._place = 0

    @property
    def standbys(self) -> None:
        """None: who takes over is in another Region, and no node of this one tells of it."""

    async def connect(self) -> Connection:
        """Connect within the Region of the moment; the next attempt goes on to another where this one fails."""
        try:
            return await self._routes[self._place].connect()
        except LostError:
            self._go_on()
            raise

    def moved(self, error: ErrorReply) -> None:
        """Go on to the next Region where this one only reads; within a Region its own route knows."""
        if error.kind == "READONLY":
            self._go_on()
        else:
            self._routes[self._place].moved(error)

    async def close(self) -> None:
        """Drop what the routes keep."""
        for route in self._routes:
            await route.close()

    def _go_on(self) -> None:
        self._place = (self._place + 1) % len(self._routes)
