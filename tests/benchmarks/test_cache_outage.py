"""The benchmark of outages measures what it says; how long things take is not tested."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.cache_outage import Load, loads, place, table

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.engine
@pytest.mark.prove
def test_every_harm_is_done_and_undone() -> None:
    """Nobody gets an error; a harmed cache spares the database nothing, and is used again."""
    with place() as (fleet, database):
        found = loads(fleet, database, 400)
    for flavour in ("threads", "tasks"):
        own = {load.name: load for load in found if load.flavour == flavour}
        assert all(load.reads == 400 for load in own.values())
        for name in ("without the cache", "frozen", "refused", "slow", "full"):
            assert own[name].database_reads == 400
        assert own["with the cache"].database_reads < 400
        assert own["well again"].database_reads < 400


@pytest.mark.engine
@pytest.mark.prove
def test_what_it_starts_ends_with_it() -> None:
    """Also after kill -9, which it cannot answer: engine and database."""
    # Not a folder of pytest, which the user that a database of root runs as may not enter.
    with tempfile.TemporaryDirectory(prefix="benchmark-of-a-test-") as folder:
        process = subprocess.Popen(
            [sys.executable, "benchmarks/cache_outage.py", "--reads", "1000000"],
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(lambda: any("postgres" in name for name in programs(folder)), process)
            assert len(programs(folder)) > 1
        finally:
            process.kill()
            process.wait()

        until(lambda: not programs(folder))


def until(done: Callable[[], bool], process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None
        time.sleep(0.05)


def programs(folder: str) -> list[str]:
    """Return the programs that run somewhere in a folder."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(folder):
                found.append((entry / "comm").read_text().strip())
        except OSError:
            continue
    return found


def test_the_table() -> None:
    """It says how much longer the slowest reads took, and how many reads the database is spared."""
    found = [Load("threads", "without", 100, 100, 4, 9, 1.0), Load("threads", "with", 100, 25, 1, 18, 2.0)]
    assert "18.00       2.00" in table(found)
    assert "75% of the database's reads are saved" in table(found)
