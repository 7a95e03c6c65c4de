"""What a drill left in the cache."""

from __future__ import annotations

import asyncio

import pytest

from elasticache_kit.drills import residue
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.route import EndpointRoute
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.impostor import impostor, plain
from tests.drills.shard import PORT, Shard

KEYS = key_space("run", "0001", None)


@pytest.mark.engine
def test_what_is_there_is_read_back_and_removed(shard: Shard) -> None:
    """More keys than fit into one command, with holes, and one that holds another number."""
    present = set(range(1, 1203)) - {7, 600}
    for number in present:
        shard.engines.command(shard.first, "SET", KEYS.write(number), str(number))
    shard.engines.command(shard.first, "SET", KEYS.write(9), "8")
    shard.engines.command(shard.first, "SET", "mine", "1")
    route, history = EndpointRoute(Endpoint(shard.primary_endpoint, PORT), Access()), History()

    asyncio.run(residue.read_back(route, KEYS, 1202, history, "0001"))
    removed = asyncio.run(residue.remove(route, KEYS, 1202))

    (entry,) = history.about(Action.READ_BACK)
    assert set(entry.numbers) == present - {9}
    assert removed
    assert shard.engines.command(shard.first, "KEYS", "*") == [b"mine"]


def test_only_a_primary_is_believed() -> None:
    """A replica that an endpoint still leads to does not know what was lost."""
    roles = iter([b"slave", b"slave", b"master"])

    def answer(words: list[str]) -> bytes:
        if words[-1] == "replication":
            body = b"role:" + next(roles)
            return b"$%d\r\n%b\r\n" % (len(body), body)
        return b"*1\r\n$1\r\n1\r\n" if words[0] == "MGET" else plain(words)

    async def scenario() -> History:
        history = History()
        async with impostor(answer) as (endpoint, _):
            await residue.read_back(EndpointRoute(endpoint, Access()), KEYS, 1, history, "0001")
        return history

    (entry,) = asyncio.run(scenario()).about(Action.READ_BACK)
    assert (entry.kind, entry.numbers) == (Kind.OK, (1,))
    assert next(roles, None) is None


def test_an_answer_that_is_an_error_is_logged_as_such() -> None:
    """Whether writes were lost is unknown then."""

    def answer(words: list[str]) -> bytes:
        body = b"role:master"
        if words[-1] == "replication":
            return b"$%d\r\n%b\r\n" % (len(body), body)
        return b"-OOM no\r\n" if words[0] == "MGET" else plain(words)

    async def scenario() -> History:
        history = History()
        async with impostor(answer) as (endpoint, _):
            await residue.read_back(EndpointRoute(endpoint, Access()), KEYS, 1, history, "0001")
        return history

    (entry,) = asyncio.run(scenario()).about(Action.READ_BACK)
    assert entry.kind is Kind.FAIL
    assert entry.error is not None
    assert entry.error.startswith("OOM")


def test_a_sign_in_that_is_refused_is_not_tried_again() -> None:
    """Fifteen seconds of it would tell no more than the first answer."""
    route_of = Access(password="of yesterday")  # noqa: S106 - a test's

    async def scenario() -> tuple[bool, int]:
        async with impostor(lambda words: b"-WRONGPASS no\r\n" if words[0] == "AUTH" else plain(words)) as (
            there,
            seen,
        ):
            removed = await residue.remove(EndpointRoute(there, route_of), KEYS, 1)
            return removed, sum(words[0] == "AUTH" for words in seen)

    assert asyncio.run(scenario()) == (False, 1)
