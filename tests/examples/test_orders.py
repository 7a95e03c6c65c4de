"""The stack of a cache in front of a database, deployed locally with its application and its listener."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_cdk import App

from app import define
from elasticache_kit.emulator import daemon
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import until
from tests.stacks.conftest import CONTEXT

pytestmark = [pytest.mark.engine, pytest.mark.prove]

STACK = "elasticache-kit-database-cache"
BEHIND = """
import os
from elasticache_kit.cache.outbox.database import connect_database
with connect_database(os.environ) as sql:
    sql.execute("UPDATE orders SET note = 'behind its back' WHERE id = 7")
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an emulator in which the stack is deployed."""
    folder = tmp_path_factory.mktemp("site")
    app = App(context=CONTEXT)
    define(app)
    assembly = app.synth().directory
    with Emulator(folder / "emulator", timing=INSTANT) as emulator:
        LocalAccount(emulator).deploy(assembly, name=STACK)
        daemon.remember(folder, emulator.endpoint_url)
        yield folder


def argv(directory: Path, container: str, *command: str) -> list[str]:
    """Return the command line that runs a container."""
    words = ["emulator", "run-task", "--directory", str(directory), STACK, "--container", container]
    return [sys.executable, "-m", "elasticache_kit.cli", *words, *(["--", *command] if command else [])]


def call(port: int, note: str | None = None) -> tuple[str, str]:
    """Read order 7, or write it; return its note and where it was read from."""
    data = None if note is None else note.encode()
    method = "GET" if note is None else "PUT"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/orders/7", data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - see above
        return answer.read().decode(), answer.headers["X-Read-From"]


def test_what_is_changed_behind_its_back_is_seen(directory: Path) -> None:
    """Reads come from the cache, a write is seen at once, and another's write as soon as the listener has told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(argv(directory, "Application", "python", "orders.py", "migrate"), check=True)
    serve = ["env", f"PORT={port}", "python", "orders.py"]
    with (
        subprocess.Popen(argv(directory, "Listener")) as listener,
        subprocess.Popen(argv(directory, "Application", *serve)) as application,
    ):
        try:
            until(lambda: _answers(port), bool, 60)
            call(port, "first")
            assert call(port)[0] == "first"
            assert until(lambda: call(port), lambda seen: seen[1] == "cache", 20)[0] == "first"

            subprocess.run(argv(directory, "Application", "python", "-c", BEHIND), check=True)
            assert until(lambda: call(port), lambda seen: seen[0] != "first", 20)[0] == "behind its back"
        finally:
            for process in (application, listener):
                process.terminate()
    assert (application.returncode, listener.returncode) == (0, 0)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == os.EX_OK
