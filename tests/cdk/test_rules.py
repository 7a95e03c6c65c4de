"""Every rule at synth: the spec that breaks it in the rulebook, said with a construct, is refused or warned of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from elasticache_kit.cdk import ShardedReplicationGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.rule import Subject, rule_facts
from tests.cdk.conftest import isolated_vpc
from tests.cdk.construct_of import MAKERS, construct_of
from tests.cdk.rule_case import OTHERWISE, REFUSED_BEFORE, UNSAYABLE
from tests.cdk.site import Site
from tests.model.case.table import TABLES

FACTS = {fact["id"]: fact for fact in rule_facts()}
# A change needs what is deployed, which synth does not know, and the form of a resource is the CDK's own.
WITHOUT_CONSTRUCT: set[Subject] = {
    "cache_cluster_change",
    "global_replication_group_change",
    "replication_group_change",
    "serverless_cache_change",
    "resource",
}


@pytest.fixture(scope="module")
def site() -> Site:
    """One stack for all, in a Region with two zones; what is refused leaves nothing behind."""
    app = App(context={"availability-zones:account=123456789012:region=eu-west-1": ["eu-west-1a", "eu-west-1b"]})
    stack = Stack(app, "Stack", env={"account": "123456789012", "region": "eu-west-1"})
    return Site(app, stack, isolated_vpc(stack))


def said(make: Callable[[], Any]) -> tuple[set[str], set[str]]:
    """Return the rules that a construct was refused for, and those that it was only warned of."""
    try:
        made = make()
    except ValidationError as error:
        return set(re.findall(r"\[([a-z0-9-]+)\]$", str(error), re.MULTILINE)), set()
    notes = " ".join(str(entry.data) for entry in made.node.metadata)
    return set(), set(re.findall(r"elasticache-kit:([a-z0-9-]+)", notes))


def cases(names: Mapping[str, object] | None = None) -> list[Any]:
    """Return the rules of subjects that constructs cover: all, or those of some names."""
    return [
        pytest.param(subject, name, *specs, id=name)
        for subject, (_, rules) in TABLES.items()
        if subject not in WITHOUT_CONSTRUCT
        for name, specs in rules.items()
        if (name in names if names is not None else name not in REFUSED_BEFORE.keys() | UNSAYABLE.keys())
    ]


def test_every_subject_has_constructs_or_says_why_not() -> None:
    """Nothing of the rulebook is forgotten at synth, and no exception outlives its rule."""
    assert MAKERS.keys() | WITHOUT_CONSTRUCT == TABLES.keys()
    assert OTHERWISE.keys() | REFUSED_BEFORE.keys() | UNSAYABLE.keys() <= FACTS.keys()
    assert not OTHERWISE.keys() & (REFUSED_BEFORE.keys() | UNSAYABLE.keys())


@pytest.mark.parametrize(("subject", "rule_id", "broken", "kept"), cases())
def test_a_construct_that_breaks_a_rule_is_told(
    site: Site, subject: Subject, rule_id: str, broken: Any, kept: Any
) -> None:
    """An error refuses the construct and names the rule; a warning is shown and can be acknowledged by its id."""
    del kept
    make = OTHERWISE.get(rule_id)
    refused, warned = said(lambda: make(site) if make else construct_of(site, subject, broken))

    assert rule_id in (refused if FACTS[rule_id]["level"] == "error" else warned)


@pytest.mark.parametrize(
    ("subject", "rule_id", "broken", "kept"), [case for case in cases() if case.values[1] not in OTHERWISE]
)
def test_a_construct_that_just_keeps_a_rule_is_not(
    site: Site, subject: Subject, rule_id: str, broken: Any, kept: Any
) -> None:
    """The spec that keeps to it by a hair may break something of the constructs' own, but not this."""
    del broken
    refused, warned = said(lambda: construct_of(site, subject, kept))

    assert rule_id not in refused | warned


@pytest.mark.parametrize(("subject", "rule_id", "broken", "kept"), cases(REFUSED_BEFORE))
def test_what_a_construct_refuses_itself(site: Site, subject: Subject, rule_id: str, broken: Any, kept: Any) -> None:
    """The mistake does not get as far as the rulebook."""
    del kept

    assert REFUSED_BEFORE[rule_id] in said(lambda: construct_of(site, subject, broken))[0]


@pytest.mark.parametrize(("subject", "rule_id", "broken", "kept"), cases(UNSAYABLE))
def test_what_nobody_can_say_with_a_construct(
    site: Site, subject: Subject, rule_id: str, broken: Any, kept: Any
) -> None:
    """All of the spec that there are arguments for makes a construct, and the rule has nothing to say."""
    del kept

    assert said(lambda: construct_of(site, subject, broken))[0] == set(), UNSAYABLE[rule_id]


@pytest.mark.parametrize(("num_node_groups", "replicas"), [(500, 0), (250, 1)])
def test_the_largest_groups_are_made(num_node_groups: int, replicas: int) -> None:
    """500 nodes synthesize and warn of the quota that AWS raises; one shard more is refused."""
    stack = Stack(App(), "Stack")
    vpc = isolated_vpc(stack)

    def make(shards: int) -> ShardedReplicationGroup:
        return ShardedReplicationGroup(
            stack, f"Cache{shards}", vpc=vpc, num_node_groups=shards, replicas_per_node_group=replicas
        )

    assert "rg-shard-limit" in said(lambda: make(num_node_groups + 1))[0]
    refused, warned = said(lambda: make(num_node_groups))
    Template.from_stack(stack).has_resource_properties(
        "AWS::ElastiCache::ReplicationGroup",
        {"NumNodeGroups": num_node_groups, "ReplicasPerNodeGroup": replicas},
    )

    assert not refused
    assert "rg-shard-quota" in warned
