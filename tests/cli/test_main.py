"""The command itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.local import command, environment

HEAVY = ("boto3", "botocore", "moto", "aws_cdk", "jsii", "cryptography", "flask")


def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        command(*words), env=environment(**more), capture_output=True, text=True, timeout=60, check=False
    )


def python(text: str) -> str:
    """Run Python and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", text], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("words", [["--help"], ["--version"], []])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """It answers at once, and on a machine that has no extra installed."""
    imported = python(
        "import sys\n"
        "from elasticache_kit.cli import main\n"
        "try:\n"
        f"    main({words!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )

    assert imported.splitlines()[-1] == "HEAVY []"


def test_help_names_every_command_with_a_sentence() -> None:
    """In alphabetical order."""
    lines = run("--help").stdout.partition("Commands:")[2].partition("Example:")[0].split("\n")

    names = [line.split()[0] for line in lines if line.strip()]
    assert names == [
        *("adopt", "check", "cluster-mode", "demo", "diff", "drill", "emulator", "events", "failover", "global"),
        *("iam-policy", "inventory", "parameters", "publish", "reboot", "reshard", "rotate", "scale"),
        *("service-updates", "snapshot", "tls", "upgrade"),
    ]


@pytest.mark.parametrize(
    ("words", "package", "extra"),
    [
        (["failover", "orders"], "boto3", "ops"),
        (["drill", "run", "none", "orders"], "boto3", "ops"),
    ],
)
def test_a_command_whose_extra_is_missing_says_how_to_get_it(words: list[str], package: str, extra: str) -> None:
    """In one sentence."""
    told = python(
        "import sys\n"
        f"sys.modules[{package!r}] = None\n"
        "from click.testing import CliRunner\n"
        "from elasticache_kit.cli import main\n"
        f"result = CliRunner().invoke(main, {words!r})\n"
        "print(result.exit_code, result.output)\n"
    )

    assert told.startswith(f"4 Error: the command {words[0]!r} needs the package '{package}")
    assert told.rstrip().endswith(f"which is not installed: pip install 'elasticache-kit[{extra}]'")


def test_a_demonstration_without_an_app_is_refused_before_it_begins(tmp_path: Path) -> None:
    """As somebody who has installed the package runs it."""
    done = run("demo", "--app", str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"Error: there is no cdk.json in {tmp_path}: run this in a clone of elasticache-kit, or"
    )


def test_an_unknown_command_is_a_usage_error() -> None:
    """With exit code 2, as click has it."""
    done = run("fialover")

    assert done.returncode == 2
    assert "fialover" in done.stderr


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "Error: no AWS region is set"),
        ({"AWS_REGION": "us-east-1"}, "Error: no AWS credentials were found"),
        ({"AWS_PROFILE": "nobody"}, "Error: the config profile (nobody) could not be found"),
        (
            {
                "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_ACCESS_KEY_ID": "x",
                "AWS_SECRET_ACCESS_KEY": "x",
            },
            "Error: AWS cannot be reached",
        ),
    ],
)
@pytest.mark.parametrize("words", [["failover", "orders"], ["drill", "run", "failover", "orders"]])
def test_whoever_cannot_connect_is_told_in_one_sentence(words: list[str], more: dict[str, str], sentence: str) -> None:
    """On standard error, with exit code 4 and without a traceback."""
    done = run(*words, **more)

    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
