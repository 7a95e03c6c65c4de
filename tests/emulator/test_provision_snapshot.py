"""Snapshots hold what the engines held: taken, copied, exported, restored, also into another shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from valkey import Valkey

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.fleet.contents import digest
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

ACCOUNT = "123456789012/eu-west-1"
ONE_NODE = {
    "NumCacheClusters": 1, "TransitEncryptionEnabled": False, "AutomaticFailoverEnabled": False, "MultiAZEnabled": False
}  # fmt: skip
TWO_SHARDS = {
    "NumCacheClusters": None, "MultiAZEnabled": False, "TransitEncryptionEnabled": False,
    "NodeGroupConfiguration": [
        {"NodeGroupId": "0001", "ReplicaCount": 0, "Slots": "0-4095"},
        {"NodeGroupId": "0002", "ReplicaCount": 0, "Slots": "4096-16383"},
    ],
}  # fmt: skip
Contents = tuple[int, str]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with the group `orders` of one node that holds keys, and the bucket `exports`."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        client("s3").create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        make_group(client, **ONE_NODE)
        address = available(client("elasticache"))["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
        primary: Any = Valkey(host=address)
        with primary:
            primary.mset({f"key:{number}": number for number in range(300)})
            primary.hset("hash", mapping={"a": 1, "b": 2})
            primary.set("fleeting", "x", ex=100_000)
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Client:
    """Clients of its API."""
    return client_of(emulator.endpoint_url)


def held(emulator: Emulator, group: str) -> Contents:
    """Give the number of keys of a group, and a digest of them."""
    assert emulator.fleet is not None
    return digest(emulator.fleet, f"{ACCOUNT}/{group}")


def taken(api: Any, name: str) -> dict[str, Any]:
    """Wait until a snapshot is available and describe it."""
    return until(
        lambda: api.describe_snapshots(SnapshotName=name)["Snapshots"][0],
        lambda shown: shown["SnapshotStatus"] == "available",
    )


def test_a_snapshot_is_restored_into_more_shards_than_it_has(emulator: Emulator, client: Client) -> None:
    """Its copy as well, and every key, value and time of expiry is there."""
    api = client("elasticache")
    api.create_snapshot(ReplicationGroupId="orders", SnapshotName="mine")
    assert taken(api, "mine")["NodeSnapshots"][0]["CacheSize"].endswith(" B")
    available(api)
    api.copy_snapshot(SourceSnapshotName="mine", TargetSnapshotName="copy")
    taken(api, "copy")
    api.delete_snapshot(SnapshotName="mine")

    make_group(client, ReplicationGroupId="sharded", SnapshotName="copy", **TWO_SHARDS)
    available(api, "sharded")

    count, _ = held(emulator, "orders")
    assert count == 302
    assert held(emulator, "sharded") == held(emulator, "orders")


def test_an_export_is_rdb_files_that_a_group_starts_with(emulator: Emulator, client: Client) -> None:
    """One object for each shard, named as AWS names them; a group in another cluster mode reads them all."""
    api, store = client("elasticache"), client("s3")
    api.create_snapshot(ReplicationGroupId="orders", SnapshotName="out")
    taken(api, "out")
    available(api)
    with pytest.raises(ClientError, match="bucket nowhere does not exist"):
        api.copy_snapshot(SourceSnapshotName="out", TargetSnapshotName="moved", TargetBucket="nowhere")
    api.copy_snapshot(SourceSnapshotName="out", TargetSnapshotName="moved", TargetBucket="exports")
    taken(api, "out")

    (exported,) = store.list_objects_v2(Bucket="exports")["Contents"]
    assert exported["Key"] == "moved-0001.rdb"
    with pytest.raises(ClientError, match="there is no object arn:aws:s3:::exports/other"):
        make_group(client, ReplicationGroupId="seeded", SnapshotArns=["arn:aws:s3:::exports/other.rdb"], **ONE_NODE)
    make_group(client, ReplicationGroupId="seeded", SnapshotArns=["arn:aws:s3:::exports/moved-0001.rdb"], **ONE_NODE)
    available(api, "seeded")

    assert held(emulator, "seeded") == held(emulator, "orders")


def test_the_snapshot_of_the_day_holds_data(emulator: Emulator, client: Client) -> None:
    """The window brings it, when the clock has come there."""
    api = client("elasticache")
    api.modify_replication_group(
        ReplicationGroupId="orders", SnapshotRetentionLimit=1, SnapshotWindow="03:00-04:00", ApplyImmediately=True
    )
    available(api)
    emulator.clock.advance(dt.timedelta(days=1))
    (taken_today,) = until(
        lambda: api.describe_snapshots(SnapshotSource="system")["Snapshots"],
        lambda found: [item["SnapshotStatus"] for item in found] == ["available"],
    )

    assert taken_today["SnapshotName"].startswith("automatic.orders-")
    assert taken_today["NodeSnapshots"][0]["CacheSize"].endswith(" B")
    api.modify_replication_group(ReplicationGroupId="orders", SnapshotRetentionLimit=0, ApplyImmediately=True)
    available(api)


def test_a_final_snapshot_is_taken_before_the_engines_go(emulator: Emulator, client: Client) -> None:
    """The group comes back from it as it was. It takes the group of this module away."""
    api, before = client("elasticache"), held(emulator, "orders")
    api.delete_replication_group(ReplicationGroupId="orders", FinalSnapshotIdentifier="final")
    until(
        lambda: [item["ReplicationGroupId"] for item in api.describe_replication_groups()["ReplicationGroups"]],
        lambda groups: "orders" not in groups,
    )
    taken(api, "final")

    make_group(client, ReplicationGroupId="again", SnapshotName="final", **ONE_NODE)
    available(api, "again")

    assert held(emulator, "again") == before


def test_a_snapshot_that_could_not_be_taken_says_so_and_holds_nothing_up(emulator: Emulator, client: Client) -> None:
    """The only node is dead: the snapshot has failed, and the deletion that asked for it goes on."""
    api, fleet = client("elasticache"), emulator.fleet
    assert fleet is not None
    fleet.kill(f"{ACCOUNT}/again", "again-001")
    api.delete_replication_group(ReplicationGroupId="again", FinalSnapshotIdentifier="lost")
    until(
        lambda: [item["ReplicationGroupId"] for item in api.describe_replication_groups()["ReplicationGroups"]],
        lambda groups: "again" not in groups,
    )

    (lost,) = api.describe_snapshots(SnapshotName="lost")["Snapshots"]
    assert lost["SnapshotStatus"] == "failed"
    with pytest.raises(ClientError, match="its status is failed"):
        api.copy_snapshot(SourceSnapshotName="lost", TargetSnapshotName="found")
    api.delete_snapshot(SnapshotName="lost")
