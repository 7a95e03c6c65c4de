"""The check of the database cache, held against applications that do not keep the promise."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tour.database_cache import read_from_cache
from tour.place import Place
from tour.promise import BrokenError

PLACE = Place({}, Path(), patience_seconds=0.2)


@contextmanager
def application(*answers: tuple[str, str]) -> Generator[str]:
    """Run an application that gives these answers in turn, the last one again and again."""
    left = list(answers)

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer."""
            note, source = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200)
            self.send_header("Content-Length", str(len(note)))
            self.send_header("X-Read-From", source)
            self.end_headers()
            self.wfile.write(note.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature that the server calls
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_what_was_overwritten_is_seen() -> None:
    """Also where it comes after what is right."""
    with application(("new", "database"), ("old", "cache")) as url, pytest.raises(BrokenError) as error:
        read_from_cache(PLACE, url, "new")

    assert str(error.value) == "'new' was written, and 'old' was read from the cache"


def test_a_cache_that_is_never_asked_is_seen() -> None:
    """An application without one would never give what was overwritten."""
    with (
        application(("new", "database")) as url,
        pytest.raises(BrokenError, match="'new' is read from the cache: not within"),
    ):
        read_from_cache(PLACE, url, "new")


def test_a_cache_that_is_asked_keeps_the_promise() -> None:
    """First the database, then the cache."""
    with application(("new", "database"), ("new", "cache")) as url:
        read_from_cache(PLACE, url, "new")
