"""Programs that refuse to run as root."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import unprivileged
from elasticache_kit.errors import MissingToolError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_program_does_not_run_as_root_and_enters_the_folders_of_its_owner(tmp_path: Path) -> None:
    """Whoever starts it; another user than root is who he is."""
    closed = tmp_path / "closed"
    (closed / "own").mkdir(parents=True)
    closed.chmod(0o700)
    unprivileged.own(closed / "own")
    script = f"id -u; touch {closed}/own/made"
    done = subprocess.run(unprivileged.command(["/bin/sh", "-c", script]), capture_output=True, text=True, check=True)
    made = (closed / "own" / "made").stat()

    assert int(done.stdout) == made.st_uid != 0
    assert os.geteuid() in (0, made.st_uid)


def test_without_setpriv_root_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other way is not to be root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(MissingToolError, match="run the emulator as another user than root"):
        unprivileged.command(["postgres"])
