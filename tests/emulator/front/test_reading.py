"""Clients in whose name READONLY is said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.front.command_stream import encoded
from elasticache_kit.emulator.front.listener import Asker, Listener
from elasticache_kit.emulator.front.reading import OK, READONLY, ReadingClient, ReadingEngine, reply_end

AUTH = encoded([b"AUTH", b"password"])
GET = encoded([b"GET", b"key"])
NOAUTH = b"-NOAUTH Authentication required.\r\n"
REPLY = st.recursive(
    st.one_of(
        st.sampled_from(
            [b"+OK\r\n", b"-ERR no\r\n", b":5\r\n", b"_\r\n", b"#t\r\n", b",1.5\r\n", b"$-1\r\n", b"*-1\r\n"]
        ),
        st.binary(max_size=20).map(lambda text: b"$%d\r\n%b\r\n" % (len(text), text)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: b"*%d\r\n" % len(items) + b"".join(items)),
        st.lists(st.tuples(inner, inner), max_size=3).map(
            lambda pairs: b"%%%d\r\n" % len(pairs) + b"".join(one + other for one, other in pairs)
        ),
    ),
    max_leaves=8,
)


@given(REPLY, st.binary(max_size=10))
def test_a_reply_ends_where_the_next_one_begins(reply: bytes, following: bytes) -> None:
    """Whatever comes after it; of less than all of it there is no end."""
    assert reply_end(reply + following) == len(reply)
    assert all(reply_end(reply[:length]) is None for length in range(len(reply)))


@dataclass(slots=True)
class Wire:
    """One end of a connection, as asyncio gives it: what was written to it is kept."""

    sent: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        """Keep bytes."""
        self.sent += data

    def take(self) -> bytes:
        """Give what was written since the last time."""
        taken = bytes(self.sent)
        self.sent.clear()
        return taken


@dataclass(slots=True)
class Passage:
    """A client that is connected to an engine, without a network."""

    near: Wire = field(default_factory=Wire)
    far: Wire = field(default_factory=Wire)
    client: ReadingClient = field(init=False)
    engine: ReadingEngine = field(init=False)

    def __post_init__(self) -> None:
        self.client = ReadingClient(Listener(ask=_nobody))
        self.engine = ReadingEngine(self.client)
        self.client.transport, self.engine.transport = (
            cast("asyncio.Transport", cast("Any", wire)) for wire in (self.near, self.far)
        )
        self.engine.other, self.client.other = self.client, self.engine
        self.client.begin()


def _nobody(user: str, token: str, asker: Asker) -> None:
    """Ask nobody: no sign-in needs a verdict here."""
    del user, token, asker


@pytest.fixture
def passage() -> Passage:
    """Give one."""
    return Passage()


def test_what_comes_early_waits_until_it_is_taken(passage: Passage) -> None:
    """The client sees no answer to it."""
    passage.client.data_received(GET)
    assert passage.far.take() == READONLY
    passage.engine.data_received(OK)
    assert (passage.near.take(), passage.far.take()) == (b"", GET)
    passage.engine.data_received(b"$1\r\n1\r\n")
    assert passage.near.take() == b"$1\r\n1\r\n"


def test_it_is_said_again_after_a_sign_in_that_is_right(passage: Passage) -> None:
    """The client sees the answers to what it sent, in order, and nothing else; once is enough."""
    passage.far.take()
    passage.engine.data_received(NOAUTH)
    passage.client.data_received(AUTH + AUTH + GET)
    assert passage.far.take() == AUTH
    passage.engine.data_received(b"-WRONG")
    assert (passage.near.take(), passage.far.take()) == (b"", b"")
    passage.engine.data_received(b"PASS\r\n")
    assert (passage.near.take(), passage.far.take()) == (b"-WRONGPASS\r\n", AUTH)
    passage.engine.data_received(OK)
    assert (passage.near.take(), passage.far.take()) == (OK, READONLY)
    passage.engine.data_received(OK)
    assert (passage.near.take(), passage.far.take()) == (b"", GET)
    passage.client.data_received(AUTH)
    passage.engine.data_received(b"$-1\r\n" + OK)
    assert (passage.near.take(), passage.far.take()) == (b"$-1\r\n" + OK, AUTH)
