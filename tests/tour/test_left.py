"""The last promise sees a process or a folder that is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from elasticache_kit.emulator.daemon import Running
from tour.left import nothing_left
from tour.place import Place
from tour.promise import BrokenError

PLACE = Place({}, Path())


@pytest.fixture
def ended() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def emulator(pid: int, folder: Path) -> Running:
    """Return an emulator that was."""
    return Running(pid, "1", "http://127.0.0.1:9", str(folder))


def test_an_engine_that_lives_is_seen(ended: int, tmp_path: Path) -> None:
    """By its id."""
    with pytest.raises(BrokenError, match=f"processes \\[{os.getpid()}\\] are still there"):
        nothing_left(emulator(ended, tmp_path / "gone"), [ended, os.getpid()]).check(PLACE)


def test_a_folder_that_is_there_is_seen(ended: int, tmp_path: Path) -> None:
    """By its name."""
    with pytest.raises(BrokenError, match="is still there"):
        nothing_left(emulator(ended, tmp_path), [ended]).check(PLACE)


def test_without_engines_it_says_nothing(ended: int, tmp_path: Path) -> None:
    """An emulator that had none leaves none, whatever it does."""
    with pytest.raises(BrokenError, match="had no engines"):
        nothing_left(emulator(ended, tmp_path / "gone"), []).check(PLACE)


def test_all_gone(ended: int, tmp_path: Path) -> None:
    """With how many there were."""
    assert "its 2 engines have ended" in nothing_left(emulator(ended, tmp_path / "gone"), [ended, ended]).check(PLACE)
