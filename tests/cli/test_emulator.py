"""`elasticache-kit emulator`: exit codes, what goes to standard output, one sentence where something is missing."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from elasticache_kit.cli import main
from elasticache_kit.emulator import capability, daemon
from tests.emulator.wire import client_of

ENGINELESS = ("--port", "0", "--no-engines", "--timing", "instant")


def run(command: str, directory: Path, *arguments: str) -> Result:
    """Run a command of the emulator over a directory."""
    return CliRunner().invoke(main, ["emulator", command, "--directory", str(directory), *arguments])


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of an emulator that runs."""
    made = tmp_path_factory.mktemp("an emulator")
    assert run("up", made, *ENGINELESS).exit_code == 0
    yield made
    assert run("down", made).exit_code == 0


def endpoint_of(directory: Path) -> str:
    """Where the emulator of a directory answers."""
    running = daemon.find(directory)
    assert running is not None
    return running.endpoint_url


def test_up_and_down_begin_and_end_an_emulator(tmp_path: Path) -> None:
    """It answers between the two; the state is machine-readable, the talk is on standard error."""
    up = run("up", tmp_path, *ENGINELESS, "--output", "json")
    state = json.loads(up.stdout)
    said = capability.ask(state["endpoint_url"])
    down = run("down", tmp_path)

    assert (up.exit_code, down.exit_code) == (0, 0)
    assert (state["running"], state["profile"], state["engine_pids"]) == (True, "instant", [])
    assert said is not None
    assert f"The emulator runs at {state['endpoint_url']}" in up.stderr
    assert down.stdout == ""
    with pytest.raises(OSError, match="refused"):
        capability.ask(state["endpoint_url"])


def test_a_second_up_finds_the_first(directory: Path) -> None:
    """It starts nothing and says where the one is that runs."""
    endpoint = endpoint_of(directory)

    again = run("up", directory, *ENGINELESS)

    assert again.exit_code == 0
    assert f"An emulator runs already at {endpoint}" in again.stderr
    assert endpoint_of(directory) == endpoint


def test_a_fresh_start_is_refused_while_one_runs(directory: Path) -> None:
    """It would discard what the running one goes by."""
    refused = run("up", directory, *ENGINELESS, "--fresh")

    assert refused.exit_code == 4
    assert "emulator down" in refused.stderr


def test_state_is_kept_until_a_fresh_start(tmp_path: Path) -> None:
    """`down` and `up` keep it, `up --fresh` does not."""

    def parameters(*options: str) -> list[str]:
        assert run("up", tmp_path, *ENGINELESS, *options).exit_code == 0
        ssm = client_of(endpoint_of(tmp_path))("ssm")
        found = [item["Name"] for item in ssm.describe_parameters()["Parameters"]]
        ssm.put_parameter(Name="/kept", Value="1", Type="String", Overwrite=True)
        assert run("down", tmp_path).exit_code == 0
        return found

    assert (parameters(), parameters(), parameters("--fresh")) == ([], ["/kept"], [])


def test_status_of_a_running_emulator(directory: Path) -> None:
    """Exit code 0; text for people, JSON for programs."""
    text, document = run("status", directory), run("status", directory, "--output", "json")

    assert (text.exit_code, document.exit_code) == (0, 0)
    assert endpoint_of(directory) in text.stdout
    assert "timing     instant" in text.stdout
    assert "kept       applicationautoscaling, cloudformation, " in text.stdout
    assert "every other service: each starts empty" in text.stdout
    assert json.loads(document.stdout)["endpoint_url"] == endpoint_of(directory)


def test_status_where_none_runs(tmp_path: Path) -> None:
    """Exit code 1, so that a script can ask."""
    text, document = run("status", tmp_path), run("status", tmp_path, "--output", "json")

    assert (text.exit_code, document.exit_code) == (1, 1)
    assert "not running" in text.stdout
    assert json.loads(document.stdout) == {"running": False, "directory": str(tmp_path)}


def test_status_of_an_emulator_that_does_not_answer(tmp_path: Path) -> None:
    """Its process lives, so it runs; that it says nothing is said."""
    daemon.remember(tmp_path, "http://127.0.0.1:9")

    status = run("status", tmp_path)

    assert status.exit_code == 0
    assert "answers    no" in status.stdout


def test_env_is_what_a_shell_evaluates(directory: Path) -> None:
    """Nothing but exports, with credentials that open nothing."""
    env = run("env", directory)

    lines = [shlex.split(line) for line in env.stdout.splitlines()]
    assert all(words[0] == "export" and len(words) == 2 for words in lines)
    values = dict(words[1].split("=", 1) for words in lines)
    assert values["AWS_ENDPOINT_URL"] == endpoint_of(directory)
    assert values["AWS_SECRET_ACCESS_KEY"] == "not-a-secret"  # noqa: S105 - it opens nothing


def test_down_where_none_runs_is_no_error(tmp_path: Path) -> None:
    """What should be so is so."""
    down = run("down", tmp_path)

    assert (down.exit_code, down.stdout, down.stderr) == (0, "", "No emulator runs.\n")


@pytest.mark.parametrize("command", [("env",), ("cdk", "deploy")])
def test_what_needs_an_emulator_says_how_to_start_one(tmp_path: Path, command: tuple[str, ...]) -> None:
    """One sentence and exit code 4, no traceback."""
    result = run(command[0], tmp_path, *command[1:])

    assert result.exit_code == 4
    assert result.stdout == ""
    assert result.stderr == (f"Error: no emulator runs in {tmp_path}: start one with `elasticache-kit emulator up`.\n")


@pytest.mark.parametrize(
    ("command", "example"),
    [
        ("emulator", "elasticache-kit emulator up"),
        ("emulator cdk", "elasticache-kit emulator cdk deploy elasticache-kit-replication-group"),
        ("demo", "elasticache-kit demo"),
    ],
)
def test_help_has_an_example(command: str, example: str) -> None:
    """A line to copy, on a line of its own."""
    shown = CliRunner().invoke(main, [*command.split(), "--help"])

    assert shown.exit_code == 0
    assert example in [line.strip() for line in shown.stdout.splitlines()]


def test_the_server_itself_is_not_advertised() -> None:
    """`serve` is what `up` runs: nobody needs to call it."""
    assert "serve" not in CliRunner().invoke(main, ["emulator", "--help"]).stdout


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server needs more than the command that starts it: what is missing reaches the user all the same."""
    (tmp_path / "moto.py").write_text("raise ModuleNotFoundError(\"No module named 'moto'\", name='moto')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)

    up = run("up", tmp_path / "state", *ENGINELESS)

    assert up.exit_code == 4
    assert "The package moto was not found" in up.stderr
    assert "pip install 'elasticache-kit[emulator]'" in up.stderr
    assert "Traceback" not in up.stderr
