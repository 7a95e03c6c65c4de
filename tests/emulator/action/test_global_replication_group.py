"""Global datastores over the wire, over Regions of one emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, Create, available, client_of, code, make_subnet_group, make_subnets, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator

SHARDED: dict[str, Any] = {
    "NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, "CacheNodeType": "cache.r7g.large",
}  # fmt: skip


@pytest.fixture
def west(plane: tuple[Emulator, Client], control_plane: Emulator) -> Any:
    """A boto3 client of us-west-2, which has the subnet group `net` too."""
    del control_plane
    client = client_of(plane[0].endpoint_url, "us-west-2")
    make_subnet_group(client, make_subnets(client, "ab"))
    return client("elasticache")


@pytest.fixture
def world(elasticache: Any, group: Create) -> str:
    """The id of a global datastore of which `orders`, of two shards, is the primary."""
    group(**SHARDED)
    available(elasticache)
    made = elasticache.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="World", PrimaryReplicationGroupId="orders"
    )["GlobalReplicationGroup"]
    at_rest(elasticache, made["GlobalReplicationGroupId"])
    return made["GlobalReplicationGroupId"]


@pytest.fixture
def pair(elasticache: Any, west: Any, world: str) -> str:
    """The same with the secondary `follower` in us-west-2."""
    follow(west, world)
    available(west, "follower")
    at_rest(elasticache, world, "available")
    return world


def follow(west: Any, world: str, **request: Any) -> None:
    """Create the secondary `follower`."""
    west.create_replication_group(
        **{
            "ReplicationGroupId": "follower",
            "ReplicationGroupDescription": "d",
            "GlobalReplicationGroupId": world,
            "CacheSubnetGroupName": "net",
            **request,
        }
    )


def show(api: Any, world: str) -> dict[str, Any]:
    """Describe a global datastore with its members."""
    found = api.describe_global_replication_groups(GlobalReplicationGroupId=world, ShowMemberInfo=True)
    return found["GlobalReplicationGroups"][0]


def at_rest(api: Any, world: str, status: str = "primary-only") -> dict[str, Any]:
    """Wait until a global datastore has a status."""
    return until(lambda: show(api, world), lambda seen: seen["Status"] == status)


def test_the_primary_says_what_the_datastore_is(elasticache: Any, world: str) -> None:
    """The id has a prefix; engine, shards and slots are those of the primary, which names the datastore."""
    described = show(elasticache, world)

    prefix, _, suffix = world.partition("-")
    assert (len(prefix), suffix) == (5, "world")
    assert (described["Engine"], described["ClusterEnabled"]) == ("valkey", True)
    assert [item["Slots"] for item in described["GlobalNodeGroups"]] == ["0-8191", "8192-16383"]
    assert [(item["ReplicationGroupId"], item["Role"]) for item in described["Members"]] == [("orders", "PRIMARY")]
    info = available(elasticache)["GlobalReplicationGroupInfo"]
    assert info == {"GlobalReplicationGroupId": world, "GlobalReplicationGroupMemberRole": "PRIMARY"}


def test_a_secondary_takes_everything_from_the_primary(elasticache: Any, west: Any, pair: str) -> None:
    """Node type, engine, version, shards; both Regions list the datastore."""
    described, follower = available(elasticache), available(west, "follower")

    for name in ("CacheNodeType", "Engine", "ClusterEnabled", "TransitEncryptionEnabled"):
        assert described[name] == follower[name]
    assert [item["Slots"] for item in follower["NodeGroups"]] == ["0-8191", "8192-16383"]
    assert follower["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "SECONDARY"
    for api in (elasticache, west):
        listed = api.describe_global_replication_groups()["GlobalReplicationGroups"]
        assert [item["GlobalReplicationGroupId"] for item in listed] == [pair]


@pytest.mark.parametrize("asked", [{"GlobalReplicationGroupId": "none"}, {"NumNodeGroups": 3}])
def test_a_secondary_that_does_not_fit_is_refused(west: Any, world: str, asked: dict[str, Any]) -> None:
    """No such datastore; a number of shards, which the primary decides."""
    with pytest.raises(ClientError):
        follow(west, world, **asked)

    assert west.describe_replication_groups()["ReplicationGroups"] == []


def test_one_member_in_a_region(elasticache: Any, group: Create, world: str) -> None:
    """The Region of the primary has one."""
    del elasticache
    gone = dict.fromkeys(
        ("Engine", "EngineVersion", "CacheNodeType", "NumCacheClusters", "TransitEncryptionEnabled"),
    )
    with pytest.raises(ClientError, match="2 members are in this Region"):
        group(
            ReplicationGroupId="second",
            GlobalReplicationGroupId=world,
            **gone,
            AutomaticFailoverEnabled=None,
            MultiAZEnabled=None,
        )


def test_a_failover_swaps_the_roles(elasticache: Any, west: Any, pair: str) -> None:
    """The follower takes writes, and both groups say so."""
    west.failover_global_replication_group(
        GlobalReplicationGroupId=pair, PrimaryRegion="us-west-2", PrimaryReplicationGroupId="follower"
    )
    described = at_rest(elasticache, pair, "available")

    assert {item["ReplicationGroupId"]: item["Role"] for item in described["Members"]} == {
        "orders": "SECONDARY",
        "follower": "PRIMARY",
    }
    assert available(elasticache)["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "SECONDARY"


def test_shards_and_settings_change_everywhere(elasticache: Any, west: Any, pair: str) -> None:
    """More shards, another node type, fewer shards, in every member."""

    def both() -> list[dict[str, Any]]:
        at_rest(elasticache, pair, "available")
        return [available(elasticache), available(west, "follower")]

    elasticache.increase_node_groups_in_global_replication_group(
        GlobalReplicationGroupId=pair, NodeGroupCount=3, ApplyImmediately=True
    )
    more = both()
    elasticache.modify_global_replication_group(
        GlobalReplicationGroupId=pair, CacheNodeType="cache.r7g.xlarge", ApplyImmediately=True
    )
    larger = both()
    elasticache.decrease_node_groups_in_global_replication_group(
        GlobalReplicationGroupId=pair,
        NodeGroupCount=2,
        GlobalNodeGroupsToRemove=[f"{pair}-0001"],
        ApplyImmediately=True,
    )
    fewer = both()
    elasticache.rebalance_slots_in_global_replication_group(GlobalReplicationGroupId=pair, ApplyImmediately=True)
    both()

    assert [len(item["NodeGroups"]) for item in more] == [3, 3]
    assert [item["CacheNodeType"] for item in larger] == ["cache.r7g.xlarge"] * 2
    assert [[shard["NodeGroupId"] for shard in item["NodeGroups"]] for item in fewer] == [["0002", "0003"]] * 2


@pytest.mark.parametrize("asked", [{"CacheNodeType": "cache.r7g.xlarge"}, {"EngineVersion": "9.0"}])
def test_what_members_have_in_common_is_not_changed_of_one(elasticache: Any, world: str, asked: dict[str, str]) -> None:
    """With AWS's words; what is a member's own is."""
    with pytest.raises(ClientError, match=rf"Cluster \[orders\] is part of a global cluster \[{world}\]") as caught:
        elasticache.modify_replication_group(ReplicationGroupId="orders", ApplyImmediately=True, **asked)
    assert code(caught) == "InvalidParameterValue"
    elasticache.modify_replication_group(
        ReplicationGroupId="orders", ApplyImmediately=True, ReplicationGroupDescription="other"
    )
    assert available(elasticache)["Description"] == "other"


def test_a_datastore_is_dissolved_in_two_steps(elasticache: Any, west: Any, pair: str) -> None:
    """First the secondary stands alone, then the primary; neither is deleted."""
    with pytest.raises(ClientError, match="disassociate them first") as caught:
        elasticache.delete_global_replication_group(GlobalReplicationGroupId=pair, RetainPrimaryReplicationGroup=True)
    assert code(caught) == "InvalidGlobalReplicationGroupState"
    with pytest.raises(ClientError, match="disassociate it first"):
        west.delete_replication_group(ReplicationGroupId="follower")

    elasticache.disassociate_global_replication_group(
        GlobalReplicationGroupId=pair, ReplicationGroupId="follower", ReplicationGroupRegion="us-west-2"
    )
    at_rest(elasticache, pair)
    elasticache.delete_global_replication_group(GlobalReplicationGroupId=pair, RetainPrimaryReplicationGroup=True)

    until(lambda: elasticache.describe_global_replication_groups()["GlobalReplicationGroups"], lambda seen: seen == [])
    assert "GlobalReplicationGroupInfo" not in available(west, "follower")
    assert "GlobalReplicationGroupInfo" not in available(elasticache)


def test_small_nodes_have_no_global_datastore(elasticache: Any, group: Create) -> None:
    """The rulebook knows the node families."""
    group()
    available(elasticache)

    with pytest.raises(ClientError) as caught:
        elasticache.create_global_replication_group(
            GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="orders"
        )

    assert code(caught) == "InvalidParameterValue"
