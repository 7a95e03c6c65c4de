"""The emulator's own connection to an engine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from elasticache_kit.emulator.fleet.admin import Admin, ReplyError

Answering = Callable[[bytes], Admin]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Connect to something that answers the first command with these bytes and closes."""
    with ExitStack() as cleanup:

        def connect(answer: bytes) -> Admin:
            listener = cleanup.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            cleanup.callback(thread.join)
            return cleanup.enter_context(Admin("127.0.0.1", listener.getsockname()[1]))

        yield connect


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (b"+OK\r\n", "OK"),
        (b":42\r\n", 42),
        (b"$-1\r\n", None),
        (b"$4\r\na\r\nb\r\n", "a\r\nb"),
        (b"*-1\r\n", None),
        (b"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", [1, ["x"]]),
    ],
)
def test_an_answer_is_understood(answering: Answering, answer: bytes, reply: object) -> None:
    """Each kind of RESP2 answer becomes a Python value."""
    assert answering(answer).command("PING") == reply


def test_an_error_is_raised(answering: Answering) -> None:
    """A refusal carries the engine's words."""
    with pytest.raises(ReplyError, match="ERR unknown command"):
        answering(b"-ERR unknown command\r\n").command("NONSENSE")


@pytest.mark.parametrize("answer", [b"", b"+O", b"$10\r\nabc", b"HTTP/1.1 400 Bad Request\r\n"])
def test_a_broken_answer_is_a_lost_connection(answering: Answering, answer: bytes) -> None:
    """Half an answer, none, or one in another protocol is no answer."""
    with pytest.raises(ConnectionResetError):
        answering(answer).command("PING")


def test_text_is_insisted_on(answering: Answering) -> None:
    """Where text is expected anything else is an error, not a surprise later."""
    with pytest.raises(ReplyError, match="text was expected"):
        answering(b":1\r\n").text("INFO")


def test_info_is_split(answering: Answering) -> None:
    """A section of INFO becomes a mapping."""
    admin = answering(b"$31\r\n# Server\r\nprocess_id:7\r\nx:a:b\r\n\r\n")
    assert admin.info("server") == {"process_id": "7", "x": "a:b"}
