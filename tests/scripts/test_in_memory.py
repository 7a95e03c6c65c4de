"""Commands with their temporary files in memory."""

from __future__ import annotations

import fcntl
import runpy
import signal
import subprocess
import sys
import tempfile
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
    memory = tmp_path / "memory"
    dead, alive = memory / "ek-dead", memory / "ek-alive"
    for folder in (dead, alive, memory / "ek-others", memory / "other"):
        folder.mkdir(parents=True)
    (dead / ".lock").touch()

    with (alive / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        look(script, memory, tmp_path / "told", room_bytes=1)

    assert sorted(path.name for path in memory.iterdir()) == ["ek-alive", "ek-others", "other"]


def test_what_a_command_leaves_that_fails_is_kept(
    script: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody wants to look at it; what is no file is left out."""
    memory, usual = tmp_path / "memory", tmp_path / "usual"
    memory.mkdir()
    usual.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(usual))
    code = (
        "import os, pathlib, sys, tempfile; here = pathlib.Path(tempfile.gettempdir()); os.mkfifo(here / 'pipe');"
        "(here / 'deep').mkdir(); (here / 'deep' / 'log').write_text('why'); sys.exit(5)"
    )

    assert script.run([sys.executable, "-c", code], memory, 1) == 5

    (kept,) = usual.iterdir()
    assert capsys.readouterr().err == f"what it has left is in {kept}\n"
    assert [path.name for path in kept.iterdir()] == ["deep"]
    assert (kept / "deep" / "log").read_text() == "why"
    assert list(memory.iterdir()) == []


def test_whoever_calls_it_has_its_own_signals_again(script: SimpleNamespace, tmp_path: Path) -> None:
    """Ctrl-C above all."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]

    look(script, tmp_path, tmp_path / "told", room_bytes=2**60)

    assert [signal.getsignal(number) for number in numbers] == before


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
