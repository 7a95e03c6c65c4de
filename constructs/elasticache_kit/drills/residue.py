"""What a drill left in the cache: read back to find what was lost, then removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import PREFIX, key_space
from elasticache_kit.drills.lane import RECONNECT_PAUSE_SECONDS
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply
from elasticache_kit.drills.route import routes
from elasticache_kit.errors import ConnectionFailedError

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.key import KeySpace
    from elasticache_kit.drills.route import Route
    from elasticache_kit.ops.inventory import ReplicationGroup

# The load is over by then: whoever does not answer for so long is not going to.
PATIENCE_SECONDS = 15.0
_CHUNK = 500
_ELSEWHERE = ErrorReply("READONLY it says that it is a replica")


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


async def sweep(group: ReplicationGroup, access: Access, run_id: str) -> None:
    """Remove all keys of a drill, whoever wrote them, from the primaries of a group.

    Raises:
        ConnectionFailedError: a primary cannot be reached.
    """

    async def remove_all(connection: Connection) -> None:
        async for found in _scan(connection, f"{PREFIX}{run_id}:*"):
            await connection.ask(*(resp.command("UNLINK", key) for key in found))

    await _at_primaries(group, access, run_id, remove_all)


async def written(group: ReplicationGroup, access: Access, run_id: str) -> dict[str, set[int]]:
    """Return the numbers of a drill's writes that a group holds, by the node group that they were written in.

    Raises:
        ConnectionFailedError: a primary cannot be reached.
    """
    numbers: dict[str, set[int]] = {}

    async def look(connection: Connection) -> None:
        async for found in _scan(connection, f"{PREFIX}{run_id}:*:write:*"):
            for key in found:
                tag, _, number = key.removeprefix(f"{PREFIX}{run_id}:{{").partition("}:write:")
                numbers.setdefault(tag.partition("-")[0], set()).add(int(number))

    await _at_primaries(group, access, run_id, look)
    return numbers


async def _at_primaries(
    group: ReplicationGroup, access: Access, run_id: str, work: Callable[[Connection], Awaitable[None]]
) -> None:
    for node_group in group.node_groups:
        keys = key_space(run_id, node_group.node_group_id, node_group.slots if group.cluster_enabled else None)
        primary, _ = routes(group, node_group, keys, access)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                connection = await _primary(primary)
                try:
                    await work(connection)
                finally:
                    await connection.close()
        except (LostError, TimeoutError) as error:
            raise ConnectionFailedError(f"node group {node_group.node_group_id} cannot be reached: {error}") from error
        finally:
            await primary.close()


async def _scan(connection: Connection, pattern: str) -> AsyncIterator[list[str]]:
    cursor = "0"
    while True:
        (reply,) = await connection.ask(resp.command("SCAN", cursor, "MATCH", pattern, "COUNT", _CHUNK))
        match reply:
            case [bytes(following), list(keys)]:
                found = [key.decode() for key in keys if isinstance(key, bytes)]
            case _:
                raise LostError(reply.kind if isinstance(reply, ErrorReply) else "no answer", repr(reply))
        if found:
            yield found
        cursor = following.decode()
        if cursor == "0":
            return


async def _present(connection: Connection, keys: KeySpace, last_number: int) -> AsyncIterator[int]:
    for chunk in _chunks(last_number):
        (reply,) = await connection.ask(resp.command("MGET", *(keys.write(number) for number in chunk)))
        if not isinstance(reply, list):
            raise LostError(reply.kind if isinstance(reply, ErrorReply) else "no answer", repr(reply))
        for number, value in zip(chunk, reply, strict=True):
            if value == str(number).encode():
                yield number


async def _primary(route: Route) -> Connection:
    """Connect to a server that says that it is the primary, for as long as it takes and there is hope."""
    while True:
        try:
            connection = await route.connect()
        except LostError as error:
            if error.hopeless:
                raise
            await asyncio.sleep(RECONNECT_PAUSE_SECONDS)
            continue
        if await _is_primary(connection):
            return connection
        await connection.close()
        route.moved(_ELSEWHERE)
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
