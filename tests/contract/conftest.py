"""Where a scenario runs: on the emulator always, and on AWS with --aws."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import boto3
import pytest

from elasticache_kit.emulator import cdk_cli, local_environment
from elasticache_kit.emulator.lifecycle import FAST, INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.contract.network import Network, make_network, remove_network
from tests.stacks.conftest import CONTEXT

ROOT = Path(__file__).parents[2]
QUIET = ("--no-notices",)
PATIENCE_SECONDS = 3600
Seen = TypeVar("Seen")


class Synth(Protocol):
    """Synthesizes an app once per shape: that is most of what a deployment costs."""

    def __call__(self, *context: str, app: Path | None = None) -> Path:
        """Return the assembly of an app, this repository's when none is named, with context such as `max_azs=2`."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """How a run of the CDK CLI ended, and what it printed."""

    code: int
    text: str


class Run(Protocol):
    """Runs the CDK CLI."""

    def __call__(self, arguments: list[str], *, cwd: Path | None = None) -> Done:
        """Run it in a folder, this repository when none is named."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A place to deploy to: the CDK CLI and boto3 lead there."""

    name: str
    run: Run
    session: Mapping[str, Any]
    ca_file: str | None
    directory: Path

    def client(self, service: str) -> Any:
        """Make a boto3 client."""
        return boto3.client(service, **self.session)

    def cdk(self, command: str, assembly: Path, *arguments: str) -> Done:
        """Run the CDK CLI over an assembly."""
        return self.run([command, *arguments, "--app", str(assembly), *QUIET])

    def deploy(self, assembly: Path, *stacks: str) -> dict[str, dict[str, str]]:
        """Deploy stacks and return their outputs."""
        outputs = self.directory / "outputs.json"
        done = self.cdk("deploy", assembly, *stacks, "--require-approval", "never", "--outputs-file", str(outputs))
        assert done.code == 0, done.text
        return json.loads(outputs.read_text())

    def destroy(self, assembly: Path, *stacks: str) -> None:
        """Destroy stacks."""
        done = self.cdk("destroy", assembly, *stacks, "--force")
        assert done.code == 0, done.text


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    """Synthesize, each shape once."""
    known: dict[tuple[Path | None, tuple[str, ...]], Path] = {}

    def make(*context: str, app: Path | None = None) -> Path:
        key = (app, context)
        if key not in known:
            out = tmp_path_factory.mktemp("assembly") / "cdk.out"
            # What the CDK CLI would hand to the app; that it does is a test of the app.
            given = {**CONTEXT, **dict(item.split("=", 1) for item in context)}
            environment = local_environment.environment("http://127.0.0.1:9", home=out.parent / "home")
            environment |= {"JSII_NODE": str(cdk_cli.node()), "CDK_OUTDIR": str(out)}
            environment |= {"CDK_CONTEXT_JSON": json.dumps(given)}
            command = [sys.executable, str(app or ROOT / "app.py")]
            subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)
            known[key] = out
        return known[key]

    return make


# Not of the session: moto belongs to the process, and so can one emulator only run in it at a time.
@pytest.fixture(scope="module", params=[pytest.param("emulator"), pytest.param("aws", marks=pytest.mark.aws)])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The emulator, or with --aws the account that the environment leads to; there the test must run within the VPC."""
    directory = tmp_path_factory.mktemp("target")
    if request.param == "aws":

        def on_aws(arguments: list[str], *, cwd: Path | None = None) -> Done:
            environment = {**os.environ, "JSII_NODE": str(cdk_cli.node())}
            done = subprocess.run(
                cdk_cli.command(arguments), env=environment, check=False, text=True, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, cwd=cwd,
            )  # fmt: skip
            return Done(done.returncode, done.stdout)

        yield Target("aws", on_aws, {}, None, directory)
        return
    with Emulator(directory / "emulator", timing=FAST) as emulator:
        log = directory / "cdk.log"

        def local(arguments: list[str], *, cwd: Path | None = None) -> Done:
            log.write_bytes(b"")
            code = cdk_cli.run(arguments, emulator.endpoint_url, home=directory / "cdk", log=log, cwd=cwd)
            return Done(code, log.read_text())

        session = {
            "endpoint_url": emulator.endpoint_url,
            "region_name": local_environment.DEFAULT_REGION,
            "aws_access_key_id": local_environment.ACCESS_KEY_ID,
            "aws_secret_access_key": local_environment.SECRET_ACCESS_KEY,
        }
        assert emulator.fleet is not None
        here = Target("emulator", local, session, str(emulator.fleet.ca_file), directory)
        words = ["bootstrap", f"aws://{emulator.account_id}/{session['region_name']}", *QUIET]
        # Not from the top of the repository: the CLI would run the app of cdk.json, into a folder that others share.
        bootstrapped = here.run(words, cwd=directory)
        assert bootstrapped.code == 0, bootstrapped.text
        yield here


class Clients(Protocol):
    """Gives boto3 clients of an account."""

    def __call__(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, in another Region where one is named."""
        ...


def clients(**session: Any) -> Clients:
    """Return what makes each client once: that costs more than most requests."""

    @cache
    def client(service: str, region: str | None = None) -> Any:
        settings: dict[str, Any] = dict(session)
        if region:
            settings["region_name"] = region
        return boto3.client(service, **settings)

    return client


@dataclass(frozen=True, slots=True)
class Place:
    """An account that answers the API: clients lead there, and whoever waits asks as often as is fitting there."""

    client: Clients
    poll_seconds: float

    def wait(self, waiter: str, *, region: str | None = None, **ids: str) -> None:
        """Let a waiter of boto3 for ElastiCache come to its end."""
        attempts = {"Delay": self.poll_seconds, "MaxAttempts": int(PATIENCE_SECONDS / self.poll_seconds)}
        self.client("elasticache", region).get_waiter(waiter).wait(**ids, WaiterConfig=attempts)

    def until(self, look: Callable[[], Seen], done: Callable[[Seen], bool]) -> Seen:
        """Look again and again until what is seen will do, and return it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done(seen := look()):
            assert time.monotonic() < deadline, f"it never came: {seen}"
            time.sleep(self.poll_seconds)
        return seen

    def gone(self, look: Callable[[], object], missing: type[Exception]) -> None:
        """Wait until something is not found any more."""

        def found() -> bool:
            try:
                look()
            except missing:
                return False
            return True

        self.until(found, lambda there: not there)


@pytest.fixture(scope="module", params=[pytest.param("emulator"), pytest.param("aws", marks=pytest.mark.aws)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An emulator without engines, or with --aws the account that the environment leads to."""
    if request.param == "aws":
        yield Place(clients(), poll_seconds=15)
        return
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        client = clients(
            endpoint_url=emulator.endpoint_url,
            region_name=local_environment.DEFAULT_REGION,
            aws_access_key_id=local_environment.ACCESS_KEY_ID,
            aws_secret_access_key=local_environment.SECRET_ACCESS_KEY,
        )
        yield Place(client, poll_seconds=0.02)


@pytest.fixture(scope="module")
def elasticache(place: Place) -> Any:
    """A client of ElastiCache."""
    return place.client("elasticache")


@pytest.fixture(scope="module")
def network(place: Place) -> Iterator[Network]:
    """A VPC with two subnets, a security group and a subnet group, which go again."""
    made = make_network(place.client, unique())
    yield made
    remove_network(place.client, made)


def unique() -> str:
    """Return a name that nothing in an account has, and that says whose it is should a test leave it behind."""
    return f"contract-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def name() -> str:
    """A name that nothing has."""
    return unique()
