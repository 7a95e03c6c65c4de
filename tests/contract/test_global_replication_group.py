"""A global datastore of two Regions, on the emulator and with --aws on AWS, with the smallest nodes there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import unique
from tests.contract.network import make_network, remove_network

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network

ABROAD = "us-west-2"


@pytest.fixture(scope="module")
def abroad(place: Place) -> Iterator[Network]:
    """A network in the other Region."""

    def client(service: str) -> Any:
        return place.client(service, ABROAD)

    made = make_network(client, unique())
    yield made
    remove_network(client, made)


@pytest.fixture(scope="module")
def primary(place: Place, elasticache: Any, network: Network) -> Iterator[str]:
    """The id of a group that can be the primary of a global datastore."""
    group = unique()
    elasticache.create_replication_group(
        ReplicationGroupId=group,
        ReplicationGroupDescription="of a contract test",
        Engine="valkey",
        EngineVersion="8.1",
        CacheNodeType="cache.m6g.large",
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        NumCacheClusters=2,
        CacheSubnetGroupName=network.subnet_group,
        SecurityGroupIds=[network.security_group],
    )
    place.wait("replication_group_available", ReplicationGroupId=group)
    yield group
    place.wait("replication_group_available", ReplicationGroupId=group)
    elasticache.delete_replication_group(ReplicationGroupId=group)
    place.wait("replication_group_deleted", ReplicationGroupId=group)


@pytest.fixture(scope="module")
def world(place: Place, elasticache: Any, primary: str) -> Iterator[str]:
    """The id of a global datastore of that group alone, which it survives."""
    made = elasticache.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=primary, PrimaryReplicationGroupId=primary
    )["GlobalReplicationGroup"]
    world = made["GlobalReplicationGroupId"]
    at_rest(place, world, "primary-only")
    yield world
    at_rest(place, world, "primary-only")
    elasticache.delete_global_replication_group(GlobalReplicationGroupId=world, RetainPrimaryReplicationGroup=True)
    place.gone(lambda: show(elasticache, world), elasticache.exceptions.GlobalReplicationGroupNotFoundFault)


@pytest.fixture(scope="module")
def secondary(place: Place, world: str, abroad: Network) -> Iterator[str]:
    """The id of a secondary in the other Region, which names nothing that the primary decides."""
    api, group = place.client("elasticache", ABROAD), unique()
    api.create_replication_group(
        ReplicationGroupId=group,
        ReplicationGroupDescription="of a contract test",
        GlobalReplicationGroupId=world,
        NumCacheClusters=2,
        CacheSubnetGroupName=abroad.subnet_group,
        SecurityGroupIds=[abroad.security_group],
    )
    place.wait("replication_group_available", region=ABROAD, ReplicationGroupId=group)
    at_rest(place, world, "available")
    yield group
    place.client("elasticache").disassociate_global_replication_group(
        GlobalReplicationGroupId=world, ReplicationGroupId=group, ReplicationGroupRegion=ABROAD
    )
    at_rest(place, world, "primary-only")
    place.wait("replication_group_available", region=ABROAD, ReplicationGroupId=group)
    api.delete_replication_group(ReplicationGroupId=group)
    place.wait("replication_group_deleted", region=ABROAD, ReplicationGroupId=group)


def show(elasticache: Any, world: str) -> dict[str, Any]:
    """Describe a global datastore with its members."""
    found = elasticache.describe_global_replication_groups(GlobalReplicationGroupId=world, ShowMemberInfo=True)
    return found["GlobalReplicationGroups"][0]


def at_rest(place: Place, world: str, status: str) -> dict[str, Any]:
    """Wait for a global datastore to have a status."""
    return place.until(lambda: show(place.client("elasticache"), world), lambda seen: seen["Status"] == status)


def roles(place: Place, world: str) -> dict[str, str]:
    """Return the role of every member, when all is at rest."""
    return {item["ReplicationGroupId"]: item["Role"] for item in at_rest(place, world, "available")["Members"]}


def test_the_primary_says_what_it_is(place: Place, elasticache: Any, primary: str, world: str, secondary: str) -> None:
    """The id has a prefix of five letters, and a listing shows members only where they are asked for."""
    found = at_rest(place, world, "available")
    prefix, _, suffix = world.partition("-")
    (group,) = elasticache.describe_replication_groups(ReplicationGroupId=primary)["ReplicationGroups"]
    pages = elasticache.get_paginator("describe_global_replication_groups").paginate()
    listed = {item["GlobalReplicationGroupId"]: item for page in pages for item in page["GlobalReplicationGroups"]}

    assert (len(prefix), suffix) == (5, primary)
    assert (found["Engine"], found["CacheNodeType"], found["ClusterEnabled"]) == ("valkey", "cache.m6g.large", False)
    assert {item["ReplicationGroupId"]: item["ReplicationGroupRegion"] for item in found["Members"]} == {
        primary: elasticache.meta.region_name,
        secondary: ABROAD,
    }
    assert group["GlobalReplicationGroupInfo"] == {
        "GlobalReplicationGroupId": world,
        "GlobalReplicationGroupMemberRole": "PRIMARY",
    }
    assert listed[world].get("Members", []) == []


def test_a_secondary_takes_after_the_primary(place: Place, elasticache: Any, primary: str, secondary: str) -> None:
    """Node type, version and encryption are the same."""
    mine, theirs = (
        api.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]
        for api, group in ((elasticache, primary), (place.client("elasticache", ABROAD), secondary))
    )

    for member in ("CacheNodeType", "TransitEncryptionEnabled", "AtRestEncryptionEnabled", "ClusterEnabled"):
        assert mine[member] == theirs[member]


def test_roles_swap_and_swap_back(place: Place, elasticache: Any, primary: str, world: str, secondary: str) -> None:
    """The group of the other Region takes the writes, until it is turned around again."""
    for region, group, other in (
        (ABROAD, secondary, primary),
        (elasticache.meta.region_name, primary, secondary),
    ):
        elasticache.failover_global_replication_group(
            GlobalReplicationGroupId=world, PrimaryRegion=region, PrimaryReplicationGroupId=group
        )
        assert roles(place, world) == {group: "PRIMARY", other: "SECONDARY"}


def test_a_member_does_not_go_alone(place: Place, elasticache: Any, primary: str, world: str, secondary: str) -> None:
    """Nor does the datastore while it has a secondary, and everything stays what it was."""
    before = roles(place, world)
    with pytest.raises(elasticache.exceptions.InvalidReplicationGroupStateFault):
        elasticache.delete_replication_group(ReplicationGroupId=primary)
    with pytest.raises(elasticache.exceptions.InvalidGlobalReplicationGroupStateFault):
        elasticache.delete_global_replication_group(GlobalReplicationGroupId=world, RetainPrimaryReplicationGroup=True)

    assert before == roles(place, world) == {primary: "PRIMARY", secondary: "SECONDARY"}


def test_what_is_not_there(elasticache: Any, name: str) -> None:
    """Each with boto3's class of error."""
    with pytest.raises(elasticache.exceptions.GlobalReplicationGroupNotFoundFault):
        show(elasticache, name)
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.create_global_replication_group(GlobalReplicationGroupIdSuffix=name, PrimaryReplicationGroupId=name)
    with pytest.raises(ClientError):
        elasticache.failover_global_replication_group(
            GlobalReplicationGroupId=name, PrimaryRegion=ABROAD, PrimaryReplicationGroupId=name
        )
