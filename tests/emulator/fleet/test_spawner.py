"""Processes that do not outlive the emulator."""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.spawner import Child, Spawner
from elasticache_kit.errors import EngineStartError

pytestmark = pytest.mark.engine

FOREVER = ["/bin/sh", "-c", "echo started; exec sleep 600"]
PATIENCE = 60.0


@pytest.fixture
def spawner(tmp_path: Path) -> Iterator[Spawner]:
    """A spawner whose processes end with the test."""
    spawner = Spawner(tmp_path)
    yield spawner
    spawner.close()


def test_a_process_runs_until_it_is_killed(spawner: Spawner, tmp_path: Path) -> None:
    """A killed process has ended when kill returns."""
    child = spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path)
    os.kill(child.pid, 0)
    assert spawner.pids == (child.pid,)
    spawner.kill(child)
    assert not child.alive
    assert spawner.pids == ()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


TIDY = ["/bin/sh", "-c", "trap 'echo tidied >> mark; exit' QUIT; echo started >> mark; while :; do sleep 0.05; done"]


def test_a_process_that_tidies_up_is_asked_to(spawner: Spawner, tmp_path: Path) -> None:
    """By `end`, and when the emulator ends; one that does not listen is killed."""
    mark = tmp_path / "mark"

    def started(number: int) -> Child:
        child = spawner.spawn(TIDY, log=tmp_path / "log", directory=tmp_path, ending=signal.SIGQUIT)
        assert Deadline(PATIENCE).wait_for(lambda: None if _lines(mark) == number else "not yet") is None
        return child

    spawner.end(started(1), signal.SIGQUIT, PATIENCE)
    assert _lines(mark) == 2
    started(3)
    spawner.close()
    assert Deadline(PATIENCE).wait_for(lambda: None if _lines(mark) == 4 else "not yet") is None


def test_one_that_does_not_listen_is_killed(spawner: Spawner, tmp_path: Path) -> None:
    """After its time."""
    deaf = ["/bin/sh", "-c", "trap '' TERM; echo started >> mark; while :; do sleep 0.05; done"]
    child = spawner.spawn(deaf, log=tmp_path / "log", directory=tmp_path)
    assert Deadline(PATIENCE).wait_for(lambda: None if _lines(tmp_path / "mark") else "not yet") is None
    spawner.end(child, signal.SIGTERM, 0.1)

    assert not child.alive


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_killing_twice_is_harmless(spawner: Spawner, tmp_path: Path) -> None:
    """A process id that may belong to somebody else by now gets no second signal."""
    child = spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path)
    spawner.kill(child)
    spawner.kill(child)
    assert not child.alive


def test_an_end_is_noticed(spawner: Spawner, tmp_path: Path) -> None:
    """A process that somebody else kills is known to have ended."""
    child = spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    assert child.ended.wait(PATIENCE)


def test_output_goes_to_the_log(spawner: Spawner, tmp_path: Path) -> None:
    """What a process says is appended to its log, from its own directory."""
    (tmp_path / "log").write_text("before\n")
    child = spawner.spawn(["/bin/sh", "-c", "pwd; echo oops >&2"], log=tmp_path / "log", directory=tmp_path)
    assert child.ended.wait(PATIENCE)
    assert (tmp_path / "log").read_text().splitlines() == ["before", str(tmp_path), "oops"]


def test_a_missing_program_is_an_error(spawner: Spawner, tmp_path: Path) -> None:
    """The message names the program that is not there, and the spawner goes on working."""
    with pytest.raises(EngineStartError, match="No such file or directory: /does/not/exist"):
        spawner.spawn(["/does/not/exist"], log=tmp_path / "log", directory=tmp_path)
    assert spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path).alive


def test_closing_ends_everything(tmp_path: Path) -> None:
    """After close no process is left, and none can be started."""
    spawner = Spawner(tmp_path)
    children = [spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path) for _ in range(3)]
    spawner.close()
    assert not any(child.alive for child in children)
    with pytest.raises(EngineStartError, match="has ended"):
        spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux binds a child's life to its parent's")
def test_processes_end_with_a_killed_launcher(spawner: Spawner, tmp_path: Path) -> None:
    """When even the launcher is killed the kernel ends its children."""
    child = spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path)
    gone = os.pidfd_open(child.pid)
    os.kill(spawner.pid, signal.SIGKILL)
    assert child.ended.wait(PATIENCE)
    with os.fdopen(gone) as handle:
        assert readable(handle.fileno())


def readable(descriptor: int) -> bool:
    """Say whether a process behind a descriptor ends in time."""
    ready, _, _ = select.select([descriptor], [], [], PATIENCE)
    return bool(ready)


def test_a_process_that_ends_unasked_is_told_of(tmp_path: Path) -> None:
    """One that was asked to end is not."""
    lost: queue.SimpleQueue[int] = queue.SimpleQueue()
    spawner = Spawner(tmp_path, lost.put)
    asked, killed = (spawner.spawn(FOREVER, log=tmp_path / "log", directory=tmp_path) for _ in range(2))
    spawner.kill(asked)
    os.kill(killed.pid, signal.SIGKILL)

    assert lost.get(timeout=10) == killed.pid
    assert lost.empty()
    spawner.close()
