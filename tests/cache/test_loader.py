"""Loaders in several processes: one loads for all, and one that is killed is replaced."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.cache import Event, LeasedCache, Policy
from tests.cache.flavour import counted

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def reader(environ: dict[str, str], *words: str) -> Generator[subprocess.Popen[str]]:
    """Run the program and wait until it is ready."""
    command = [sys.executable, "-m", "tests.cache.reader", *words]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def test_one_loads_for_a_hundred_in_four_processes(environ_of: Any, standalone: Any) -> None:
    """All get what that one loaded."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(reader(environ_of("standalone"), "25", "0.1", "5")) for _ in range(4)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate()[0] for process in processes]
    assert "".join(said).replace("loading", "").split() == ["1"] * 100
    assert standalone.get("loads") == b"1"


def test_a_loader_that_is_killed_is_replaced(environ_of: Any, standalone: Any) -> None:
    """When its lease runs out another reader loads."""
    with reader(environ_of("standalone"), "1", "600", "0.2") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGKILL)
    cache = LeasedCache(standalone, Policy(prefix="stampede", wait=10))
    assert cache.read("k", lambda: "after it") == "after it"
    assert counted(cache, Event.FILL) == 1
    assert counted(cache, Event.FALLBACK) == 0
