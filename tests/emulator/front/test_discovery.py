"""Auto discovery among the requests of a Memcached client."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.front.discovery import MemcachedStream, Question, answer

QUESTION = b"config get cluster\r\n"
REQUESTS = st.lists(
    st.one_of(
        st.just(QUESTION),
        st.just(b"get key\r\n"),
        st.binary(max_size=30).map(lambda value: b"set key 0 0 %d\r\n%b\r\n" % (len(value), value)),
        st.just(b"set key 0 0 %d noreply\r\n%b\r\n" % (len(QUESTION), QUESTION)),
        st.just(b"ms key %d T0\r\n%b\r\n" % (len(QUESTION), QUESTION)),
    ),
    max_size=6,
)


def pieces(sent: bytes, size: int) -> list[bytes | Question]:
    """Feed a stream in pieces."""
    stream = MemcachedStream()
    return [item for at in range(0, len(sent), size) for item in stream.feed(sent[at : at + size])]


@given(REQUESTS, st.integers(min_value=1, max_value=40))
def test_questions_are_found_and_all_else_passes(requests: list[bytes], size: int) -> None:
    """However the bytes are cut, and also where a value looks like a question."""
    items = pieces(b"".join(requests), size)
    assert items.count(Question()) == requests.count(QUESTION)
    passed = b"".join(QUESTION if isinstance(item, Question) else item for item in items)
    assert passed == b"".join(requests)


def test_the_binary_protocol_passes_whole() -> None:
    """Nothing in it is taken for a line."""
    sent = b"\x80\x01" + QUESTION
    assert b"".join(item for item in pieces(sent, 5) if isinstance(item, bytes)) == sent


@pytest.mark.parametrize("junk", [b"set\r\n", b"set key 0 0 x\r\n", b"\r\n", b"x" * 70000 + b"\r\n"])
def test_what_makes_no_sense_passes(junk: bytes) -> None:
    """The node says what is wrong with it."""
    assert b"".join(item for item in pieces(junk, 1000) if isinstance(item, bytes)) == junk


def test_the_answer_has_its_length() -> None:
    """In the form that AWS documents."""
    assert answer("12\na|b|1 c|d|1\n") == b"CONFIG cluster 0 15\r\n12\na|b|1 c|d|1\n\r\nEND\r\n"
