"""The example as a whole, as `make example-sessions` runs it; the tour runs all but the browser in `make test`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.sessions.chromium import find
from tests.cli.descendant import MARK, left_of

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.engine, pytest.mark.cli, pytest.mark.calm, pytest.mark.prove]


@pytest.mark.parametrize("browser", [True, False], ids=["browser", "client"])
def test_the_example_runs_and_leaves_nothing(browser: bool, tmp_path: Path) -> None:
    """Five things are seen; in a browser a picture is taken, without one it says so."""
    if browser and find() is None:
        pytest.skip("no Chromium is installed")
    picture = tmp_path / "page.png"

    done = subprocess.run(
        [sys.executable, "-m", "examples.sessions", "--picture", str(picture), *([] if browser else ["--no-browser"])],
        cwd=ROOT, env={**os.environ, MARK: str(tmp_path)}, capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 5
    assert picture.exists() == browser
    assert ("no Chromium is used" in done.stdout) != browser
    assert "Traceback" not in done.stderr
    assert left_of(f"{MARK}={tmp_path}") == []
