"""The stacks of this repository after a kill: as deployed, to the last resource."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from aws_cdk import App

from app import define
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.cloudformation.resource import unsupported
from elasticache_kit.emulator.persistence.service import FURTHER, KEPT, SERVICE_OF_TYPE
from tests.emulator.persistence.victim import Victim
from tests.stacks.conftest import CONTEXT

# What `cdk bootstrap` deploys, which every stack needs, and CloudFormation itself.
BOOTSTRAP = {"AWS::CloudFormation", "AWS::ECR", "AWS::IAM", "AWS::KMS", "AWS::S3", "AWS::SSM"}
# What constructs of this kit make and no stack of this repository.
CONSTRUCTS = {"AWS::ApplicationAutoScaling", "AWS::Route53"}
ROLE = "arn:aws:iam::123456789012:role/r"
# moto refuses the name that its own CloudFormation makes up for one with a long logical id, as in the backup stack.
NAMED_TOO_LONG = "AWS::StepFunctions::StateMachine"
# The stacks whose types the local CloudFormation has; those of others come in by themselves when it learns them.
DEPLOYABLE = 6


@dataclass(frozen=True)
class Endpoint:
    """What an account needs to know of an emulator in another process."""

    endpoint_url: str
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
    stacks = [
        Synthesized(
            stack.stack_name,
            "eu-west-1" if "unknown" in stack.environment.region else stack.environment.region,
            types[stack.stack_name],
            not unsupported({*types[stack.stack_name], *(kind for name in needs(stack) for kind in types[name])}),
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
    assert KEPT == {SERVICE_OF_TYPE[name] for name in needed} | FURTHER


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """Emulators without engines over one directory."""
    made = Victim(tmp_path / "emulator")
    yield made
    made.kill()


def deploy(victim: Victim, assembly: tuple[Path, list[Synthesized]]) -> dict[str, Any]:
    """Deploy every stack and return what CloudFormation says of each, with its resources and events."""
    directory, stacks = assembly
    said: dict[str, Any] = {}
    chosen = [stack for stack in stacks if stack.deployable and NAMED_TOO_LONG not in stack.types]
    for stack in chosen:
        account = LocalAccount(cast("Any", Endpoint(victim.endpoint_url)), stack.region)
        account.deploy(directory, name=stack.name)
    for stack in chosen:
        cloudformation = LocalAccount(cast("Any", Endpoint(victim.endpoint_url)), stack.region).client("cloudformation")
        said[stack.name] = [
            cloudformation.describe_stacks(StackName=stack.name)["Stacks"],
            cloudformation.describe_stack_resources(StackName=stack.name)["StackResources"],
            cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"],
        ]
    return said


def test_a_second_deployment_finds_nothing_to_do(victim: Victim, assembly: tuple[Path, list[Synthesized]]) -> None:
    """Stacks, resources, outputs and events are what they were, and the same templates add no event to them."""
    client = victim.up()
    machine = client("stepfunctions").create_state_machine(name="m", definition="{}", roleArn=ROLE)["stateMachineArn"]
    before = deploy(victim, assembly)

    victim.kill()
    client = victim.up()
    after = deploy(victim, assembly)

    assert json.loads(json.dumps(after, default=str)) == json.loads(json.dumps(before, default=str))
    assert client("stepfunctions").describe_state_machine(stateMachineArn=machine)["name"] == "m"
    assert victim.notes == []
    assert len(after) >= DEPLOYABLE
