"""What goes on when the emulator is killed, and the engines of its caches."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.persistence.state_file import NAME
from tests.emulator.persistence.victim import Victim
from tests.emulator.wire import (
    Client,
    at_rest,
    available,
    client_of,
    make_group,
    make_subnet_group,
    make_subnets,
    until,
)

GROUP: dict[str, Any] = {
    "ReplicationGroupDescription": "d",
    "Engine": "valkey",
    "CacheNodeType": "cache.t4g.small",
    "TransitEncryptionEnabled": False,
}


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Victim]:
    """Emulators without engines whose creations take five minutes."""
    made = Victim(tmp_path / "emulator", timing="aws")
    yield made
    made.kill()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Victim]:
    """Emulators without engines over the same directory as those that are slow."""
    made = Victim(tmp_path / "emulator")
    yield made
    made.kill()


def test_what_was_going_on_is_brought_to_its_end(slow: Victim, quick: Victim) -> None:
    """A group becomes available, another one goes, a stack is rolled back with the group that nobody knew of yet."""
    client = slow.up()
    elasticache, cloudformation = client("elasticache"), client("cloudformation")
    elasticache.create_replication_group(ReplicationGroupId="coming", **GROUP)
    resources = {
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Group": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "DependsOn": "Topic",
            "Properties": {**GROUP, "ReplicationGroupId": "of-the-stack"},
        },
    }
    cloudformation.create_stack(StackName="cut", TemplateBody=json.dumps({"Resources": resources}))
    groups = until(
        lambda: elasticache.describe_replication_groups()["ReplicationGroups"], lambda found: len(found) == 2
    )
    assert {item["Status"] for item in groups} == {"creating"}

    slow.kill()
    client = quick.up()

    assert at_rest(client, "cut")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert available(client("elasticache"), "coming")["Status"] == "available"
    left = client("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert [item["ReplicationGroupId"] for item in left] == ["coming"]
    assert client("sns").list_topics()["Topics"] == []
    client("cloudformation").delete_stack(StackName="cut")


def test_an_update_that_was_cut_off_is_rolled_back(quick: Victim, slow: Victim) -> None:
    """The stack is what it was before, and takes the update again."""

    def body(display_name: str, *groups: str) -> str:
        topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t", "DisplayName": display_name}}
        more = {
            name: {
                "Type": "AWS::ElastiCache::ReplicationGroup",
                "DependsOn": "Topic",
                "Properties": {**GROUP, "ReplicationGroupId": name},
            }
            for name in groups
        }
        return json.dumps({"Resources": {"Topic": topic, **more}})

    client = quick.up()
    client("cloudformation").create_stack(StackName="s", TemplateBody=body("before"))
    assert at_rest(client, "s")["StackStatus"] == "CREATE_COMPLETE"
    quick.kill()
    client = slow.up()
    client("cloudformation").update_stack(StackName="s", TemplateBody=body("after", "new"))
    until(lambda: client("elasticache").describe_replication_groups()["ReplicationGroups"], bool)

    slow.kill()
    client = quick.up()

    assert at_rest(client, "s")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
    arn = client("sns").list_topics()["Topics"][0]["TopicArn"]
    assert client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "before"
    client("cloudformation").update_stack(StackName="s", TemplateBody=body("after", "new"))
    assert at_rest(client, "s")["StackStatus"] == "UPDATE_COMPLETE"


def test_a_changed_file_is_told_and_the_one_before_is_taken(quick: Victim, tmp_path: Path) -> None:
    """The emulator starts; what came last is missing, and the user knows."""
    client = quick.up()
    client("ssm").put_parameter(Name="/first", Value="1", Type="String")
    client("ssm").put_parameter(Name="/second", Value="1", Type="String")
    quick.kill()
    path = tmp_path / "emulator" / "state" / NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))

    client = quick.up()

    names = [item["Name"] for item in client("ssm").describe_parameters()["Parameters"]]
    assert names == ["/first"]
    assert "its checksum is another one" in quick.notes[0]


def test_a_default_network_has_its_ids_again(quick: Victim) -> None:
    """It was made by no request that changes anything, but clients have seen it."""
    client = quick.up()
    seen = client("ec2").describe_subnets()["Subnets"]

    quick.kill()

    assert quick.up()("ec2").describe_subnets()["Subnets"] == seen


@pytest.mark.engine
def test_engines_come_back_where_they_were_with_what_was_kept(tmp_path: Path) -> None:
    """Endpoints and nodes are equal; keys are there where there is a snapshot policy, and only there."""
    victim = Victim(tmp_path / "emulator", engines=True)
    try:
        client = victim.up()
        make_subnet_group(client, make_subnets(client, "abc"))
        plain = {"TransitEncryptionEnabled": False, "NumCacheClusters": 2}
        shards = {"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}
        make_group(client, ReplicationGroupId="kept", SnapshotRetentionLimit=1, **plain)
        make_group(client, ReplicationGroupId="volatile", **plain)
        make_group(
            client, ReplicationGroupId="shards", SnapshotRetentionLimit=1, TransitEncryptionEnabled=False, **shards
        )
        names = ("kept", "volatile", "shards")
        before = {name: available(client("elasticache"), name) for name in names}
        clients = {name: connected(before[name]) for name in names}
        for made in clients.values():
            for number in range(50):
                made.set(f"key {number}", number)

        victim.kill()
        client = victim.up()

        assert {name: available(client("elasticache"), name) for name in names} == before
        found = {name: [connected(before[name]).get(f"key {number}") for number in range(50)] for name in names}
        kept = [str(number) for number in range(50)]
        assert found == {"kept": kept, "volatile": [None] * 50, "shards": kept}
        # A stock client that has been there all the time writes again by itself.
        assert clients["kept"].set("again", "1")
        make_group(client, ReplicationGroupId="later", **plain)
        later = available(client("elasticache"), "later")["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
        assert later not in json.dumps(before, default=str)
    finally:
        victim.kill()


@pytest.mark.engine
@pytest.mark.parametrize(
    ("shape", "copy"),
    [
        ({"NumCacheClusters": 2}, {"NumCacheClusters": 2}),
        ({"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}, {"ReplicasPerNodeGroup": 1}),
    ],
    ids=["disabled", "enabled"],
)
def test_a_secondary_follows_its_primary_again(tmp_path: Path, shape: dict[str, Any], copy: dict[str, Any]) -> None:
    """It takes everything from the primary, at the address that the other one had before."""
    victim = Victim(tmp_path / "emulator", engines=True)
    try:
        client = victim.up()
        west = client_of(victim.endpoint_url, "us-west-2")
        for region in (client, west):
            make_subnet_group(region, make_subnets(region, "ab"))
        make_group(
            client, CacheNodeType="cache.r7g.large", SnapshotRetentionLimit=1,
            AutoMinorVersionUpgrade=False, TransitEncryptionEnabled=False, **shape,
        )  # fmt: skip
        connected(available(client("elasticache"))).set("key", "value")
        world = client("elasticache").create_global_replication_group(
            GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="orders"
        )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
        until(lambda: datastore(client), lambda seen: seen["Status"] == "primary-only")
        west("elasticache").create_replication_group(
            ReplicationGroupId="follower", ReplicationGroupDescription="d", GlobalReplicationGroupId=world,
            CacheSubnetGroupName="net", **copy,
        )  # fmt: skip
        available(west("elasticache"), "follower")
        until(lambda: datastore(client), lambda seen: seen["Status"] == "available")

        victim.kill()
        client = victim.up()

        assert victim.notes == []
        follower = connected(available(client_of(victim.endpoint_url, "us-west-2")("elasticache"), "follower"))
        assert follower.get("key") == "value"
        connected(available(client("elasticache"))).set("key", "other")
        until(lambda: follower.get("key"), lambda value: value == "other")
        with pytest.raises(valkey.ReadOnlyError):
            follower.set("key", "third")
    finally:
        victim.kill()


def datastore(client: Client) -> dict[str, Any]:
    """Describe the one global datastore."""
    return client("elasticache").describe_global_replication_groups()["GlobalReplicationGroups"][0]


def test_memcached_comes_back_where_it_was(tmp_path: Path, memcached: Path) -> None:
    """Its configuration endpoint is equal and leads to nodes that are empty."""
    assert memcached
    victim = Victim(tmp_path / "emulator", engines=True)
    try:
        client = victim.up()
        make_subnet_group(client, make_subnets(client, "abc"))
        client("elasticache").create_cache_cluster(
            CacheClusterId="pages", Engine="memcached", CacheNodeType="cache.t4g.small", NumCacheNodes=2,
            CacheSubnetGroupName="net",
        )  # fmt: skip
        before = endpoint_of(client, "pages")
        victim.kill()

        after = endpoint_of(victim.up(), "pages")
        with socket.create_connection((after["Address"], after["Port"]), 10) as connection:
            connection.sendall(b"config get cluster\r\n")
            said = connection.recv(4096)

        assert after == before
        assert said.startswith(b"CONFIG cluster")
    finally:
        victim.kill()


def endpoint_of(client: Client, cluster: str) -> dict[str, Any]:
    """Wait until a cache cluster is available, and return its configuration endpoint."""
    described = until(
        lambda: client("elasticache").describe_cache_clusters(CacheClusterId=cluster)["CacheClusters"][0],
        lambda found: found["CacheClusterStatus"] == "available",
    )
    return described["ConfigurationEndpoint"]


def connected(group: dict[str, Any]) -> Any:
    """Return a stock client of a group."""
    if group["ClusterEnabled"]:
        endpoint = group["ConfigurationEndpoint"]
        return ValkeyCluster(endpoint["Address"], endpoint["Port"], decode_responses=True)
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    return valkey.Valkey(endpoint["Address"], endpoint["Port"], decode_responses=True)
