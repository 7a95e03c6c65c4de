"""Standbys: who takes over is known before anybody has to be looked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from elasticache_kit.drills import event_loop, resp
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import Connection
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.lane import Lane
from elasticache_kit.drills.resp import ErrorReply
from elasticache_kit.drills.route import SlotRoute
from elasticache_kit.drills.standby import Standbys
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.impostor import bulk, eventually, impostor, node, slots

KEYS = key_space("run", "0001", "0-16383")


@dataclass
class Node:
    """A node of a cluster of one shard, which believes what a test tells it.

    Args:
        run_id: who it is.
        leads: whether it says that the slot is its own.
        closed: whether it turns away whoever connects anew.
        frozen: whether it leaves questions unanswered.
        map: what it says to CLUSTER SLOTS: the primary, and its replicas.
    """

    run_id: str
    leads: bool = False
    closed: bool = False
    frozen: bool = False
    map: list[Endpoint] = field(default_factory=list[Endpoint])

    def answer(self, words: list[str]) -> bytes | None:
        """Answer as an engine does."""
        if words[0] == "DIE" or (self.closed and words[0] == "INFO"):
            return None
        if self.frozen:
            return b""
        if words[0] == "INFO":
            return bulk(f"run_id:{self.run_id}")
        if words[0] == "CLUSTER":
            return slots((0, 16383, [node(each) for each in self.map]))
        if words[0] == "GET" and not self.leads:
            return f"-MOVED {KEYS.slot} {self.map[0]}\r\n".encode()
        return b"+OK\r\n"


@dataclass
class Shard:
    """A primary and a replica, and the lane that writes to them."""

    primary: Node
    replica: Node
    heard_by_primary: list[list[str]]
    heard_by_replica: list[list[str]]
    lane: Lane
    history: History


@asynccontextmanager
async def shard() -> AsyncGenerator[Shard]:
    """Serve a shard of which neither node ever tells by its map that the replica has taken over."""
    primary, replica = Node("primary", leads=True), Node("replica")
    async with (
        impostor(primary.answer) as (there, heard_by_primary),
        impostor(replica.answer) as (beside, heard_by_replica),
    ):
        primary.map = replica.map = [there, beside]
        history = History()
        lane = Lane(Action.WRITE, "0001", SlotRoute(there, KEYS, Access()), history)
        task = asyncio.create_task(lane.keep())
        try:
            await lane.up.wait()
            yield Shard(primary, replica, heard_by_primary, heard_by_replica, lane, history)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def lose(lane: Lane) -> None:
    """Let the server drop the lane's connection."""
    lane.send(lambda _: None, resp.command("DIE"))


def test_a_replica_that_takes_over_is_the_lanes_at_once() -> None:
    """Over the connection that was there: whoever connects is turned away; and no map tells of it."""

    async def scenario() -> None:
        async with shard() as it:
            assert it.lane.node == "primary"
            it.primary.closed = it.replica.closed = it.replica.leads = True
            lose(it.lane)
            await eventually(lambda: it.lane.node == "replica")
            answered = asyncio.Event()
            it.lane.send(lambda _: answered.set(), resp.command("SET", "a", 1))
            await answered.wait()
            assert ["SET", "a", "1"] in it.heard_by_replica
            connected = [(entry.node, entry.error) for entry in it.history.about(Action.CONNECT)]
            assert connected == [("primary", None), ("primary", "write: closed"), ("replica", None)]

    asyncio.run(scenario())


def test_a_reply_that_points_to_a_replica_leads_to_it_without_a_connection() -> None:
    """MOVED, from a primary that handed over."""

    async def scenario() -> None:
        async with shard() as it:
            it.primary.closed = it.replica.closed = it.replica.leads = True
            it.lane.heed([ErrorReply(f"MOVED {KEYS.slot} {it.primary.map[1]}")])
            # Within the same step: whatever is sent next goes there.
            assert it.lane.node == "replica"
            await eventually(lambda: len(it.history.about(Action.CONNECT)) == 3)
            connected = [(entry.node, entry.error) for entry in it.history.about(Action.CONNECT)]
            assert connected == [("primary", None), ("primary", "write: MOVED"), ("replica", None)]
            assert it.lane.up.is_set()

    asyncio.run(scenario())


def test_a_standby_that_was_pointed_to_and_is_lost_again_is_not_clung_to() -> None:
    """Then the lane looks for the primary as it does without one."""

    async def scenario() -> None:
        async with shard() as it:
            it.lane.heed([ErrorReply(f"MOVED {KEYS.slot} {it.primary.map[1]}")])
            lose(it.lane)
            await eventually(lambda: it.lane.node == "primary")

    asyncio.run(scenario())


