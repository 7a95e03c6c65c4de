"""Keeping a connection up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from elasticache_kit.drills import lane as lanes
from elasticache_kit.drills import resp
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.lane import Lane
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply, Reply
from elasticache_kit.drills.route import EndpointRoute
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.impostor import eventually, impostor, plain

Answers = list["list[Reply] | LostError"]


def make(endpoint: Endpoint, history: History | None = None) -> Lane:
    """Return a lane to an endpoint."""
    return Lane(Action.WRITE, "0001", EndpointRoute(endpoint, Access()), history or History())


async def end(task: asyncio.Task[None]) -> None:
    """End a lane."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def full() -> AsyncGenerator[tuple[Lane, Answers]]:
    """Give a lane whose server leaves as many commands unanswered as may be, and what becomes of those."""
    async with impostor(lambda words: b"" if words[0] == "WAIT" else plain(words)) as (endpoint, _):
        lane = make(endpoint)
        task = asyncio.create_task(lane.keep())
        await lane.up.wait()
        answers: Answers = []
        for _ in range(lanes.MOST_PENDING):
            lane.send(answers.append, resp.command("WAIT"))
        try:
            yield lane, answers
        finally:
            await end(task)


def test_a_lane_connects_anew_and_logs_both() -> None:
    """A connection lost is an entry, and so is the one after it."""

    async def scenario() -> None:
        history = History()
        async with impostor(lambda words: None if words[0] == "DIE" else plain(words)) as (endpoint, _):
            lane = make(endpoint, history)
            task = asyncio.create_task(lane.keep())
            await lane.up.wait()
            lane.send(lambda _: None, resp.command("DIE"))
            await eventually(lambda: len(history.entries) >= 3)
            await end(task)
        made = [(entry.kind, entry.error) for entry in history.entries[:3]]
        assert made == [(Kind.OK, None), (Kind.FAIL, "write: closed"), (Kind.OK, None)]

    asyncio.run(scenario())


def test_a_lane_that_is_down_says_why_at_once() -> None:
    """Such a command never left."""

    async def scenario() -> None:
        lane = make(Endpoint("127.0.0.1", 9))
        task = asyncio.create_task(lane.keep())
        await eventually(lambda: lane.why_down != "not connected yet")
        answers: Answers = []
        lane.send(answers.append, resp.command("PING"))
        await end(task)
        (answer,) = answers
        assert isinstance(answer, LostError)
        assert (answer.kind, answer.sent) == ("refused", False)

    asyncio.run(scenario())


def test_a_lane_sheds_what_would_only_queue() -> None:
    """And says that it was the drill that refused, not the cache."""

    async def scenario() -> None:
        async with full() as (lane, answers):
            assert answers == []
            lane.send(answers.append, resp.command("WAIT"))
            (answer,) = answers
        assert isinstance(answer, LostError)
        assert (answer.kind, answer.sent) == ("shed", False)

    asyncio.run(scenario())


def test_a_silent_server_is_given_up_on_also_where_everything_is_shed() -> None:
    """A queue that is full before the answer timeout must not keep the lane at a server that is frozen."""

    async def scenario() -> None:
        async with full() as (lane, answers):
            while not answers:
                await asyncio.sleep(0.01)
                lane.send(lambda _: None, resp.command("WAIT"))
        assert {answer.kind for answer in answers if isinstance(answer, LostError)} == {"timeout"}
        assert len(answers) == lanes.MOST_PENDING

    asyncio.run(scenario())


def test_a_reply_that_points_elsewhere_ends_the_connection() -> None:
    """READONLY means that the endpoint has moved on; an ordinary error means nothing of the kind."""

    async def scenario() -> None:
        history = History()
        async with impostor(plain) as (endpoint, _):
            lane = make(endpoint, history)
            task = asyncio.create_task(lane.keep())
            await lane.up.wait()
            lane.heed([ErrorReply("OOM command not allowed")])
            assert lane.node is not None
            lane.heed([ErrorReply("READONLY You can't write")])
            await eventually(lambda: len(history.entries) >= 3)
            await end(task)
        assert [entry.error for entry in history.entries[:3]] == [None, "write: READONLY", None]

    asyncio.run(scenario())


def test_a_sign_in_that_is_refused_decides_a_lane_and_a_server_that_is_away_does_not() -> None:
    """Trying again mends the one and not the other."""

    async def scenario() -> None:
        async with impostor(lambda words: b"-WRONGPASS no\r\n" if words[0] == "AUTH" else plain(words)) as (there, _):
            refused = Lane(Action.WRITE, "0001", EndpointRoute(there, Access(password="p")), History())  # noqa: S106 - a test's
            away = make(Endpoint("127.0.0.1", 9))
            tasks = [asyncio.create_task(lane.keep()) for lane in (refused, away)]
            await refused.decided.wait()
            await eventually(lambda: away.why_down == "refused")
            assert not refused.up.is_set()
            assert not away.decided.is_set()
            for task in tasks:
                await end(task)

    asyncio.run(scenario())
