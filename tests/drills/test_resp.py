"""The wire protocol."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.drills.resp import NUMBER, ErrorReply, Parser, ProtocolError, Reply, Template, command, info


def parsed(*pieces: bytes) -> list[Reply]:
    """Read replies from bytes that come in pieces."""
    parser = Parser()
    return [reply for piece in pieces for reply in parser.feed(piece)]


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"+OK\r\n", "OK"),
        (b":42\r\n", 42),
        (b"$5\r\na\r\nbc\r\n", b"a\r\nbc"),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"*3\r\n:1\r\n$1\r\nx\r\n*1\r\n+y\r\n", [1, b"x", ["y"]]),
        (b"-MOVED 3999 127.0.0.1:6379\r\n", ErrorReply("MOVED 3999 127.0.0.1:6379")),
    ],
)
def test_every_kind_of_reply_is_read(data: bytes, reply: Reply) -> None:
    """Binary strings may hold line ends, and arrays may hold arrays."""
    assert parsed(data) == [reply]


def test_what_is_no_reply_is_refused() -> None:
    """An HTTP server behind the endpoint is not taken for a cache."""
    with pytest.raises(ProtocolError, match="no RESP reply"):
        parsed(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_reply_that_is_cut_off_is_not_a_reply() -> None:
    """A connection that ends within an answer has lost it."""
    assert parsed(b":1\r\n$5\r\nab") == [1]


def test_a_length_that_is_no_number_is_refused() -> None:
    """As everything is that is not the protocol."""
    with pytest.raises(ProtocolError, match="no number"):
        parsed(b"$five\r\n")


@given(st.lists(st.integers(min_value=0, max_value=80)))
def test_where_the_bytes_are_cut_makes_no_difference(cuts: list[int]) -> None:
    """A network cuts them anywhere."""
    data = b"+OK\r\n:42\r\n$5\r\na\r\nbc\r\n$-1\r\n*3\r\n:1\r\n$1\r\nx\r\n*1\r\n+y\r\n*-1\r\n-MOVED 1 a:1\r\n"
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert parsed(*pieces) == parsed(data) != []


def test_a_command_counts_bytes() -> None:
    """Not characters."""
    assert command("SET", "ü", 7) == b"*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xbc\r\n$1\r\n7\r\n"


@given(st.integers(min_value=0, max_value=10**12))
def test_a_template_is_the_commands_that_it_stands_for(number: int) -> None:
    """The number has its length before it, and so has what it is a part of; other digits and percents stay."""
    template = Template(("SET", f"ü{{1%d}}:{NUMBER}", NUMBER, "EX", 60), ("SET", "10", NUMBER))

    whole = command("SET", f"ü{{1%d}}:{number}", number, "EX", 60) + command("SET", "10", number)
    assert template.fill(number) == whole
    assert template.replies == 2


def test_the_kind_of_an_error_is_its_first_word() -> None:
    """That is what is counted."""
    assert ErrorReply("READONLY You can't write against a read only replica.").kind == "READONLY"


def test_info_is_read_as_fields() -> None:
    """Headings and empty lines are skipped; an error has no fields."""
    assert info(b"# Replication\r\nrole:master\r\n\r\nslave0:ip=1,state=online\r\n") == {
        "role": "master",
        "slave0": "ip=1,state=online",
    }
    assert info(ErrorReply("NOPERM")) == {}
