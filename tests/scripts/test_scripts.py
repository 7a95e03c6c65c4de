"""The scripts of the menu: each is a command by file."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from elasticache_kit.cli import main
from elasticache_kit.model import permission
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
        ("rolling_failover_drill.py", "REPLICATION_GROUP"),
        ("node_loss_drill.py", "REPLICATION_GROUP"),
        ("az_loss_drill.py", "REPLICATION_GROUP"),
        ("partition_drill.py", "REPLICATION_GROUP"),
        ("reboot_drill.py", "REPLICATION_GROUP"),
        ("backup_restore_drill.py", "REPLICATION_GROUP"),
        ("scale_out_in_drill.py", "REPLICATION_GROUP"),
        ("reshard_drill.py", "REPLICATION_GROUP"),
        ("engine_upgrade_drill.py", "REPLICATION_GROUP"),
        ("credential_rotation_drill.py", "REPLICATION_GROUP"),
        ("global_failover_drill.py", "REPLICATION_GROUP"),
        ("memcached_node_loss_drill.py", "CACHE_CLUSTER"),
        ("client_matrix.py", "REPLICATION_GROUP"),
        ("drill_cleanup.py", ""),
    ],
)
def test_a_script_says_what_it_is_for(name: str, argument: str) -> None:
    """Its docstring begins with a sentence and shows how to call it."""
    text = (SCRIPTS / name).read_text()

    assert text.startswith('"""')
    assert f"python scripts/{name} {argument}".rstrip() in text


# Script -> what its command is called. Those above are run as programs; these in this process, which is quicker.
MENU = {
    "cluster_mode": "cluster-mode",
    "events": "events",
    "global_datastore": "global",
    "iam_policy": "iam-policy",
    "inventory": "inventory",
    "parameters": "parameters",
    "publish": "publish",
    "reboot": "reboot",
    "reshard": "reshard",
    "rotate": "rotate",
    "scale": "scale",
    "service_updates": "service-updates",
    "snapshot": "snapshot",
    "tls": "tls",
    "upgrade": "upgrade",
}


@pytest.mark.parametrize("name", MENU)
def test_a_script_of_the_menu_is_its_command(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does nothing when it is imported, and shows the command's own help when it is run."""
    path = SCRIPTS / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(path), "--help"])

    runpy.run_path(str(path), run_name="imported")
    imported = capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")

    assert (imported, ended.value.code) == ("", 0)
    assert capsys.readouterr().out.startswith(f"Usage: elasticache-kit {MENU[name]} ")
    assert f"python scripts/{name}.py" in path.read_text()


@pytest.mark.parametrize("name", ["install_memcached.py", "prove.py", "set_up.py"])
def test_a_script_of_the_repository_has_help_with_an_example(name: str) -> None:
    """It does nothing then, and nothing with words that it does not know."""
    shown, wrong = run(name, "--help"), run(name, "--nonsense")

    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"scripts/{name}" in shown.stdout.partition("Example: ")[2]
    assert (wrong.returncode, wrong.stdout) == (2, "")


def resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words lead to, and the words behind it."""
    found: click.Command = main
    while isinstance(found, click.Group):
        inner = found.get_command(click.Context(found), words[0])
        assert inner is not None, f"there is no command {words[0]}"
        found, words = inner, words[1:]
    return found, words


def commands(found: click.Command, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the words of every command that help shows, groups too; none for the program itself."""
    yield " ".join(words)
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in found.list_commands(context):
            inner = found.get_command(context, name)
            assert inner is not None
            if not inner.hidden:
                yield from commands(inner, (*words, name))


EXAMPLE = re.compile(r"elasticache-kit( [^\n#>)]*)?")


@pytest.mark.parametrize("words", [*commands(main)])
def test_a_command_has_an_example(words: str) -> None:
    """Which is a line to copy, not wrapped, that its own parser takes; of a group it is one of its commands."""
    shown = CliRunner().invoke(main, [*words.split(), "--help"]).output.partition("Example")[2].partition(":")[2]
    lines = [found[0] for found in EXAMPLE.finditer(shown.replace("elasticache-kit.sarif", ""))]

    assert lines
    for line in lines:
        leaf, arguments = resolved(shlex.split(line)[1:])
        leaf.make_context(leaf.name, arguments)
    assert any(line.startswith(f"elasticache-kit {words}".strip()) for line in lines)


def test_every_operation_has_its_script() -> None:
    """One that is added comes with it."""
    assert {name.split()[0] for name in permission.COMMANDS} <= {*MENU.values(), "adopt", "diff", "failover", "drill"}
