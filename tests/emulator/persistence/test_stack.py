"""The stacks of this repository after a kill: as deployed, to the last resource."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from aws_cdk import App
from click.testing import CliRunner

from app import define
from elasticache_kit.cli import main
from elasticache_kit.emulator import cdk_cli, daemon, local_environment
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.cloudformation.resource import unsupported
from elasticache_kit.emulator.cloudformation.resource_type import RESOURCE_TYPES
from elasticache_kit.emulator.persistence.service import FURTHER, KEPT, SERVICE_OF_TYPE
from tests.emulator.persistence.victim import Victim
from tests.stacks.conftest import CONTEXT

# What `cdk bootstrap` deploys, which every stack needs, and CloudFormation itself.
BOOTSTRAP = {"AWS::CloudFormation", "AWS::ECR", "AWS::IAM", "AWS::KMS", "AWS::S3", "AWS::SSM"}
# What constructs of this kit make and no stack of this repository, unless it is asked to.
CONSTRUCTS = {"AWS::ApplicationAutoScaling", "AWS::CodeBuild", "AWS::Route53"}
ROLE = "arn:aws:iam::123456789012:role/r"
# moto refuses the name that its own CloudFormation makes up for one with a long logical id, as in the backup stack.
NAMED_TOO_LONG = "AWS::StepFunctions::StateMachine"
# The stacks whose types the local CloudFormation has; those of others come in by themselves when it learns them.
DEPLOYABLE = 5


@dataclass(frozen=True)
class Endpoint:
    """What an account needs to know of an emulator in another process."""

    endpoint_url: str
    directory: Path
    account_id: str = "123456789012"


@dataclass(frozen=True)
class Synthesized:
    """A stack of the app: its name, its Region, its resource types, and whether it can be deployed here."""

    name: str
    region: str
    types: frozenset[str]
    deployable: bool


@pytest.fixture(scope="module")
def assembly() -> tuple[Path, list[Synthesized]]:
    """All stacks of the small environment, with what an address for notifications adds."""
    app = App(context={**CONTEXT, "notification_email": "oncall@example.com"})
    define(app)
    made = app.synth()
    types = {
        stack.stack_name: frozenset(item["Type"] for item in stack.template["Resources"].values())
        for stack in made.stacks
    }
    # The emulator runs in another process: moto alone is asked here.
    added = {resource.cloudformation_type() for resource in RESOURCE_TYPES}
    stacks = [
        Synthesized(
            stack.stack_name,
            "eu-west-1" if "unknown" in stack.environment.region else stack.environment.region,
            types[stack.stack_name],
            not unsupported(
                {*types[stack.stack_name], *(kind for name in needs(stack) for kind in types[name])} - added
            ),
        )
        for stack in made.stacks
    ]
    return Path(made.directory), stacks


def needs(stack: Any) -> set[str]:
    """Return the names of the stacks that a stack depends on."""
    return {item.stack_name for item in stack.dependencies if hasattr(item, "stack_name")}


def test_every_service_of_the_stacks_is_kept_and_no_other(assembly: tuple[Path, list[Synthesized]]) -> None:
    """The list follows from the types of all templates, of the bootstrap and of the constructs."""
    used = {kind.rpartition("::")[0] for stack in assembly[1] for kind in stack.types} - {"AWS::CDK"}
    needed = used | BOOTSTRAP | CONSTRUCTS

    assert set(SERVICE_OF_TYPE) == needed
    assert not used & CONSTRUCTS
    assert {SERVICE_OF_TYPE[name] for name in needed} | FURTHER == KEPT


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """Emulators without engines over one directory."""
    made = Victim(tmp_path / "emulator")
    yield made
    made.kill()


def deploy(victim: Victim, assembly: tuple[Path, list[Synthesized]]) -> list[Synthesized]:
    """Deploy every stack that can be, and return them."""
    directory, stacks = assembly
    chosen = [stack for stack in stacks if stack.deployable and NAMED_TOO_LONG not in stack.types]
    for stack in chosen:
        LocalAccount(cast("Any", Endpoint(victim.endpoint_url, victim.directory)), stack.region).deploy(
            directory, name=stack.name
        )
    return chosen


def described(victim: Victim, stacks: list[Synthesized]) -> dict[str, Any]:
    """Return what CloudFormation says of stacks, their resources and their events, by name."""
    said: dict[str, Any] = {}
    for stack in stacks:
        cloudformation = LocalAccount(
            cast("Any", Endpoint(victim.endpoint_url, victim.directory)), stack.region
        ).client("cloudformation")
        said[stack.name] = {
            "stacks": cloudformation.describe_stacks(StackName=stack.name)["Stacks"],
            "resources": cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"],
            "events": [
                event
                for event in cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]
                if event["LogicalResourceId"] != stack.name
            ],
        }
    return json.loads(json.dumps(said, default=str))


def test_stacks_are_what_they_were_and_a_further_deployment_finds_nothing_to_do(
    victim: Victim, assembly: tuple[Path, list[Synthesized]]
) -> None:
    """Outputs, resources and events are equal, and the same templates touch no resource."""
    client = victim.up()
    machine = client("stepfunctions").create_state_machine(name="m", definition="{}", roleArn=ROLE)["stateMachineArn"]
    stacks = deploy(victim, assembly)
    before = described(victim, stacks)

    victim.kill()
    client = victim.up()

    assert victim.notes == []
    assert len(stacks) >= DEPLOYABLE
    assert described(victim, stacks) == before
    assert client("stepfunctions").describe_state_machine(stateMachineArn=machine)["name"] == "m"
    deploy(victim, assembly)
    after = described(victim, stacks)
    assert {name: said["events"] for name, said in after.items()} == {
        name: said["events"] for name, said in before.items()
    }


@pytest.mark.engine
@pytest.mark.cli
@pytest.mark.prove
def test_the_cdk_finds_no_difference_and_deploys_on(tmp_path: Path, assembly: tuple[Path, list[Synthesized]]) -> None:
    """`emulator up` after a kill -9: `cdk diff` is empty, and a further stack builds on one from before."""
    directory, first, further = (
        tmp_path / "emulator",
        "elasticache-kit-replication-group",
        "elasticache-kit-sharded-replication-group",
    )
    app = ("--app", str(assembly[0]), "--no-notices")

    def cdk(*arguments: str) -> int:
        running = daemon.find(directory)
        assert running is not None
        log = tmp_path / "cdk.log"
        # Not from the top of the repository: for a bootstrap the CLI would run the app of cdk.json.
        return cdk_cli.run(list(arguments), running.endpoint_url, home=tmp_path / "cdk", log=log, cwd=tmp_path)

    def command(name: str, *options: str) -> dict[str, Any]:
        words = ["emulator", name, "--directory", str(directory), "--output", "json", *options]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    try:
        command("up", "--port", "0", "--timing", "instant")
        killed = daemon.find(directory)
        assert killed is not None
        place = f"aws://{daemon.said(killed)['account']}/{local_environment.DEFAULT_REGION}"
        assert cdk("bootstrap", place, "--no-notices") == 0
        assert cdk("deploy", first, "--require-approval", "never", *app) == 0
        os.kill(killed.pid, signal.SIGKILL)
        daemon.stop(killed)  # returns when the process is gone

        assert command("up", "--port", "0", "--timing", "instant")["notes"] == []

        assert cdk("diff", first, "--fail", *app) == 0
        assert cdk("deploy", further, "--require-approval", "never", *app) == 0
        # A control for the diff: where the state is gone, everything is new.
        assert CliRunner().invoke(main, ["emulator", "down", "--directory", str(directory)]).exit_code == 0
        command("up", "--port", "0", "--timing", "instant", "--fresh")
        assert cdk("diff", first, "--fail", *app) == 1
    finally:
        left = daemon.find(directory)
        if left is not None:
            daemon.stop(left)
