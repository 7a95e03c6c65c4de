"""The benchmark of endpoints measures what it says; how fast they are is not tested."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchmarks.endpoint import ENGINE, NATIVE, TLS, main

pytestmark = pytest.mark.engine


def test_the_command() -> None:
    """Anyone can run it: every way answers and costs something, and the engine is the measure of all."""
    done = CliRunner().invoke(main, ["--rounds", "1", "--seconds", "0.2", "--output", "json"])

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["shares"][ENGINE] == 1
    assert {ENGINE, TLS} <= set(report["requests_per_second"])
    assert all(rate > 0 for rate in report["requests_per_second"].values())
    assert (report["tls_of_native_tls"] is not None) == (NATIVE in report["shares"])
