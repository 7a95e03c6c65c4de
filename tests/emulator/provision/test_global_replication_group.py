"""Global datastores with engines: Regions of one emulator whose caches follow each other."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from valkey import ReadOnlyError, Valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.model.slot import key_slot
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

# Some of them in the first hundred slots.
NAMES = [f"key-{number}" for number in range(2000)]
KEYS = [*NAMES[:20], *[name for name in NAMES if key_slot(name.encode()) < 100][:5]]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator for the module."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        yield running


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Client:
    """Clients of eu-west-1, which has the subnet group `net`."""
    made = client_of(emulator.endpoint_url)
    make_subnet_group(made, make_subnets(made, "abc"))
    return made


@pytest.fixture(scope="module")
def west(emulator: Emulator) -> Any:
    """A client of us-west-2, which has it, too."""
    made = client_of(emulator.endpoint_url, "us-west-2")
    make_subnet_group(made, make_subnets(made, "ab"))
    return made("elasticache")


def at(emulator: Emulator, api: Any, group: str) -> Any:
    """Connect to the primary endpoint of a group."""
    assert emulator.fleet is not None
    place = available(api, group)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(emulator.fleet.ca_file)}
    return Valkey(host=place, decode_responses=True, **tls)


def at_rest(api: Any, world: str, status: str) -> dict[str, Any]:
    """Wait until a global datastore has a status."""

    def show() -> dict[str, Any]:
        found = api.describe_global_replication_groups(GlobalReplicationGroupId=world, ShowMemberInfo=True)
        return found["GlobalReplicationGroups"][0]

    return until(show, lambda seen: seen["Status"] == status)


def test_a_secondary_follows_is_promoted_and_let_go(emulator: Emulator, client: Client, west: Any) -> None:
    """What is written in one Region is read in the other, which takes writes once it is promoted or alone."""
    api = client("elasticache")
    make_group(client, NumCacheClusters=2, CacheNodeType="cache.r7g.large", AutoMinorVersionUpgrade=False)
    with at(emulator, api, "orders") as east:
        east.set("key", "1")
        world = api.create_global_replication_group(
            GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="orders"
        )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
        at_rest(api, world, "primary-only")
        west.create_replication_group(
            ReplicationGroupId="follower", ReplicationGroupDescription="d", GlobalReplicationGroupId=world,
            NumCacheClusters=2, CacheSubnetGroupName="net",
        )  # fmt: skip
        with at(emulator, west, "follower") as follower:
            at_rest(api, world, "available")
            assert follower.get("key") == "1"
            with pytest.raises(ReadOnlyError):
                follower.set("key", "2")
            api.failover_global_replication_group(
                GlobalReplicationGroupId=world, PrimaryRegion="us-west-2", PrimaryReplicationGroupId="follower"
            )
            roles = {item["ReplicationGroupId"]: item["Role"] for item in at_rest(api, world, "available")["Members"]}
            assert roles == {"orders": "SECONDARY", "follower": "PRIMARY"}
            assert follower.set("key", "3")
            until(lambda: east.get("key"), lambda value: value == "3")
            with pytest.raises(ReadOnlyError):
                east.set("key", "4")
        api.disassociate_global_replication_group(
            GlobalReplicationGroupId=world, ReplicationGroupId="orders", ReplicationGroupRegion="eu-west-1"
        )
        at_rest(api, world, "primary-only")
        assert (east.get("key"), east.set("key", "5")) == ("3", True)


@pytest.mark.usefixtures("redis_server")
def test_all_members_are_upgraded_together(emulator: Emulator, client: Client, west: Any) -> None:
    """The secondary first, for Redis OSS does not follow Valkey; both run Valkey then, and one still follows."""
    api = client("elasticache")
    make_group(
        client, ReplicationGroupId="carts", Engine="redis", EngineVersion="7.0", NumCacheClusters=2,
        CacheNodeType="cache.r7g.large", AutoMinorVersionUpgrade=False,
    )  # fmt: skip
    available(api, "carts")
    world = api.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="carts", PrimaryReplicationGroupId="carts"
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    at_rest(api, world, "primary-only")
    west.create_replication_group(
        ReplicationGroupId="copies", ReplicationGroupDescription="d", GlobalReplicationGroupId=world,
        NumCacheClusters=2, CacheSubnetGroupName="net",
    )  # fmt: skip
    available(west, "copies")
    at_rest(api, world, "available")
    api.modify_global_replication_group(
        GlobalReplicationGroupId=world, ApplyImmediately=True, Engine="valkey", EngineVersion="8.1"
    )
    for found, group in ((west, "copies"), (api, "carts")):
        assert available(found, group)["Engine"] == "valkey"
    assert emulator.fleet is not None
    running = {key.rpartition("/")[2]: told["running"] for key, told in emulator.fleet.versions().items()}
    assert running["carts"] == running["copies"]
    assert running["carts"].startswith("valkey")
    with at(emulator, api, "carts") as primary, at(emulator, west, "copies") as secondary:
        primary.set("key", "value")
        until(lambda: secondary.get("key"), lambda value: value == "value")


def cluster_at(emulator: Emulator, api: Any, group: str) -> Any:
    """Connect a cluster client to the configuration endpoint of a group."""
    assert emulator.fleet is not None
    place = available(api, group)["ConfigurationEndpoint"]["Address"]
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(emulator.fleet.ca_file)}
    return ValkeyCluster(host=place, decode_responses=True, **tls)


def test_in_cluster_mode_every_shard_follows_and_both_sides_are_resharded(
    emulator: Emulator, client: Client, west: Any
) -> None:
    """Roles are exchanged and back; a shard comes and goes on both sides with all keys; alone it takes writes."""
    api = client("elasticache")
    make_group(
        client, ReplicationGroupId="shards", NumCacheClusters=None, NumNodeGroups=2, ReplicasPerNodeGroup=0,
        CacheNodeType="cache.r7g.large", AutoMinorVersionUpgrade=False, MultiAZEnabled=False,
        NodeGroupConfiguration=[
            {"NodeGroupId": "0007", "Slots": "0-99"}, {"NodeGroupId": "0002", "Slots": "100-16383"},
        ],
    )  # fmt: skip
    east = cluster_at(emulator, api, "shards")
    world = api.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="shards", PrimaryReplicationGroupId="shards"
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    at_rest(api, world, "primary-only")
    west.create_replication_group(
        ReplicationGroupId="mirror", ReplicationGroupDescription="d", GlobalReplicationGroupId=world,
        ReplicasPerNodeGroup=1, CacheSubnetGroupName="net",
    )  # fmt: skip
    mirror = cluster_at(emulator, west, "mirror")
    shown = at_rest(api, world, "available")
    assert [item["Slots"] for item in shown["GlobalNodeGroups"]] == ["0-99", "100-16383"]
    assert shards(west, "mirror") == shards(api, "shards") == {"0007": "0-99", "0002": "100-16383"}
    fill(east, "1")
    until(lambda: values(mirror), lambda seen: seen == {"1"})
    with pytest.raises(ReadOnlyError):
        mirror.set(KEYS[0], "2")

    assert emulator.fleet is not None
    engines = emulator.fleet.group(f"{emulator.account_id}/us-west-2/mirror")
    lost = engines.leader("0002")
    assert lost.engine.pid is not None
    os.kill(lost.engine.pid, signal.SIGKILL)
    until(lambda: (engines.is_primary(lost), lost.serves), lambda seen: seen == (False, True))
    until(lambda: west.describe_events(SourceType="cache-cluster")["Events"], lambda seen: "Finished rec" in str(seen))
    fill(east, "healed")
    until(lambda: values(mirror), lambda seen: seen == {"healed"})

    api.increase_node_groups_in_global_replication_group(
        GlobalReplicationGroupId=world, NodeGroupCount=3, ApplyImmediately=True
    )
    available(api, "shards")
    available(west, "mirror")
    assert shards(west, "mirror") == shards(api, "shards")
    assert len(shards(api, "shards")) == 3
    fill(east, "2")
    until(lambda: values(mirror), lambda seen: seen == {"2"})

    api.failover_global_replication_group(
        GlobalReplicationGroupId=world, PrimaryRegion="us-west-2", PrimaryReplicationGroupId="mirror"
    )
    roles = {item["ReplicationGroupId"]: item["Role"] for item in at_rest(api, world, "available")["Members"]}
    assert roles == {"shards": "SECONDARY", "mirror": "PRIMARY"}
    mirror = cluster_at(emulator, west, "mirror")
    fill(mirror, "3")
    api.decrease_node_groups_in_global_replication_group(
        GlobalReplicationGroupId=world, NodeGroupCount=2, ApplyImmediately=True,
        GlobalNodeGroupsToRemove=[f"{world}-0007"],
    )  # fmt: skip
    available(west, "mirror")
    available(api, "shards")
    assert shards(west, "mirror") == shards(api, "shards")
    east = cluster_at(emulator, api, "shards")
    assert values(east) == {"3"} == values(cluster_at(emulator, west, "mirror"))

    at_rest(api, world, "available")
    api.disassociate_global_replication_group(
        GlobalReplicationGroupId=world, ReplicationGroupId="shards", ReplicationGroupRegion="eu-west-1"
    )
    at_rest(api, world, "primary-only")
    east = cluster_at(emulator, api, "shards")
    fill(east, "4")
    assert values(east) == {"4"}
    assert values(cluster_at(emulator, west, "mirror")) == {"3"}


@pytest.mark.usefixtures("redis_server")
def test_older_engines_follow_no_cluster(client: Client) -> None:
    """They cannot send clients elsewhere than other engines, so it is refused before anything is made."""
    api = client("elasticache")
    make_group(
        client, ReplicationGroupId="older", Engine="redis", EngineVersion="7.0", NumCacheClusters=None, NumNodeGroups=2,
        ReplicasPerNodeGroup=0, MultiAZEnabled=False, CacheNodeType="cache.r7g.large", AutoMinorVersionUpgrade=False,
    )  # fmt: skip
    available(api, "older")
    with pytest.raises(ClientError, match=r"that redis 7\.\d.* runs: .* needs valkey 9\.0 or newer"):
        api.create_global_replication_group(GlobalReplicationGroupIdSuffix="older", PrimaryReplicationGroupId="older")
    assert "GlobalReplicationGroupInfo" not in available(api, "older")


def shards(api: Any, group: str) -> dict[str, str]:
    """Return the slots of each shard."""
    return {item["NodeGroupId"]: item["Slots"] for item in available(api, group)["NodeGroups"]}


def fill(client: Any, value: str) -> None:
    """Write all keys."""
    for key in KEYS:
        client.set(key, value)


def values(client: Any) -> set[str]:
    """Read all keys."""
    return {client.get(key) for key in KEYS}
