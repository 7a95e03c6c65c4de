"""Who is it that answers: an emulator of this kit, something else, or nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from elasticache_kit.emulator import capability

Serve = Callable[[bytes], str]


class _Server(HTTPServer):
    """Answers every request with the same bytes."""

    raw = b""


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        self.wfile.write(self.server.raw)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that say one thing, and return their addresses."""
    with ExitStack() as stack:

        def start(raw: bytes) -> str:
            server = stack.enter_context(_Server(("127.0.0.1", 0), _Answer))
            server.raw = raw
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield start


OK = b"HTTP/1.0 200 OK\r\n\r\n"


def test_an_emulator_says_what_it_is(serve: Serve) -> None:
    """Its page is returned as it is."""
    url = serve(OK + b'{"name": "elasticache-kit", "profile": "fast"}')

    assert capability.ask(url) == {"name": "elasticache-kit", "profile": "fast"}


@pytest.mark.parametrize("raw", [OK + b'{"name": "other"}', OK + b"[]", OK + b"<html>", OK + b"\xff", b"SSH-2.0-x\r\n"])
def test_another_service_is_no_emulator(serve: Serve, raw: bytes) -> None:
    """Whatever it speaks, JSON or HTTP or neither, it is none."""
    assert capability.ask(serve(raw)) is None


def test_a_service_without_the_page_does_not_answer(serve: Serve) -> None:
    """AWS and stock moto say 404."""
    with pytest.raises(OSError, match="404"):
        capability.ask(serve(b"HTTP/1.0 404 Not Found\r\n\r\n"))


def test_nobody_is_an_error_of_the_system() -> None:
    """Nothing listens on the discard port."""
    with pytest.raises(OSError, match="refused"):
        capability.ask("http://127.0.0.1:9")


def test_no_proxy_is_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question is what this very address is: a proxy of the environment could answer in its place."""
    proxy, here = serve(OK + b'{"name": "elasticache-kit", "by": "proxy"}'), serve(OK + b'{"name": "elasticache-kit"}')
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert capability.ask(here) == {"name": "elasticache-kit"}
