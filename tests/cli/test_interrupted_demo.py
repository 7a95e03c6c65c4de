"""`elasticache-kit demo` that is told to stop in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.descendant import MARK, left_of

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.engine, pytest.mark.cli, pytest.mark.usefixtures("hear_ctrl_c")]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(2, id="Ctrl-C"),
        # The same way out as Ctrl-C.
        pytest.param(15, id="SIGTERM", marks=pytest.mark.prove),
        pytest.param(9, id="kill -9", marks=pytest.mark.prove),
    ],
)
def test_an_interrupted_demonstration_leaves_nothing(tmp_path: Path, number: int) -> None:
    """Told to stop in the middle of the deployment, it takes down what it has started."""
    environment = {**os.environ, MARK: str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "elasticache_kit.cli", "demo", "--report", str(tmp_path / "report")],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("cdk deploy"):
            break
    process.send_signal(number)
    _, rest = process.communicate(timeout=120)

    assert process.returncode != 0
    assert "Traceback" not in rest
    assert left_of(f"{MARK}={tmp_path}") == []
