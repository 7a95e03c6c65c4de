"""A cache in front of a database: a read never gives what was overwritten, also behind the application's back."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.launcher import die_with
from examples.sessions.instance import free_ports
from tour.promise import require

if TYPE_CHECKING:
    from tour.place import Place

STACK = "elasticache-kit-database-cache"
# What somebody does who knows nothing of the cache.
BEHIND = """
import os
from elasticache_kit.cache.outbox.database import connect_database
with connect_database(os.environ) as sql:
    sql.execute("UPDATE orders SET note = 'third' WHERE id = 7")
"""


def check(place: Place) -> str:
    """Run the deployed application and the listener of its outbox, read, write, and write past the application."""
    (port,) = free_ports(1)
    serve = f"python orders.py migrate && PORT={port} exec python orders.py"
    with ExitStack() as tasks:
        tasks.enter_context(_task(place, "Application", "sh", "-c", serve))
        url = f"http://127.0.0.1:{port}/orders/7"
        place.until(lambda: _status(url), lambda status: status is not None, "the application answers")
        # Not before: its outbox is made by the migration.
        tasks.enter_context(_task(place, "Listener"))
        for note in ("first", "second"):
            _ask(url, note)
            read_from_cache(place, url, note)
        _run(place, "Application", "python", "-c", BEHIND)
        place.until(lambda: _ask(url)[0], lambda note: note == "third", "an UPDATE in the database is seen")
        read_from_cache(place, url, "third")
    return "read from the cache, a write seen with the next read, an UPDATE past the application by the outbox"


def read_from_cache(place: Place, url: str, note: str) -> None:
    """Read until the cache has the order: where it does not answer at once, a read is one of the database."""

    def read() -> str:
        found, source = _ask(url)
        require(found == note, f"{note!r} was written, and {found!r} was read from the {source}")
        return source

    place.until(read, lambda source: source == "cache", f"{note!r} is read from the cache")


def _ask(url: str, note: str | None = None) -> tuple[str, str]:
    """Read the order, or write it; return it and where it was read from."""
    body = None if note is None else note.encode()
    request = urllib.request.Request(url, body, method="GET" if body is None else "PUT")  # noqa: S310 - this machine
    with _opener().open(request, timeout=10) as answer:
        return answer.read().decode(), answer.headers["X-Read-From"]


def _status(url: str) -> int | None:
    try:
        with _opener().open(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _words(place: Place, container: str, command: tuple[str, ...]) -> list[str]:
    task = ["emulator", "run-task", "--directory", str(place.directory), "--container", container, STACK]
    return [*task, *(["--", *command] if command else [])]


def _run(place: Place, container: str, *command: str) -> None:
    place.run(*_words(place, container, command))


@contextmanager
def _task(place: Place, container: str, *command: str) -> Generator[None]:
    log = place.directory / f"{container}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "elasticache_kit.cli", *_words(place, container, command)],
            env=os.environ,
            stdout=said,
            stderr=said,
            preexec_fn=die_with(os.getpid()),  # noqa: PLW1509 - no other thread runs
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
