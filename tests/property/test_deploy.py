"""Deploy level: what the constructs accept deploys to the emulator, and reads back as it was asked for."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import RemovalPolicy
from hypothesis import strategies as st

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, client_of
from tests.property.construct import KINDS, Wish
from tests.property.deploy import NOT_YET, Stack, deployable
from tests.property.depth import cases, each
from tests.property.read_back import READERS
from tests.property.tally import Tally
from tests.property.test_template import synthesized

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = count()
# What a construct cannot be without.
NEEDED = ("vpc", "users", "cache_parameter_group")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Make clients of an emulator without engines."""
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        client = client_of(emulator.endpoint_url)
        # Services of moto are imported when they are first asked, and one sets the recursion limit: not within a case.
        client("cloudformation").list_stacks()
        yield client


def wishes() -> st.SearchStrategy[Wish]:
    """Return wishes of the kinds that the emulator deploys; to be asked while one runs."""
    return st.one_of([wish for type_name, wish in KINDS.values() if deployable({type_name})])


def within_reach(wish: Wish) -> tuple[Wish, dict[str, Any]]:
    """Return a wish with its template, without what is around it where the emulator has no such resources.

    A cache that is retained would keep its subnets, and its name for itself.
    """
    if wish.arguments.get("removal_policy") is RemovalPolicy.RETAIN:
        wish = replace(wish, arguments={**wish.arguments, "removal_policy": RemovalPolicy.DESTROY})
    template = synthesized([wish])
    if not deployable({item["Type"] for item in template["Resources"].values()}):
        wish = plain(wish)
        template = synthesized([wish])
    return wish, template


def plain(wish: Wish) -> Wish:
    """Return a wish without what a construct can be without."""
    return replace(wish, around={name: what for name, what in wish.around.items() if name in NEEDED})


def deploy(client: Client, wish: Wish) -> tuple[str, str | None]:
    """Deploy a wish, read it back and remove it; return the outcome, and what was not as asked."""
    reached, template = within_reach(wish)
    stack = Stack(client, f"wish-{next(NUMBERS)}", template)
    if any(NOT_YET in complaint for complaint in stack.complaints):
        stack.remove()
        reached = plain(reached)
        stack = Stack(client, f"wish-{next(NUMBERS)}", synthesized([reached]))
    outcome = "deployed" if reached.around == wish.around else "deployed without what is around it"
    if stack.status != "CREATE_COMPLETE":
        return "failed", f"{wish}: {stack.status}, {stack.complaints}"
    differences = stack.differences()
    stack.remove()
    return outcome, f"{wish}: {'; '.join(differences)}" if differences else None


def test_what_is_deployed_reads_back_as_asked(client: Client, tallies: list[Tally]) -> None:
    """Each property of the template, one by one; each stack goes without leaving anything."""
    tally = Tally("deploy", "stacks without engines")
    tallies.append(tally)

    def check(wish: Wish) -> None:
        tally.seen[wish.kind] += 1
        tally.judge(*deploy(client, wish))

    each(cases("deploy"), wishes(), check)

    assert tally.share("deployed") >= 0.2


def test_a_property_that_is_not_as_asked_is_noticed(client: Client) -> None:
    """After a change by hand the comparison says what differs."""
    stack = Stack(
        client, "drifted", synthesized([Wish("ReplicationGroup", {"snapshot_retention_limit": 3}, {"vpc": 1})])
    )
    assert stack.differences() == []
    (group,) = client("elasticache").describe_replication_groups()["ReplicationGroups"]

    client("elasticache").modify_replication_group(
        ReplicationGroupId=group["ReplicationGroupId"], SnapshotRetentionLimit=4, ApplyImmediately=True
    )
    deadline = time.monotonic() + 20
    while not stack.differences() and time.monotonic() < deadline:
        pass

    assert stack.differences() == ["AWS::ElastiCache::ReplicationGroup.SnapshotRetentionLimit: asked for 3, got 4"]
    stack.remove()


def test_every_kind_can_be_read_back() -> None:
    """A type that the constructs make has its reader, so that it joins as soon as the emulator deploys it."""
    assert {type_name for type_name, _ in KINDS.values()} <= READERS.keys()
