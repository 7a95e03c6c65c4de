"""Where a scenario runs: on the emulator always, and on AWS with --aws."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from elasticache_kit.emulator import cdk_cli, local_environment
from elasticache_kit.emulator.lifecycle import FAST
from elasticache_kit.emulator.server import Emulator

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Target:
    """A place to deploy to: the CDK CLI and boto3 lead there."""

    name: str
    cdk: Callable[..., int]
    session: Mapping[str, Any]
    ca_file: str | None
    directory: Path

    def client(self, service: str) -> Any:
        """Make a boto3 client."""
        return boto3.client(service, **self.session)  # pyright: ignore - any service

    def deploy(self, *stacks: str) -> dict[str, dict[str, str]]:
        """Deploy stacks and return their outputs."""
        outputs = self.directory / "outputs.json"
        assert self.cdk("deploy", *stacks, "--require-approval", "never", "--outputs-file", str(outputs)) == 0
        return json.loads(outputs.read_text())


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app of this repository, synthesized once: most of what a deployment costs."""
    out = tmp_path_factory.mktemp("assembly") / "cdk.out"
    home = out.parent / "home"
    environment = local_environment.environment("http://127.0.0.1:9", home=home)
    environment |= {"JSII_NODE": str(cdk_cli.node()), "PATH": f"{cdk_cli.python_directory()}:{os.environ['PATH']}"}
    subprocess.run(
        cdk_cli.command(["synth", "--quiet", "--no-notices", "--output", str(out)]),
        env=environment, cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return out


@pytest.fixture(scope="module", params=[pytest.param("emulator"), pytest.param("aws", marks=pytest.mark.aws)])
def target(
    request: pytest.FixtureRequest, assembly: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """The emulator, or with --aws the account that the environment leads to; there the test must run within the VPC."""
    directory = tmp_path_factory.mktemp("target")
    log = directory / "cdk.log"
    app = ("--app", str(assembly), "--no-notices")
    if request.param == "aws":

        def on_aws(*arguments: str) -> int:
            environment = {**os.environ, "JSII_NODE": str(cdk_cli.node())}
            return subprocess.run(cdk_cli.command([*arguments, *app]), env=environment, check=False).returncode

        yield Target("aws", on_aws, {}, None, directory)
        return
    with Emulator(directory / "emulator", timing=FAST) as emulator:

        def local(*arguments: str) -> int:
            log.write_bytes(b"")
            code = cdk_cli.run([*arguments, *app], emulator.endpoint_url, home=directory / "cdk", log=log)
            print(log.read_text())  # noqa: T201 - pytest shows it where the test fails
            return code

        assert local("bootstrap") == 0
        session = {
            "endpoint_url": emulator.endpoint_url,
            "region_name": local_environment.DEFAULT_REGION,
            "aws_access_key_id": local_environment.ACCESS_KEY_ID,
            "aws_secret_access_key": local_environment.SECRET_ACCESS_KEY,
        }
        yield Target("emulator", local, session, str(emulator.fleet.ca_file) if emulator.fleet else None, directory)
