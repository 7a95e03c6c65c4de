"""Standbys: connections to the replicas of a node group, one of which takes over when its primary is lost."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.resp import ErrorReply, Reply
from elasticache_kit.drills.slot_map import holding, pointed, told_by
from elasticache_kit.drills.timer import Timer

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.key import KeySpace
    from elasticache_kit.ops.inventory import Endpoint

# How often standbys are asked whether they have taken over: a GET of one key, over a connection that is there. It is
# what a failover can be overrated by.
PAUSE_SECONDS = 0.001

# Who has not said after so many pauses whether it has taken over is no standby any more: it may be frozen or cut off.
# Pauses that were noticed, not time: an instrument that was held up itself has not heard what lies there for it.
SILENT_PAUSES = 50

# A standby that is lost is looked for again after so long, and whether there are others after so long.
AGAIN_SECONDS = 0.5
RENEWED_SECONDS = 5.0


class Standbys:
    """Connections to the nodes one of which takes over, made while the primary is well.

    The reference measures the service: from when a node accepts writes, not from when a client has found it, connected,
    shaken hands and signed in. That is what a client adds, and what a client under test shows.

    A node is believed that answers for a key of the slot: a replica sends whoever asks to its primary. So nothing
    depends on a map, and a node that is cut off, and never hears of a failover, does no harm.

    Args:
        keys: the keys whose hash slot it is.
        access: TLS and sign-in.
    """

    def __init__(self, keys: KeySpace, access: Access) -> None:
        self._slot = keys.slot
        self._question = resp.command("GET", keys.register)
        self._access = access
        self._kept: dict[Endpoint, Connection] = {}

    def __len__(self) -> int:
        return len(self._kept)

    async def keep(self, primary: Connection) -> None:
        """Keep a connection to each replica, until cancelled or until the primary is lost.

        Args:
            primary: it is asked who its replicas are.
        """
        try:
            while True:
                whole = await self.renew(primary)
                lost = [connection.lost for connection in self._kept.values()]
                if whole and lost:
                    await asyncio.wait(lost, timeout=RENEWED_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(AGAIN_SECONDS)
        except LostError:
            # Then the primary is lost as well, and who keeps it connects anew.
            return

    async def renew(self, primary: Connection) -> bool:
        """Connect to the replicas there are now, drop all others, and return whether every one of them is there.

        Raises:
            LostError: the primary does not tell.
        """
        replicas = holding(await told_by(primary, self._access), self._slot).replicas
        for endpoint, connection in tuple(self._kept.items()):
            if endpoint not in replicas or connection.lost.done():
                del self._kept[endpoint]
                await connection.close()
        await asyncio.gather(*(self._open(endpoint) for endpoint in replicas if endpoint not in self._kept))
        return len(self._kept) == len(replicas)

    async def promoted(self) -> Connection:
        """Return the one that has become the primary, as soon as one has; it is no standby any more."""
        found: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        silent: dict[Endpoint, int] = {}

        def answer(endpoint: Endpoint, replies: list[Reply] | LostError) -> None:
            silent.pop(endpoint, None)
            if isinstance(replies, LostError):
                self._kept.pop(endpoint, None)
            elif not isinstance(replies[0], ErrorReply) and not found.done() and endpoint in self._kept:
                found.set_result(self._kept.pop(endpoint))

        def ask(_: int) -> None:
            for endpoint, connection in tuple(self._kept.items()):
                if endpoint not in silent:
                    silent[endpoint] = 0
                    connection.send(partial(answer, endpoint), self._question)
                    continue
                silent[endpoint] += 1
                if silent[endpoint] > SILENT_PAUSES:
                    connection.abort("timeout")

        asking = Timer(ask, time.monotonic(), PAUSE_SECONDS)
        try:
            return await found
        except asyncio.CancelledError:
            if not found.cancelled():
                found.result().abort("closed here")
            raise
        finally:
            asking.cancel()

    def pointed(self, error: ErrorReply) -> Connection | None:
        """Return the one to which a reply points, which is no standby any more; None when it points to none."""
        endpoint = pointed(error)
        connection = self._kept.get(endpoint) if endpoint is not None else None
        if endpoint is None or connection is None or connection.lost.done():
            return None
        return self._kept.pop(endpoint)

    async def close(self) -> None:
        """Drop all."""
        kept, self._kept = self._kept, {}
        for connection in kept.values():
            await connection.close()

    async def _open(self, endpoint: Endpoint) -> None:
        try:
            self._kept[endpoint] = await Connection.open(endpoint, self._access)
        except LostError:
            # A node that is away, or a password that is just being replaced: it is tried again.
            return
