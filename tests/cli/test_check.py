"""`elasticache-kit check`: exit codes, output and options."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner, Result

from elasticache_kit.cli import main
from tests.cli.local import environment

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ERROR = "Port: 99999"
WARNING = "SnapshotWindow: 05:00-06:00"
HEAVY = ("boto3", "moto", "aws_cdk", "jsii", "cryptography", "flask")


@pytest.fixture
def template(tmp_path: Path) -> Callable[[str], str]:
    """Make a template whose one group has some more lines."""

    def make(*lines: str) -> str:
        path = tmp_path / "cache.yaml"
        path.write_text(
            "Resources:\n  Cache:\n    Type: AWS::ElastiCache::ReplicationGroup\n    Properties:\n"
            "      ReplicationGroupDescription: Orders\n      Engine: redis\n      CacheNodeType: cache.t4g.small\n"
            + "".join(f"      {line}\n" for line in lines)
        )
        return str(path)

    return make


def _check(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *words], input=given)


def test_nothing_wrong(template: Callable[..., str]) -> None:
    """Nothing is printed, the summary goes to standard error, and the exit code is 0."""
    done = _check(template())

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "1 template, 1 resource of ElastiCache: 0 errors, 0 warnings\n"


def test_an_error(template: Callable[..., str]) -> None:
    """It is printed with its place, and the exit code is 1."""
    path = template(ERROR)
    done = _check(path)

    assert done.exit_code == 1
    assert done.stdout.startswith(f"{path}:8: error: Cache.Port = 99999: ")
    assert done.stderr.endswith("1 error, 0 warnings\n")


def test_a_warning_fails_only_with_strict(template: Callable[..., str]) -> None:
    """It is printed either way."""
    path = template(WARNING)
    plain, strict = _check(path), _check(path, "--strict")

    assert (plain.exit_code, strict.exit_code) == (0, 1)
    assert plain.stdout == strict.stdout
    assert "warning: Cache.SnapshotWindow" in plain.stdout


def test_an_ignored_rule(template: Callable[..., str]) -> None:
    """It is left out and counted; other rules are not left out."""
    path = template(ERROR, WARNING)
    done = _check(path, "--ignore", "rg-port")

    assert done.exit_code == 0
    assert "rg-port" not in done.stdout
    assert "bk-window-without-retention" in done.stdout
    assert done.stderr.endswith("0 errors, 1 warning, 1 acknowledged or ignored\n")


def test_a_rule_that_there_is_not(template: Callable[..., str]) -> None:
    """It is wrong use, and the rule that was meant is named."""
    done = _check(template(), "--ignore", "rg-prt", "--ignore", "whatever-it-is")

    assert done.exit_code == 2
    assert "there is no rule 'rg-prt': take rg-port" in done.stderr
    assert "there is no rule 'whatever-it-is'" in done.stderr


@pytest.mark.parametrize("words", [[], ["none.yaml"], ["--output", "xml", "-"]])
def test_wrong_use(words: list[str]) -> None:
    """No path, a path that is not there, and an output that there is not."""
    done = _check(*words)

    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_file_that_is_no_template(tmp_path: Path) -> None:
    """It is wrong use when it is named, and passed over with --pass-over."""
    path = tmp_path / "package.json"
    path.write_text('{"name": "app"}')
    named, passed = _check(str(path)), _check(str(path), "--pass-over")

    assert (named.exit_code, passed.exit_code) == (2, 0)
    assert "is no CloudFormation template" in named.stderr
    assert f"passed over, for they are no templates: {path}\n" in passed.stderr


def test_many_files_that_are_passed_over(tmp_path: Path) -> None:
    """A few are named and the others counted."""
    for number in range(8):
        (tmp_path / f"{number}.json").write_text("[]")

    assert "4.json and 3 more\n" in _check(str(tmp_path)).stderr


def test_standard_input(template: Callable[..., str]) -> None:
    """A template may come through a pipe."""
    done = _check("-", given=Path(template(ERROR)).read_text())

    assert done.exit_code == 1
    assert done.stdout.startswith("-:8: error: ")


def test_json(template: Callable[..., str]) -> None:
    """The document is all of standard output, also where nothing was found; the exit code is the same."""
    clean, failed = _check(template(), "--output", "json"), _check(template(ERROR), "--output", "json")
    found: Any = json.loads(failed.stdout)

    assert (clean.exit_code, json.loads(clean.stdout)["problems"]) == (0, [])
    assert (failed.exit_code, found["errors"]) == (1, 1)
    assert found["problems"][0]["rule_id"] == "rg-port"


def test_sarif(template: Callable[..., str]) -> None:
    """The log is all of standard output, with what was ignored in it as suppressed."""
    done = _check(template(ERROR, WARNING), "--ignore", "rg-port", "--output", "sarif")
    results: Any = json.loads(done.stdout)["runs"][0]["results"]

    assert done.exit_code == 0
    assert [("suppressions" in result, result["level"]) for result in results] == [(True, "error"), (False, "warning")]


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_secrets_are_in_no_output(form: str, template: Callable[..., str]) -> None:
    """A token that is wrong is found and not shown."""
    done = _check(template("AuthToken: swordfish", "AuthTokn: swordfish"), "--output", form)

    assert done.exit_code == 1
    assert "rg-auth-format" in done.stdout
    assert "swordfish" not in done.output


def test_it_needs_no_extra(template: Callable[..., str]) -> None:
    """It runs where only the base of the package is installed."""
    probe = (
        "import sys\nfrom elasticache_kit.cli import main\n"
        f"try:\n    main(['check', {template()!r}])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == "[]\n"


def test_the_hook_runs_the_command(template: Callable[..., str], tmp_path: Path) -> None:
    """What `.pre-commit-hooks.yaml` says works on the files of a commit, templates or not."""
    hook: Any = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    other = tmp_path / "package.json"
    other.write_text("{}")
    name, *words = hook["entry"].split()
    done = CliRunner().invoke(main, [*words, template(ERROR), str(other)])

    assert (name, words[0]) == ("elasticache-kit", "check")
    assert hook["language"] == "python"
    assert done.exit_code == 1
    assert "rg-port" in done.stdout
