"""The two stacks of a global datastore."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from aws_cdk import App

from stacks.global_datastore import GlobalDatastorePrimaryStack, GlobalDatastoreSecondaryStack
from tests.cdk.linted import linted, only
from tests.stacks.sizes import settings

GROUP = "AWS::ElastiCache::ReplicationGroup"


@dataclass(frozen=True, slots=True)
class Regions:
    """The app with its two stacks."""

    app: App
    primary: GlobalDatastorePrimaryStack
    secondary: GlobalDatastoreSecondaryStack


@pytest.fixture
def regions() -> Regions:
    """One stack in us-west-2 and one in eu-central-1."""
    app = App()
    sizes = settings(global_primary_region="us-west-2", global_secondary_region="eu-central-1", num_cache_clusters=2)
    primary = GlobalDatastorePrimaryStack(app, "primary", settings=sizes)
    secondary = GlobalDatastoreSecondaryStack(app, "secondary", settings=sizes, datastore=primary.datastore)
    return Regions(app, primary, secondary)


def test_both_sides_survive_a_zone(regions: Regions) -> None:
    """Zones and backups are the same in both Regions."""
    for stack in (regions.primary, regions.secondary):
        properties = only(linted(stack), GROUP)["Properties"]
        assert properties["NumCacheClusters"] == 2
        assert properties["MultiAZEnabled"] is True
        assert properties["AutoMinorVersionUpgrade"] is False


def test_the_secondary_names_the_datastore(regions: Regions) -> None:
    """The id of the datastore, as the primary's output has it, is plain text in the other Region."""
    outputs = linted(regions.primary).find_outputs("*")
    joined = only(linted(regions.secondary), GROUP)["Properties"]["GlobalReplicationGroupId"]

    assert joined == outputs["GlobalReplicationGroupId"]["Value"]
    assert joined.startswith("sgaui-")
    assert set(outputs) == {"GlobalReplicationGroupId", "ReplicationGroupId", "PrimaryEndpoint", "ReaderEndpoint"}
    assert set(linted(regions.secondary).find_outputs("*")) == {"ReplicationGroupId", "ReaderEndpoint"}


def test_the_secondary_comes_last_and_goes_first(regions: Regions) -> None:
    """The CDK CLI goes by the dependencies, and each stack is in its Region."""
    stacks = {stack.stack_name: stack for stack in regions.app.synth().stacks}
    needed = {name: {one.id for one in stack.dependencies} & set(stacks) for name, stack in stacks.items()}

    assert needed == {"primary": set(), "secondary": {"primary"}}
    assert (stacks["primary"].environment.region, stacks["secondary"].environment.region) == (
        "us-west-2",
        "eu-central-1",
    )
