"""What clients try."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply, Reply
from elasticache_kit.drills.route import EndpointRoute
from elasticache_kit.drills.workload import Workload, load, outcome
from tests.drills.impostor import Answer, impostor, plain


@pytest.mark.parametrize(
    ("replies", "kind", "error"),
    [
        (["OK", "OK"], Kind.OK, None),
        ([ErrorReply("READONLY no"), ErrorReply("READONLY no")], Kind.FAIL, "READONLY"),
        (["OK", ErrorReply("LOADING no")], Kind.INFO, "LOADING"),
        (LostError("reset"), Kind.INFO, "reset"),
        (LostError("refused", sent=False), Kind.FAIL, "refused"),
    ],
)
def test_an_outcome_says_no_more_than_is_certain(
    replies: list[Reply] | LostError, kind: Kind, error: str | None
) -> None:
    """Only what was refused, or never left, has certainly not happened."""
    assert outcome(replies) == (kind, error)


def loaded(answer: Answer, seconds: float = 0.3) -> tuple[History, Workload, list[list[str]]]:
    """Load an impostor for a moment."""

    async def scenario() -> tuple[History, Workload, list[list[str]]]:
        history, stopping = History(), asyncio.Event()
        async with impostor(answer) as (endpoint, commands):
            route = EndpointRoute(endpoint, Access())
            workload = Workload(
                "0001",
                key_space("run", "0001", None),
                primary=route,
                replica=route,
                time_to_live_seconds=60,
                history=history,
            )
            lanes = [asyncio.create_task(lane.keep()) for lane in (workload.writer, workload.reader)]
            await asyncio.gather(workload.writer.up.wait(), workload.reader.up.wait())
            loading = [
                asyncio.create_task(work) for work in (load([workload], 100, stopping), workload.probe(stopping))
            ]
            await asyncio.sleep(seconds)
            stopping.set()
            await asyncio.gather(*loading)
            await workload.drain()
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        return history, workload, commands

    return asyncio.run(scenario())


def test_writes_are_numbered_and_expire() -> None:
    """Each has a key of its own, and all overwrite the register."""
    _, workload, commands = loaded(plain)

    sets = [words for words in commands if words[0] == "SET"]
    keys = workload.keys
    assert sets[:4] == [
        ["SET", keys.write(1), "1", "EX", "60"],
        ["SET", keys.register, "1", "EX", "60"],
        ["SET", keys.write(2), "2", "EX", "60"],
        ["SET", keys.register, "2", "EX", "60"],
    ]
    assert len(sets) == 2 * workload.last_number == 2 * workload.writes.ok


def test_the_schedule_does_not_wait_for_answers() -> None:
    """Open loop: a server that answers nothing is asked as often as one that answers."""
    history, workload, _ = loaded(lambda words: b"" if words[0] == "SET" else plain(words))

    writes = history.operations(Action.WRITE, "0001")
    # Steps of 10 ms, whatever happened to the writes before.
    steps = {round(later.intended - earlier.intended, 6) for earlier, later in pairwise(writes)}
    assert steps == {0.01}
    assert workload.writes.ok == 0
    assert {write.error for write in writes} <= {"timeout", "not connected yet", "closed here"}
    assert all(write.completed is not None for write in writes)


def test_reads_return_the_number_in_the_register() -> None:
    """A register that is not there reads as nothing."""
    history, _, _ = loaded(lambda words: b"$2\r\n41\r\n" if words[0] == "GET" else plain(words))
    assert {read.number for read in history.operations(Action.READ, "0001")} == {41}

    history, _, _ = loaded(lambda words: b"$-1\r\n" if words[0] == "GET" else plain(words))
    assert {read.number for read in history.operations(Action.READ, "0001")} == {None}


def test_a_read_without_an_answer_has_failed() -> None:
    """It changed nothing, so nothing about it is uncertain."""
    history, _, _ = loaded(lambda words: None if words[0] == "GET" else plain(words))

    assert {read.outcome for read in history.operations(Action.READ, "0001")} == {Kind.FAIL}


def test_the_probe_counts_the_replicas_that_are_in_sync() -> None:
    """Those that are still loading do not count, and a replica's own view does not either."""
    body = b"role:master\r\nslave0:ip=1,state=online\r\nslave1:ip=2,state=wait_bgsave\r\nslave_repl_offset:5"

    def answer(words: list[str]) -> bytes:
        return b"$%d\r\n%b\r\n" % (len(body), body) if words[-1] == "replication" else plain(words)

    history, workload, _ = loaded(answer)
    assert workload.replicas_in_sync == 1
    assert {entry.number for entry in history.about(Action.REDUNDANCY)} == {1}

    history, workload, _ = loaded(
        lambda words: b"$10\r\nrole:slave\r\n" if words[-1] == "replication" else plain(words)
    )
    assert workload.replicas_in_sync is None
    assert history.about(Action.REDUNDANCY) == ()
