"""Helper processes."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from elasticache_kit.emulator.fleet.companion import Companion
from elasticache_kit.errors import EngineStartError

ECHO = """
import json, sys
print(json.dumps({"event": "hello"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "refuse":
        print(json.dumps({"id": request["id"], "error": "no"}), flush=True)
    elif request["op"] == "die":
        sys.exit("helper died on purpose")
    else:
        print(json.dumps({"id": request["id"], "result": {"said": request["word"]}}), flush=True)
"""
PATIENCE = 60.0


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A helper that repeats what it is told."""
    path = tmp_path / "echo.py"
    path.write_text(ECHO)
    return path


def test_each_thread_gets_its_own_answer(program: Path, tmp_path: Path) -> None:
    """Answers find the request that they belong to."""
    companion = Companion(program, tmp_path / "log")
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = companion.ask("say", word=number)["said"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    companion.close()
    assert answers == {number: number for number in range(20)}


def test_a_refusal_is_an_error(program: Path, tmp_path: Path) -> None:
    """What the helper refuses is raised with its words."""
    companion = Companion(program, tmp_path / "log")
    with pytest.raises(EngineStartError, match=r"echo\.py could not refuse: no"):
        companion.ask("refuse")
    companion.close()


def test_events_are_passed_on(program: Path, tmp_path: Path) -> None:
    """A message that answers nothing is an event."""
    heard, ended = threading.Event(), threading.Event()
    companion = Companion(
        program,
        tmp_path / "log",
        on_event=lambda message: heard.set() if message["event"] == "hello" else None,
        on_end=ended.set,
    )
    assert heard.wait(PATIENCE)
    assert not companion.ended
    companion.close()
    assert ended.wait(PATIENCE)


def test_a_helper_that_dies_leaves_nobody_waiting(program: Path, tmp_path: Path) -> None:
    """Who waits for an answer of a helper that ends gets an error that names its log."""
    companion = Companion(program, tmp_path / "log")
    with pytest.raises(EngineStartError, match=f"the process has ended; see {tmp_path / 'log'}"):
        companion.ask("die")
    with pytest.raises(EngineStartError, match="the process has ended"):
        companion.ask("say", word=1)
    assert companion.ended
    companion.close()
    assert "helper died on purpose" in (tmp_path / "log").read_text()


def test_ctrl_c_at_the_terminal_does_not_reach_a_helper(program: Path, tmp_path: Path) -> None:
    """A helper has a session of its own; only the emulator hears the terminal."""
    companion = Companion(program, tmp_path / "log")
    assert os.getsid(companion.pid) == companion.pid != os.getsid(0)
    companion.close()


def test_closing_twice_is_harmless(program: Path, tmp_path: Path) -> None:
    """A helper that was killed by somebody else is closed without complaint."""
    companion = Companion(program, tmp_path / "log")
    os.kill(companion.pid, signal.SIGKILL)
    companion.close()
    companion.close()
    assert companion.ended
