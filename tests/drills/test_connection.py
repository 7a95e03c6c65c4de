"""A connection that hides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest

from elasticache_kit.drills import resp
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import Connection, LostError
from elasticache_kit.drills.resp import ErrorReply, Reply
from elasticache_kit.ops.inventory import Endpoint
from tests.drills.impostor import Answer, impostor, plain

WORD = "open sesame"


def run(coroutine: Coroutine[None, None, None]) -> None:
    """Run a test's coroutine to its end."""
    asyncio.run(coroutine)


def lost_by(answer: Answer, access: Access | None = None) -> LostError:
    """Return the error with which a connection to an impostor is refused."""

    async def attempt() -> LostError:
        async with impostor(answer) as (endpoint, _):
            with pytest.raises(LostError) as caught:
                await Connection.open(endpoint, access or Access())
        return caught.value

    return asyncio.run(attempt())


def test_a_connection_knows_which_server_it_reached() -> None:
    """By its run id, which changes with the process and not with the address."""

    async def scenario() -> None:
        async with impostor(plain) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            assert connection.node == "abc"
            await connection.close()

    run(scenario())


def test_a_user_who_may_not_ask_who_it_is_still_connects() -> None:
    """Then nobody can tell which server answered."""

    async def scenario() -> None:
        async with impostor(lambda _: b"-NOPERM no\r\n") as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            assert connection.node is None
            await connection.close()

    run(scenario())


def test_replies_come_to_whom_they_belong() -> None:
    """Commands are pipelined; errors are replies too."""

    def answer(words: list[str]) -> bytes:
        return b"-ERR no\r\n" if words[0] == "BAD" else b":7\r\n" if words[0] == "N" else plain(words)

    async def scenario() -> None:
        async with impostor(answer) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            first = connection.ask(resp.command("N"), resp.command("BAD"))
            second = connection.ask(resp.command("X"))
            assert await asyncio.gather(first, second) == [[7, ErrorReply("ERR no")], ["OK"]]
            await connection.close()

    run(scenario())


def test_signing_in_comes_first() -> None:
    """With a user or without; READONLY comes after it."""

    async def scenario() -> None:
        async with impostor(plain) as (endpoint, commands):
            both = await Connection.open(endpoint, Access(username="app", password=WORD), read_only=True)
            token = await Connection.open(endpoint, Access(password=WORD))
            await both.close()
            await token.close()
        assert commands[:3] == [["AUTH", "app", WORD], ["READONLY"], ["INFO", "server"]]
        assert commands[3] == ["AUTH", WORD]

    run(scenario())


def test_a_wrong_password_is_said_as_the_server_says_it() -> None:
    """Its kind is counted, its text is shown."""
    error = lost_by(
        lambda words: b"-WRONGPASS invalid pair\r\n" if words[0] == "AUTH" else plain(words), Access(password=WORD)
    )

    assert error.kind == "WRONGPASS"
    assert "invalid pair" in str(error)


def test_a_missing_password_is_said_at_once() -> None:
    """Not by every write of the drill."""
    error = lost_by(lambda _: b"-NOAUTH Authentication required.\r\n")

    assert error.kind == "NOAUTH"
    assert "ELASTICACHE_KIT_PASSWORD" in str(error)


def test_something_that_is_no_cache_is_said() -> None:
    """An HTTP server, say."""
    assert lost_by(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n").kind == "ProtocolError"


def test_nobody_listening_is_refused() -> None:
    """The address is in the text."""

    async def scenario() -> None:
        with pytest.raises(LostError) as caught:
            await Connection.open(Endpoint("127.0.0.1", 9), Access())
        assert caught.value.kind == "refused"
        assert "127.0.0.1:9" in str(caught.value)

    run(scenario())


def test_a_lost_connection_answers_every_command_under_way() -> None:
    """With an error that says that they may have arrived."""

    async def scenario() -> None:
        async with impostor(lambda words: None if words[0] == "DIE" else plain(words)) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            answers: list[list[Reply] | LostError] = []
            connection.send(answers.append, resp.command("DIE"))
            connection.send(answers.append, resp.command("SET", "a", 1))
            await connection.lost
            assert [isinstance(answer, LostError) and answer.sent for answer in answers] == [True, True]
            await connection.close()

    run(scenario())


def test_a_command_on_a_lost_connection_never_left() -> None:
    """That is certain, so such a write has failed."""

    async def scenario() -> None:
        async with impostor(plain) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            await connection.close()
            answers: list[list[Reply] | LostError] = []
            connection.send(answers.append, resp.command("SET", "a", 1))
        (answer,) = answers
        assert isinstance(answer, LostError)
        assert not answer.sent

    run(scenario())


def test_a_silent_server_is_given_up_on() -> None:
    """By the tick of the workload, once the oldest command has waited for too long."""

    async def scenario() -> None:
        async with impostor(lambda words: b"" if words[0] == "WAIT" else plain(words)) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            answers: list[list[Reply] | LostError] = []
            connection.send(answers.append, resp.command("WAIT"))
            connection.expire()
            assert answers == []
            while not connection.lost.done():
                await asyncio.sleep(0.01)
                connection.expire()
            (answer,) = answers
            assert isinstance(answer, LostError)
            assert answer.kind == "timeout"
            await connection.close()

    run(scenario())


def test_a_cancellation_that_comes_with_the_answer_is_not_swallowed() -> None:
    """Whoever asks again and again in a task must end when the task is cancelled; asyncio.wait_for loses that."""

    async def scenario() -> bool:
        async with impostor(plain) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            try:
                asking = asyncio.create_task(connection.ask(resp.command("PING")))
                await asyncio.sleep(0)
                # The answer and the cancellation in one turn of the loop.
                connection.abort("reset")
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                return asking.cancelled()
            finally:
                await connection.close()

    assert asyncio.run(scenario())
