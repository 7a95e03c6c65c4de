"""The tour itself: every stack deployed, every promise shown, nothing left. Also that it is, is a promise of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.descendant import MARK, left_of
from tour.table import PROMISES

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 400

pytestmark = [
    pytest.mark.engine,
    pytest.mark.cli,
    pytest.mark.usefixtures("hear_ctrl_c", "memcached"),
]


@pytest.mark.prove
def test_every_promise_holds(tmp_path: Path) -> None:
    """With credentials in the environment that look real, and none of its processes is there in the end."""
    environment = {**os.environ, MARK: str(tmp_path), "AWS_PROFILE": "production", "AWS_ENDPOINT_URL": "http://aws"}

    done = subprocess.run(
        [sys.executable, "-m", "tour", "--output", "json"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    broken = [item for item in document["promises"] if not item["passed"]]
    assert (document["passed"], broken) == (True, [])
    assert [item["name"] for item in document["promises"]] == [*(item.name for item in PROMISES), "nothing-left"]
    assert left_of(f"{MARK}={tmp_path}") == []


@pytest.mark.prove
@pytest.mark.parametrize("number", [2, 15, 9], ids=["Ctrl-C", "SIGTERM", "kill -9"])
def test_an_interrupted_tour_leaves_nothing(tmp_path: Path, number: int) -> None:
    """Told to stop when the first promise is shown, it takes down what it has started."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tour"],
        cwd=ROOT, env={**os.environ, MARK: str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(number)
    _, rest = process.communicate(timeout=PATIENCE_SECONDS)

    assert first.startswith("PASS")
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[signal.Signals(number)]
    assert "Traceback" not in rest
    assert left_of(f"{MARK}={tmp_path}") == []
