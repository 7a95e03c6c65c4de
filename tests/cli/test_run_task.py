"""`elasticache-kit emulator run-task`: what it says; what it does is in tests/emulator/test_task.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from elasticache_kit.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def test_help_has_an_example() -> None:
    """And says what a name may be."""
    done = CliRunner().invoke(main, ["emulator", "run-task", "--help"])

    assert done.exit_code == 0
    assert "NAME is a stack, an ECS service, or a task definition" in " ".join(done.output.split())
    assert "-- python -m shop.migrate" in done.output


def test_without_an_emulator_it_says_what_to_do(tmp_path: Path) -> None:
    """In one sentence, with the code of an emulator's error."""
    done = CliRunner().invoke(main, ["emulator", "run-task", "--directory", str(tmp_path), "shop"])

    assert done.exit_code == 4
    assert done.stderr == f"Error: no emulator runs in {tmp_path}: start one with `elasticache-kit emulator up`.\n"


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    """Before anything is looked for."""
    done = CliRunner().invoke(main, ["emulator", "run-task", "--code", str(tmp_path / "none"), "shop"])

    assert done.exit_code == 2
    assert "does not exist" in done.stderr
