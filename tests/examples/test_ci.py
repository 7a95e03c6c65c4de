"""The examples for CI: the script is run once, with the real CDK CLI, and the workflow is pinned."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_cdk import App, CfnOutput, DefaultStackSynthesizer, Stack
from aws_cdk.aws_sns import Topic

from elasticache_kit.emulator import cdk_cli

ROOT = Path(__file__).parents[2]
SCRIPT, WORKFLOW = ROOT / "examples/ci/run.sh", ROOT / "examples/ci/github-actions.yml"
# What a test of somebody's own would do: look for what was deployed, and leave a trace; then end with 7.
TESTS = """
import json, os, pathlib, boto3
outputs = json.loads(pathlib.Path(os.environ["STACK_OUTPUTS"]).read_text())
found = [item["TopicArn"] for item in boto3.client("sns").list_topics()["Topics"]]
record = {"outputs": outputs, "found": found, "endpoint": os.environ["AWS_ENDPOINT_URL"]}
pathlib.Path("record.json").write_text(json.dumps(record))
raise SystemExit(7)
"""


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    """Return an environment in which elasticache-kit is installed, with a profile that would lead elsewhere."""
    found = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return {**found, "JSII_NODE": str(cdk_cli.node()), "AWS_PROFILE": "production", "TMPDIR": str(tmp_path), **more}


@pytest.mark.cli
def test_the_script_deploys_tests_and_takes_down(tmp_path: Path) -> None:
    """The command sees the stack, its exit code is that of the script, and no emulator and no file is left."""
    assembly = tmp_path / "cdk.out"
    app = App(outdir=str(assembly))
    stack = Stack(app, "changes", synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
    CfnOutput(stack, "Arn", value=Topic(stack, "Topic").topic_arn)
    app.synth()
    (tmp_path / "tests.py").write_text(TESTS)
    state = tmp_path / "state"
    state.mkdir()

    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), sys.executable, "tests.py"], check=False, text=True, capture_output=True, cwd=tmp_path,
        env=environment(state, CDK_ARGUMENTS=f"--app {assembly}", EMULATOR_ARGUMENTS="--no-engines --timing instant"),
    )  # fmt: skip

    assert done.returncode == 7, done.stdout + done.stderr
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["found"] == [record["outputs"]["changes"]["Arn"]]
    assert [item.name for item in state.iterdir() if item.name.startswith("tmp.")] == []
    assert "did not end" not in done.stderr
    ended = subprocess.run(
        [sys.executable, "-c", f"import urllib.request; urllib.request.urlopen({record['endpoint']!r})"],
        check=False, text=True, capture_output=True,
    )  # fmt: skip
    assert "refused" in ended.stderr


def test_a_script_that_cannot_begin_says_why(tmp_path: Path) -> None:
    """A wrong argument of the emulator ends it, with that exit code, and nothing is left."""
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), "true"], check=False, text=True, capture_output=True,
        env=environment(tmp_path, EMULATOR_ARGUMENTS="--timing never"),
    )  # fmt: skip

    assert done.returncode == 2
    assert "never" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_workflow_is_pinned_and_may_do_nothing() -> None:
    """Every action by its commit, as in our own workflow; no permission but to read, no secret."""
    text = WORKFLOW.read_text()
    document: dict[str, Any] = yaml.safe_load(text)
    own = set(re.findall(r"uses: (\S+)", (ROOT / ".github/workflows/ci.yml").read_text()))
    (job,) = document["jobs"].values()

    assert set(re.findall(r"uses: (\S+)", text)) <= own
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", item) for item in own)
    assert (document["permissions"], job["permissions"]) == ({}, {"contents": "read"})
    assert "secrets." not in text
