"""Commands with their temporary files in memory."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "in_memory.py"
LOOK = "import os, tempfile; print(tempfile.gettempdir()); open(os.path.join(tempfile.gettempdir(), 'left'), 'w')"


@pytest.fixture
def script() -> SimpleNamespace:
    """The script as a module."""
    return SimpleNamespace(**runpy.run_path(str(SCRIPT)))


def look(script: SimpleNamespace, memory: Path, told: Path, **more: int) -> Path:
    """Run a command that tells where its temporary files go, and leaves one."""
    command = [sys.executable, "-c", f"import sys; sys.stdout = open({str(told)!r}, 'w'); {LOOK}"]
    assert script.run(command, memory, **more) == 0
    return Path(told.read_text().strip())


def test_files_go_where_there_is_room_and_are_gone_afterwards(script: SimpleNamespace, tmp_path: Path) -> None:
    """Also those that the command has left."""
    memory = tmp_path / "memory"
    memory.mkdir()

    folder = look(script, memory, tmp_path / "told", room_bytes=1)

    assert folder.parent == memory
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize("room", [{"room_bytes": 2**60}, {}], ids=["too-little-room", "no-such-folder"])
def test_without_room_they_go_where_they_always_are(
    script: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: dict[str, int]
) -> None:
    """And nothing is made."""
    memory, usual = tmp_path / "memory", tmp_path / "usual"
    usual.mkdir()
    monkeypatch.setenv("TMPDIR", str(usual))
    if room:
        memory.mkdir()

    assert look(script, memory, tmp_path / "told", **room) == usual
    assert not room or list(memory.iterdir()) == []


def test_what_a_killed_run_has_left_goes_with_the_next(script: SimpleNamespace, tmp_path: Path) -> None:
    """That of one that is still there stays, and so does what is somebody else's."""
    dead, alive = tmp_path / "ek-999999999-x", tmp_path / f"ek-{os.getpid()}-x"
    for folder in (dead, alive, tmp_path / "ek-x", tmp_path / "other"):
        folder.mkdir()

    look(script, tmp_path, tmp_path / "told", room_bytes=1)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([alive.name, "ek-x", "other", "told"])


@pytest.mark.parametrize(
    ("code", "exit_code"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_exit_code_is_the_commands(code: str, exit_code: int) -> None:
    """Make must hear of a failure."""
    done = subprocess.run([sys.executable, str(SCRIPT), sys.executable, "-c", code], check=False)

    assert done.returncode == exit_code


def test_sigterm_reaches_the_command(tmp_path: Path) -> None:
    """Which puts back what it has changed, before the folder goes."""
    code = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7));"
        f"open({str(tmp_path / 'up')!r}, 'w').close(); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, str(SCRIPT), sys.executable, "-c", code]) as process:
        while not (tmp_path / "up").exists():
            assert process.poll() is None
        process.terminate()

        assert process.wait(30) == 7
