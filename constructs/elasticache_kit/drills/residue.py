"""What a drill left in the cache: read back to find what was lost, then removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.lane import RECONNECT_PAUSE_SECONDS
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply

if TYPE_CHECKING:
    from elasticache_kit.drills.key import KeySpace
    from elasticache_kit.drills.route import Route

# The load is over by then: whoever does not answer for so long is not going to.
PATIENCE_SECONDS = 15.0
_CHUNK = 500


async def read_back(route: Route, keys: KeySpace, last_number: int, history: History, node_group: str) -> None:
    """Ask the primary which of the writes 1 to `last_number` it holds, and log its answer."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            connection = await _primary(route)
            try:
                found = [number async for number in _present(connection, keys, last_number)]
            finally:
                await connection.close()
    except (LostError, TimeoutError) as error:
        history.log(Action.READ_BACK, Kind.FAIL, node_group, error=str(error) or "timeout")
    else:
        history.log(Action.READ_BACK, Kind.OK, node_group, numbers=tuple(found), node=connection.node)


async def remove(route: Route, keys: KeySpace, last_number: int) -> bool:
    """Remove every key that was written; False if that failed, and then they expire."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            connection = await _primary(route)
            try:
                await connection.ask(resp.command("UNLINK", keys.register))
                for chunk in _chunks(last_number):
                    await connection.ask(resp.command("UNLINK", *(keys.write(number) for number in chunk)))
            finally:
                await connection.close()
    except (LostError, TimeoutError):
        return False
    return True


async def _present(connection: Connection, keys: KeySpace, last_number: int) -> AsyncIterator[int]:
    for chunk in _chunks(last_number):
        (reply,) = await connection.ask(resp.command("MGET", *(keys.write(number) for number in chunk)))
        if not isinstance(reply, list):
            raise LostError(reply.kind if isinstance(reply, ErrorReply) else "no answer", repr(reply))
        for number, value in zip(chunk, reply, strict=True):
            if value == str(number).encode():
                yield number


async def _primary(route: Route) -> Connection:
    """Connect to a server that says that it is the primary, for as long as it takes."""
    while True:
        try:
            connection = await route.connect()
        except LostError:
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)
            continue
        if await _is_primary(connection):
            return connection
        await connection.close()
        await asyncio.sleep(RECONNECT_PAUSE_SECONDS)


async def _is_primary(connection: Connection) -> bool:
    try:
        (reply,) = await connection.ask(resp.command("INFO", "replication"))
    except LostError:
        return False
    # A user who may not ask INFO gets an error; then the endpoint must be trusted.
    return isinstance(reply, ErrorReply) or resp.info(reply).get("role") == "master"


def _chunks(last_number: int) -> Iterator[range]:
    return (range(start, min(start + _CHUNK, last_number + 1)) for start in range(1, last_number + 1, _CHUNK))
