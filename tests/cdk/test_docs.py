"""The examples of the pages about Memcached, serverless caches, global datastores and auto scaling."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from elasticache_kit import cdk
from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.model.node_type import NodeType
from tests.cdk.conftest import isolated_vpc
from tests.cdk.linted import linted

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("memcached", "serverless", "global-datastore", "auto-scaling")
IMPORT = re.compile(r"from elasticache_kit\.cdk import (.+)")
LARGE = NodeType.of("cache.m7g.large")
REGIONS = {"self": "eu-west-1", "frankfurt": "eu-central-1", "oregon": "us-west-2"}


def _blocks() -> list[Any]:
    """Return the indented blocks that import constructs, by their page."""
    found: list[Any] = []
    for page in PAGES:
        lines = (DOCS / f"{page}.md").read_text().splitlines()
        text = "\n".join(line[4:] if line.startswith("    ") else ("" if not line else "\0") for line in lines)
        blocks = [block.strip() for block in text.split("\0") if IMPORT.search(block)]
        found += [pytest.param(block, id=f"{page}-{number}") for number, block in enumerate(blocks)]
    return found


@pytest.mark.parametrize("block", _blocks())
def test_example(block: str) -> None:
    """An example runs, and cfn-lint has nothing to say of what it makes."""
    app = App()
    stacks = {name: Stack(app, name, env=Environment(region=region)) for name, region in REGIONS.items()}
    stack = stacks["self"]
    vpc = isolated_vpc(stack)
    account: Any = iam.AccountRootPrincipal()  # to pyright no class of the CDK has the parameter names of its interface
    known: dict[str, Any] = {
        **stacks,
        "vpc": vpc,
        "frankfurt_vpc": isolated_vpc(stacks["frankfurt"]),
        "oregon_vpc": isolated_vpc(stacks["oregon"]),
        "cache": ShardedReplicationGroup(stack, "Given", vpc=vpc, cache_node_type=LARGE),
        "memcached": MemcachedCluster(stack, "GivenMemcached", vpc=vpc, cache_node_type=LARGE),
        "role": iam.Role(stack, "Role", assumed_by=account),
        "function": lambda_.Function(
            stack,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("handler = print"),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ),
    }
    for line in IMPORT.findall(block):
        known |= {name: getattr(cdk, name) for name in line.split(", ")}

    exec(compile(IMPORT.sub("", block), "example", "exec"), known)  # noqa: S102 # the examples of our own pages

    for made in stacks.values():
        linted(made)


def test_every_page_has_an_example() -> None:
    """The pages are read, so an empty list above would be a mistake here."""
    assert {parameters.id.rsplit("-", 1)[0] for parameters in _blocks()} == set(PAGES)
