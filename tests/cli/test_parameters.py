"""`elasticache-kit parameters`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.in_process import document, invoke

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


@pytest.fixture
def mine(account: Session) -> Session:
    """An account with the parameter groups `mine` and `theirs`, of which the second sets a value."""
    client: Any = account.act
    for name in ("mine", "theirs"):
        client.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="of a test"
        )
    pairs = [{"ParameterName": "timeout", "ParameterValue": "20"}]
    client.modify_cache_parameter_group(CacheParameterGroupName="theirs", ParameterNameValues=pairs)
    return account


@pytest.mark.usefixtures("mine")
def test_a_difference_is_shown_and_fails() -> None:
    """As the program `diff` does; nothing is changed."""
    done = invoke("parameters", "diff", "mine", "--like", "theirs", "--set", "databases=4")

    assert (done.exit_code, done.stdout) == (1, "databases: 16 -> 4  (takes a reboot)\ntimeout: 0 -> 20\n")
    assert invoke("parameters", "diff", "mine", "--set", "timeout=0").exit_code == 0


@pytest.mark.usefixtures("mine")
def test_a_file_is_applied(tmp_path: Path) -> None:
    """YAML, whose numbers and words stay the texts that they are."""
    path = tmp_path / "wanted.yaml"
    path.write_text("timeout: 20\nactivedefrag: yes\n")

    applied = document("parameters", "apply", "mine", "--file", str(path), "--apply")
    again = document("parameters", "apply", "mine", "--file", str(path), "--apply")

    assert (len(applied["plan"]), again["plan"]) == (1, [])
    assert invoke("parameters", "diff", "mine", "--file", str(path)).exit_code == 0


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("words", "text"), [((), "nothing is wanted"), (("--set", "timeout"), "--set takes NAME=VALUE, not timeout")]
)
def test_what_makes_no_sense_is_wrong_use(words: tuple[str, ...], text: str) -> None:
    """With what to give."""
    done = invoke("parameters", "diff", "mine", *words)

    assert (done.exit_code, text in done.stderr) == (2, True)


@pytest.mark.usefixtures("mine")
def test_a_file_that_holds_something_else_is_wrong_use(tmp_path: Path) -> None:
    """Lists for example."""
    path = tmp_path / "wanted.json"
    path.write_text(json.dumps({"timeout": ["20"]}))

    done = invoke("parameters", "diff", "mine", "--file", str(path))

    assert (done.exit_code, "must hold `name: value` pairs" in done.stderr) == (2, True)