def test_a_replica_that_has_not_taken_over_is_not_taken() -> None:
    """It is asked again and again, and the lane goes back to the primary when that is there again."""

    async def scenario() -> None:
        async with shard() as it:
            lose(it.lane)
            await eventually(lambda: len(it.history.about(Action.CONNECT)) == 3)
            assert it.lane.node == "primary"

    asyncio.run(scenario())


def test_a_replica_that_takes_over_is_found_while_the_primary_hangs() -> None:
    """A frozen primary lets whoever connects wait for a second, and that long the failover would be unseen."""

    async def scenario() -> None:
        async with shard() as it:
            lose(it.lane)
            it.primary.frozen = True
            asked = it.heard_by_primary.count(["INFO", "server"])
            await eventually(lambda: it.heard_by_primary.count(["INFO", "server"]) > asked)
            it.replica.leads = True
            await eventually(lambda: it.lane.node == "replica")
            # Giving up on the primary would be the reason now.
            assert it.lane.why_down == "closed"

    asyncio.run(scenario())


def test_a_replica_that_is_silent_keeps_nobody_waiting() -> None:
    """It is dropped, and the lane connects to whom the map tells of."""

    async def scenario() -> None:
        async with shard() as it:
            it.replica.frozen = True
            lose(it.lane)
            await eventually(lambda: len(it.history.about(Action.CONNECT)) == 3)
            assert it.lane.node == "primary"

    asyncio.run(scenario())


def test_an_instrument_that_was_held_up_itself_keeps_its_standbys() -> None:
    """What they answered lies there for it: that it was read late is not their silence."""

    async def scenario() -> int:
        primary, replica = Node("primary", leads=True), Node("replica")
        async with impostor(primary.answer) as (there, _), impostor(replica.answer) as (beside, heard):
            primary.map = replica.map = [there, beside]
            standbys, connection = Standbys(KEYS, Access()), await Connection.open(there, Access())
            await standbys.renew(connection)
            looking = asyncio.create_task(standbys.promoted())
            await eventually(lambda: any(words[0] == "GET" for words in heard))
            for _ in range(8):
                time.sleep(0.08)  # noqa: ASYNC251 - this is what holds it up
                await asyncio.sleep(0.005)
            kept = len(standbys)
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            await standbys.close()
            await connection.close()
        return kept

    with asyncio.Runner(loop_factory=event_loop.new) as loop:
        assert loop.run(scenario()) == 1


async def renewed(access: Access, change: Callable[[Node, Access], None]) -> tuple[int, int, list[list[str]]]:
    """Return how many standbys there were before a change and after it, and what the replica heard."""
    primary, replica = Node("primary", leads=True), Node("replica")
    async with impostor(primary.answer) as (there, _), impostor(replica.answer) as (beside, heard):
        primary.map = [there, beside]
        standbys, connection = Standbys(KEYS, access), await Connection.open(there, Access())
        try:
            await standbys.renew(connection)
            before = len(standbys)
            change(primary, access)
            await standbys.renew(connection)
            return before, len(standbys), heard
        finally:
            await standbys.close()
            await connection.close()


def test_a_node_that_is_no_replica_any_more_is_no_standby() -> None:
    """Nor is one that is gone; a standby that is there is left as it is."""

    def gone(primary: Node, _: Access) -> None:
        primary.map = primary.map[:1]

    def unreachable(primary: Node, _: Access) -> None:
        primary.map = [primary.map[0], Endpoint("127.0.0.1", 9)]

    def nothing(_: Node, __: Access) -> None: ...

    assert [asyncio.run(renewed(Access(), change))[:2] for change in (gone, unreachable)] == [(1, 0), (1, 0)]
    before, after, heard = asyncio.run(renewed(Access(), nothing))
    assert (before, after, heard) == (1, 1, [["INFO", "server"]])


def test_a_standby_signs_in_with_the_password_of_the_moment() -> None:
    """One that is up stays up when the password is replaced; one that is lost comes back with the new one."""
    primary, replica = Node("primary", leads=True), Node("replica")

    async def scenario() -> list[list[str]]:
        access = Access(password="old")  # noqa: S106 - a test's
        async with impostor(primary.answer) as (there, _), impostor(replica.answer) as (beside, heard):
            primary.map = replica.map = [there, beside]
            standbys, connection = Standbys(KEYS, access), await Connection.open(there, Access())
            await standbys.renew(connection)
            access.renew("new")
            await standbys.renew(connection)
            replica.leads = True
            await (await standbys.promoted()).close()
            await standbys.renew(connection)
            await standbys.close()
            await connection.close()
        return [words for words in heard if words[0] == "AUTH"]

    assert asyncio.run(scenario()) == [["AUTH", "old"], ["AUTH", "new"]]
