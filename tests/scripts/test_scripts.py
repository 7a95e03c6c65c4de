"""The scripts of the menu: each is a command by file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.local import environment

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script."""
    return subprocess.run(
        [sys.executable, str(SCRIPTS / name), *words],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("adopt.py", "adopt"),
        ("diff.py", "diff"),
        ("failover.py", "failover"),
        ("failover_drill.py", "drill run"),
    ],
)
def test_a_script_is_the_command(name: str, command: str) -> None:
    """Its help is the command's own."""
    done = run(name, "--help")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: elasticache-kit {command} ")


@pytest.mark.parametrize("name", ["adopt.py", "failover.py", "failover_drill.py"])
def test_a_script_hands_on_its_arguments_and_the_exit_code(name: str) -> None:
    """Here: nobody has said which region."""
    done = run(name, "orders")

    assert done.returncode == 4
    assert done.stderr.startswith("Error: no AWS region is set")


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("adopt.py", "REPLICATION_GROUP"),
        ("diff.py", "[ASSEMBLY|TEMPLATE]"),
        ("failover.py", "REPLICATION_GROUP"),
        ("failover_drill.py", "REPLICATION_GROUP"),
    ],
)
def test_a_script_says_what_it_is_for(name: str, argument: str) -> None:
    """Its docstring begins with a sentence and shows how to call it."""
    text = (SCRIPTS / name).read_text()

    assert text.startswith('"""')
    assert f"python scripts/{name} {argument}" in text
