"""Our data against aws-cdk-lib: what a newer L1 has that we lack is told."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from aws_cdk import aws_elasticache

from elasticache_kit.model.property import properties, resource_types

# The schema calls the members of these records read-only, not the records, so L1 takes them. CloudFormation does not.
READ_BY_L1 = {"AWS::ElastiCache::ServerlessCache": {"endpoint", "readerendpoint"}}


def arguments(resource_type: str) -> dict[str, bool]:
    """Return what the L1 construct of a type takes, and whether it must be given."""
    props: Any = getattr(aws_elasticache, f"Cfn{resource_type.rpartition('::')[2]}Props")
    found = dict(inspect.signature(props.__init__).parameters)
    del found["self"]
    return {name.replace("_", ""): it.default is inspect.Parameter.empty for name, it in found.items()}


@pytest.mark.parametrize("resource_type", resource_types())
def test_l1_takes_what_our_data_know(resource_type: str) -> None:
    """Names, and which of them must be given, are the same; a newer property is named here."""
    ours = {found.name.lower(): found.required for found in properties(resource_type).values() if not found.read_only}
    theirs = arguments(resource_type)
    news = theirs.keys() - ours.keys() - READ_BY_L1.get(resource_type, set())

    assert not news, f"aws-cdk-lib has {', '.join(sorted(news))} of {resource_type}: make model-data"
    assert {name: theirs[name] for name in ours} == ours


def test_every_type_of_l1_is_known() -> None:
    """A type that is new in the CDK is new in ElastiCache."""
    theirs = {name[3:-5] for name in dir(aws_elasticache) if name.startswith("Cfn") and name.endswith("Props")}

    assert theirs == {name.rpartition("::")[2] for name in resource_types()}
