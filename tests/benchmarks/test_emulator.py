"""The benchmark of the emulator measures what it says; how long things take is not tested."""

from __future__ import annotations

import json

from click.testing import CliRunner

from benchmarks.emulator import main


def test_the_command() -> None:
    """Anyone can run it: both servers answer."""
    small = ["--groups", "1", "--groups", "2", "--rounds", "1", "--seconds", "0.01"]
    done = CliRunner().invoke(main, [*small, "--output", "json"])

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert [item["nodes"] for item in report["describe"]] == [3, 6]
    assert all(item["ours"] > 0 and item["stock"] > 0 for item in report["describe"])
