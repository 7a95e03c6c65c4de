"""A global datastore in cluster mode, on the emulator and with --aws on AWS: both Regions have the same shards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

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
def members(place: Place, elasticache: Any, network: Network, abroad: Network) -> Iterator[tuple[str, str, str]]:
    """A global datastore, its primary of two shards and its secondary, by id."""
    primary, secondary, far = unique(), unique(), place.client("elasticache", ABROAD)
    elasticache.create_replication_group(
        ReplicationGroupId=primary,
        ReplicationGroupDescription="of a contract test",
        Engine="valkey",
        EngineVersion="8.1",
        CacheNodeType="cache.m6g.large",
        TransitEncryptionEnabled=True,
        AutomaticFailoverEnabled=True,
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        CacheSubnetGroupName=network.subnet_group,
        SecurityGroupIds=[network.security_group],
    )
    place.wait("replication_group_available", ReplicationGroupId=primary)
    world = elasticache.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=primary, PrimaryReplicationGroupId=primary
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    at_rest(place, world, "primary-only")
    far.create_replication_group(
        ReplicationGroupId=secondary,
        ReplicationGroupDescription="of a contract test",
        GlobalReplicationGroupId=world,
        ReplicasPerNodeGroup=1,
        CacheSubnetGroupName=abroad.subnet_group,
        SecurityGroupIds=[abroad.security_group],
    )
    place.wait("replication_group_available", region=ABROAD, ReplicationGroupId=secondary)
    at_rest(place, world, "available")
    yield world, primary, secondary
    elasticache.disassociate_global_replication_group(
        GlobalReplicationGroupId=world, ReplicationGroupId=secondary, ReplicationGroupRegion=ABROAD
    )
    at_rest(place, world, "primary-only")
    elasticache.delete_global_replication_group(GlobalReplicationGroupId=world, RetainPrimaryReplicationGroup=True)
    place.gone(lambda: show(elasticache, world), elasticache.exceptions.GlobalReplicationGroupNotFoundFault)
    for api, region, group in ((elasticache, None, primary), (far, ABROAD, secondary)):
        place.wait("replication_group_available", region=region, ReplicationGroupId=group)
        api.delete_replication_group(ReplicationGroupId=group)
        place.wait("replication_group_deleted", region=region, ReplicationGroupId=group)


def show(elasticache: Any, world: str) -> dict[str, Any]:
    """Describe a global datastore."""
    return elasticache.describe_global_replication_groups(GlobalReplicationGroupId=world)["GlobalReplicationGroups"][0]


def at_rest(place: Place, world: str, status: str) -> dict[str, Any]:
    """Wait for a global datastore to have a status."""
    return place.until(lambda: show(place.client("elasticache"), world), lambda seen: seen["Status"] == status)


def shards(place: Place, group: str, region: str | None = None) -> dict[str, str]:
    """Wait for a group to be available, and return the slots of its shards."""
    place.wait("replication_group_available", region=region, ReplicationGroupId=group)
    api = place.client("elasticache", region)
    (found,) = api.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"]
    return {item["NodeGroupId"]: item["Slots"] for item in found["NodeGroups"]}


def test_shards_are_the_same_on_both_sides(place: Place, members: tuple[str, str, str]) -> None:
    """And the datastore shows them with ids of its own."""
    world, primary, secondary = members
    shown = {
        item["GlobalNodeGroupId"]: item["Slots"] for item in at_rest(place, world, "available")["GlobalNodeGroups"]
    }

    assert shards(place, primary) == shards(place, secondary, ABROAD)
    assert shown == {f"{world}-{name}": slots for name, slots in shards(place, primary).items()}


def test_roles_swap_and_swap_back(place: Place, elasticache: Any, members: tuple[str, str, str]) -> None:
    """The secondary becomes the primary with all its shards, and later the other way round."""
    world, primary, secondary = members
    before = shards(place, primary)
    for region, chosen, other in ((ABROAD, secondary, primary), (elasticache.meta.region_name, primary, secondary)):
        elasticache.failover_global_replication_group(
            GlobalReplicationGroupId=world, PrimaryRegion=region, PrimaryReplicationGroupId=chosen
        )
        at_rest(place, world, "available")

        assert roles(elasticache, world) == {chosen: "PRIMARY", other: "SECONDARY"}
        assert shards(place, primary) == shards(place, secondary, ABROAD) == before


def roles(elasticache: Any, world: str) -> dict[str, str]:
    """Return the role of each member."""
    told = elasticache.describe_global_replication_groups(GlobalReplicationGroupId=world, ShowMemberInfo=True)
    return {item["ReplicationGroupId"]: item["Role"] for item in told["GlobalReplicationGroups"][0]["Members"]}


def test_shards_come_and_go_on_both_sides(place: Place, elasticache: Any, members: tuple[str, str, str]) -> None:
    """Three, and two again; both change, and one alone does not."""
    world, primary, secondary = members
    with pytest.raises(elasticache.exceptions.ClientError):
        elasticache.modify_replication_group_shard_configuration(
            ReplicationGroupId=primary, NodeGroupCount=3, ApplyImmediately=True
        )
    elasticache.increase_node_groups_in_global_replication_group(
        GlobalReplicationGroupId=world, NodeGroupCount=3, ApplyImmediately=True
    )
    at_rest(place, world, "available")

    assert len(shards(place, primary)) == 3
    assert shards(place, primary) == shards(place, secondary, ABROAD)

    last = max(shards(place, primary))
    elasticache.decrease_node_groups_in_global_replication_group(
        GlobalReplicationGroupId=world,
        NodeGroupCount=2,
        ApplyImmediately=True,
        GlobalNodeGroupsToRemove=[f"{world}-{last}"],
    )
    at_rest(place, world, "available")

    assert len(shards(place, primary)) == 2
    assert shards(place, primary) == shards(place, secondary, ABROAD)
