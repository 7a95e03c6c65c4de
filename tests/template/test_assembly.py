"""Reading cloud assemblies: stacks, stages and nested stacks, made by the CDK itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import App, CfnResource, NestedStack, Stack, Stage
from aws_cdk import aws_elasticache as elasticache

from elasticache_kit.errors import DocumentError
from elasticache_kit.template import assembly


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthesize an app with a stack, a stack nested in a nested one, and a stage."""
    folder = tmp_path_factory.mktemp("cdk.out")
    app = App(outdir=str(folder))
    stack = Stack(app, "Orders", stack_name="orders-prod", env={"account": "123456789012", "region": "eu-west-1"})
    _cache(stack)
    nested = NestedStack(stack, "Inner")
    _cache(nested)
    _cache(NestedStack(nested, "Innermost"))
    _cache(Stack(Stage(app, "Test"), "Orders"))
    app.synth()
    return folder


def _cache(stack: Stack) -> CfnResource:
    return elasticache.CfnSubnetGroup(stack, "Group", description="d", subnet_ids=["subnet-1"])


def test_all_stacks_are_found(directory: Path) -> None:
    """Stacks of stages and nested stacks are among them, each with its template."""
    stacks = assembly.read(directory)

    assert {stack.name for stack in stacks if stack.parent is None} == {"orders-prod", "Test-Orders"}
    inner, innermost = (stack for stack in stacks if stack.parent is not None)
    assert (inner.parent, innermost.parent) == ("orders-prod", inner.name)
    assert all("Group" in stack.template.resources for stack in stacks)


def test_the_environment(directory: Path) -> None:
    """Where the account and the Region are not fixed, it says so."""
    found = {stack.name.partition("/")[0]: stack.environment for stack in assembly.read(directory)}

    assert found == {
        "orders-prod": "aws://123456789012/eu-west-1",
        "Test-Orders": "aws://unknown-account/unknown-region",
    }


def test_what_is_an_assembly(directory: Path, tmp_path: Path) -> None:
    """A directory with a manifest of artifacts is one, and a web app's manifest makes none."""
    (tmp_path / "manifest.json").write_text('{"name": "app"}')

    assert assembly.is_assembly(directory)
    assert not assembly.is_assembly(tmp_path)
    assert not assembly.is_assembly(tmp_path / "none")


def test_a_missing_manifest(tmp_path: Path) -> None:
    """The error names the directory and the file."""
    with pytest.raises(DocumentError, match=r"is no cloud assembly: manifest\.json cannot be read"):
        assembly.read(tmp_path)


def test_a_manifest_without_the_file_of_a_stack(tmp_path: Path) -> None:
    """The error names the artifact."""
    (tmp_path / "manifest.json").write_text('{"artifacts": {"A": {"type": "aws:cloudformation:stack"}}}')

    with pytest.raises(DocumentError, match=r"A has no templateFile"):
        assembly.read(tmp_path)
