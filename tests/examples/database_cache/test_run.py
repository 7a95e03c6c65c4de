"""`make example-database-cache`, whole: what it shows, and that it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.database_cache.conftest import SHOP

pytestmark = [pytest.mark.prove, pytest.mark.engine, pytest.mark.cli]

LIMIT_SECONDS = 300
SHOWN = "statements saved"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for temporary files; not one of pytest, which another user may not enter."""
    with tempfile.TemporaryDirectory(prefix="example-of-a-test-") as folder:
        yield Path(folder)


def begin(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start the example."""
    with (folder / "stderr").open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "run.py", *words],
            cwd=SHOP,
            env={**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )


def processes(folder: Path) -> list[str]:
    """Return the command lines of all processes that have to do with a folder."""
    found: list[str] = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command, working = (place / "cmdline").read_bytes(), (place / "cwd").readlink()
        except OSError:
            continue
        if str(folder).encode() in command or working.is_relative_to(folder):
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def await_none(folder: Path) -> None:
    """Wait until nothing is left."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while left := processes(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def await_shown(process: subprocess.Popen[str], folder: Path) -> None:
    """Wait until the last promise is shown."""
    assert process.stdout is not None
    assert any(SHOWN in line for line in process.stdout), (folder / "stderr").read_text()


def test_all_promises_are_kept(folder: Path) -> None:
    """Deployed by the CDK CLI, removed by it, and nothing runs any more."""
    process = begin(folder)
    said, _ = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 0, (folder / "stderr").read_text()
    assert [line[:6] for line in said.splitlines()] == ["kept  "] * 5
    assert processes(folder) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["interrupted", "ended", "killed"],
)
def test_nothing_is_left(folder: Path, number: signal.Signals, code: int) -> None:
    """After Ctrl-C, a polite kill, and one that nobody can answer; while it ran, there was something."""
    process = begin(folder, "--keep")
    await_shown(process, folder)
    assert len(processes(folder)) > 5
    process.send_signal(number)
    assert process.wait(LIMIT_SECONDS) == code
    await_none(folder)
    assert process.stdout is not None
    process.stdout.close()
