"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run(folder: Path, *code: str) -> subprocess.CompletedProcess[str]:
    """Run code blocks one after the other in a process and a folder of their own."""
    return subprocess.run(
        [sys.executable, "-c", "\n".join(code)], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_example_synthesizes(tmp_path: Path) -> None:
    """Ten lines make a template with a secure replication group."""
    example, _ = blocks("python")

    done = run(tmp_path, example.replace("App()", f"App(outdir={str(tmp_path)!r})"))

    assert done.returncode == 0, done.stderr
    assert '"TransitEncryptionEnabled": true' in (tmp_path / "orders.template.json").read_text()


def test_the_refusal_reads_as_it_is_shown(tmp_path: Path) -> None:
    """The message of the second example is the one in the text."""
    example, wrong = blocks("python")
    (message,) = blocks("text")

    done = run(tmp_path, example.replace("app.synth()", ""), wrong)

    assert done.returncode == 1
    assert message.strip() in done.stderr


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    """Every file that is linked exists."""
    assert (ROOT / link).exists()


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"^    (elasticache-kit [a-z]+(?: [a-z]+)?)", README, re.MULTILINE)))
)
def test_commands_exist(command: str) -> None:
    """Each command that the text names has a help page."""
    words = command.split()[1:]
    words = [word for word in words if word.isalpha()]
    known = {"adopt": 1, "failover": 1, "demo": 1}
    words = words[: known.get(words[0], 2)]

    done = subprocess.run(
        [sys.executable, "-m", "elasticache_kit.cli", *words, "--help"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
