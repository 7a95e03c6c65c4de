"""LocalAccount: stacks of the CDK, assemblies and templates, deployed without the CDK CLI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sns as sns

from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.server import Emulator


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A stack that needs another one, and a folder in a bucket."""
    files = tmp_path_factory.mktemp("asset")
    (files / "hello.txt").write_text("hello")
    app = App(outdir=str(tmp_path_factory.mktemp("assembly") / "cdk.out"))
    topic = sns.Topic(Stack(app, "first"), "Topic")
    stack = Stack(app, "second")
    CfnOutput(stack, "Arn", value=topic.topic_arn)
    asset = s3_assets.Asset(stack, "Folder", path=str(files))
    CfnOutput(stack, "Key", value=asset.s3_object_key)
    CfnOutput(stack, "Bucket", value=asset.s3_bucket_name)
    sns.CfnTopic(stack, "Other")
    return stack


@pytest.fixture
def account(control_plane: Emulator) -> LocalAccount:
    """An account that is empty."""
    return LocalAccount(control_plane)


def folder(stack: Stack) -> str:
    """Return where the assembly of a stack's app is."""
    app: Any = stack.node.root
    return app.synth().directory


def test_a_stack_comes_with_those_that_it_needs(account: LocalAccount, second: Stack) -> None:
    """It is taken by its shape and synthesized through its own app; outputs lead over both stacks."""
    made = account.deploy(second)
    topics = [item["TopicArn"] for item in made.client("sns").list_topics()["Topics"]]

    assert made.stack_name == "second"
    assert made.outputs["Arn"] in topics
    assert made.physical_ids["Other"] in topics


def test_files_of_a_stack_are_in_their_bucket(account: LocalAccount, second: Stack) -> None:
    """A folder goes there as a zip archive."""
    outputs = account.deploy(second).outputs
    held = account.client("s3").get_object(Bucket=outputs["Bucket"], Key=outputs["Key"])["Body"].read()

    assert held.startswith(b"PK")
    assert b"hello.txt" in held


def test_an_assembly_is_deployed_from_its_folder(account: LocalAccount, second: Stack) -> None:
    """One stack by name, or all of them."""
    directory = folder(second)

    assert account.deploy(directory, name="first").stack_name == "first"
    assert account.deploy(directory).stack_name == "second"


def test_a_stack_that_an_assembly_has_not_is_named(account: LocalAccount, second: Stack) -> None:
    """The message lists what there is."""
    directory = folder(second)

    with pytest.raises(EmulatorError, match="has no stack 'third'; it has first, second"):
        account.deploy(directory, name="third")


def test_a_folder_without_an_assembly_is_said(account: LocalAccount, tmp_path: Path) -> None:
    """So is a file that is no template."""
    (tmp_path / "no.yaml").write_text("a: 1")

    with pytest.raises(EmulatorError, match="is not a cloud assembly"):
        account.deploy(tmp_path)
    with pytest.raises(EmulatorError, match="is not a template that can be deployed"):
        account.deploy(tmp_path / "no.yaml")


def test_a_parameter_takes_the_value_that_is_given(account: LocalAccount) -> None:
    """Left out, it has its default."""
    template = {
        "Parameters": {"Colour": {"Type": "String", "Default": "red"}},
        "Resources": {"T": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Colour": {"Value": {"Ref": "Colour"}}},
    }

    assert account.deploy(template).outputs["Colour"] == "red"
    assert account.deploy(template, name="other", parameters={"Colour": "blue"}).outputs["Colour"] == "blue"


def test_a_stack_that_is_not_there_cannot_be_destroyed(account: LocalAccount) -> None:
    """It is named."""
    with pytest.raises(EmulatorError, match="there is no stack nothing"):
        account.destroy("nothing")
