"""The balancer of the example, over servers that only say who they are."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from examples.sessions.balancer import Balancer


class _Echo(BaseHTTPRequestHandler):
    """Answers with its port and what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        port = self.connection.getsockname()[1]
        said = f"{port} {self.headers['Connection']} ".encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST  # noqa: N815 - the name that the server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature that the server calls
        """Say nothing."""


@contextmanager
def servers(count: int) -> Generator[list[int]]:
    """Run servers and give their ports."""
    with ExitStack() as stack:
        found: list[int] = []
        for _ in range(count):
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), _Echo))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            found.append(server.server_port)
        yield found


def ask(url: str, body: bytes | None = None) -> bytes:
    """Send a request and return what comes."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, body, timeout=10) as answer:
        return answer.read()


def test_requests_go_to_one_after_the_other() -> None:
    """Each connection is for one request, so that the next one is for the next instance."""
    with servers(2) as ports, Balancer(ports) as balancer:
        answered = [ask(balancer.url).split() for _ in range(4)]

    assert [int(port) for port, _ in answered] == ports * 2
    assert {word for _, word in answered} == {b"close"}


def test_what_is_sent_arrives_whole() -> None:
    """Head and body."""
    body = b"x" * 50_000
    with servers(1) as ports, Balancer(ports) as balancer:
        assert ask(balancer.url, body).split()[2] == body


def test_an_instance_that_is_away_is_passed_over() -> None:
    """Nobody notices."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = taken.getsockname()[1]
        with servers(1) as ports, Balancer([away, *ports]) as balancer:
            assert [int(ask(balancer.url).split()[0]) for _ in range(3)] == ports * 3


def test_with_nobody_there_it_says_so() -> None:
    """503, as load balancers do."""
    with Balancer([9]) as balancer, pytest.raises(urllib.error.HTTPError) as error:
        ask(balancer.url)
    error.value.close()

    assert error.value.code == 503


def test_a_connection_that_says_nothing_does_not_keep_it(caplog: pytest.LogCaptureFixture) -> None:
    """Browsers open some in advance; the end of the block neither waits for them nor tells of them."""
    stack = ExitStack()
    with servers(1) as ports, Balancer(ports) as balancer:
        port = int(balancer.url.rpartition(":")[2])
        stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert ask(balancer.url)

    stack.close()
    assert caplog.messages == []


def test_a_port_that_is_taken_is_an_error_and_leaves_no_thread() -> None:
    """The thread ends with the error."""
    before = threading.active_count()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"), Balancer([9], taken.getsockname()[1]):
            pass

    assert threading.active_count() == before
