"""What changes a running group changes its engines: shards, parameters, node type, reboots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from valkey import Valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.model.node_type import NodeType
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

PLAIN = {"TransitEncryptionEnabled": False, "AutomaticFailoverEnabled": False, "MultiAZEnabled": False}
KEYS = {f"key:{number}": str(number) for number in range(500)}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator for the module."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        yield running


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Client:
    """Clients of its API."""
    return client_of(emulator.endpoint_url)


@pytest.fixture(scope="module")
def engine(emulator: Emulator, client: Client) -> Any:
    """Ask the primary of the group `single`, with a parameter group of its own, as the emulator itself."""
    api = client("elasticache")
    api.create_cache_parameter_group(
        CacheParameterGroupName="mine", CacheParameterGroupFamily="valkey8", Description="d"
    )
    make_group(client, ReplicationGroupId="single", NumCacheClusters=1, CacheParameterGroupName="mine", **PLAIN)
    available(api, "single")
    fleet = emulator.fleet
    assert fleet is not None

    def ask(name: str) -> str:
        with fleet.group("123456789012/eu-west-1/single").node("single-001").engine.admin() as admin:
            (found,) = admin.raw([("CONFIG", "GET", name)])
        assert isinstance(found, list)
        assert isinstance(found[1], bytes)
        return found[1].decode()

    return ask


def set_parameter(api: Any, name: str, value: str) -> None:
    """Set one parameter of the group `mine`."""
    api.modify_cache_parameter_group(
        CacheParameterGroupName="mine", ParameterNameValues=[{"ParameterName": name, "ParameterValue": value}]
    )


def test_a_group_starts_with_its_node_types_memory_and_elasticaches_defaults(engine: Any) -> None:
    """What the engine may use is what the page of the node types says; it evicts as ElastiCache's default does."""
    assert engine("maxmemory") == str(NodeType.of("cache.t4g.small").maxmemory_bytes)
    assert engine("maxmemory-policy") == "volatile-lru"


def test_a_parameter_reaches_the_running_engine_and_goes_back(client: Client, engine: Any) -> None:
    """At once where its type is immediate; a reset brings the default back."""
    api = client("elasticache")
    set_parameter(api, "maxmemory-policy", "allkeys-lfu")
    until(lambda: engine("maxmemory-policy"), lambda value: value == "allkeys-lfu")
    api.reset_cache_parameter_group(CacheParameterGroupName="mine", ResetAllParameters=True)
    until(lambda: engine("maxmemory-policy"), lambda value: value == "volatile-lru")


def test_a_parameter_that_needs_a_reboot_waits_for_one(client: Client, engine: Any) -> None:
    """DescribeCacheClusters says so, and the reboot brings it: the node comes back empty."""
    api = client("elasticache")

    def shown() -> tuple[str, str]:
        (node,) = api.describe_cache_clusters(CacheClusterId="single-001")["CacheClusters"]
        return node["CacheParameterGroup"]["ParameterApplyStatus"], node["CacheClusterStatus"]

    address = available(api, "single")["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    primary: Any = Valkey(host=address, decode_responses=True)
    with primary:
        primary.set("key", "value")
        set_parameter(api, "acl-pubsub-default", "resetchannels")
        until(shown, lambda seen: seen[0] == "pending-reboot")
        before = engine("acl-pubsub-default")
        api.reboot_cache_cluster(CacheClusterId="single-001", CacheNodeIdsToReboot=["0001"])
        until(shown, lambda seen: seen == ("in-sync", "available"))

        assert (before, engine("acl-pubsub-default")) == ("allchannels", "resetchannels")
        assert primary.dbsize() == 0


def test_another_node_type_brings_its_memory_and_keeps_the_data(client: Client, engine: Any) -> None:
    """The node is replaced by one of the new type behind the same endpoint."""
    api = client("elasticache")
    address = available(api, "single")["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    primary: Any = Valkey(host=address, decode_responses=True)
    with primary:
        primary.set("kept", "value")
        api.modify_replication_group(
            ReplicationGroupId="single", CacheNodeType="cache.t4g.medium", ApplyImmediately=True
        )
        assert available(api, "single")["CacheNodeType"] == "cache.t4g.medium"

        assert engine("maxmemory") == str(NodeType.of("cache.t4g.medium").maxmemory_bytes)
        assert primary.get("kept") == "value"


def test_a_replica_is_promoted_by_hand(client: Client) -> None:
    """Where the group does not fail over by itself; the endpoint leads to it, and no write is lost."""
    api = client("elasticache")
    make_group(client, ReplicationGroupId="pair", NumCacheClusters=2, **PLAIN)
    address = available(api, "pair")["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    first: Any = Valkey(host=address, decode_responses=True)
    with first:
        first.set("key", "value")
        before = first.info("server")["process_id"]
    api.modify_replication_group(ReplicationGroupId="pair", PrimaryClusterId="pair-002", ApplyImmediately=True)
    (_, second) = available(api, "pair")["NodeGroups"][0]["NodeGroupMembers"]
    promoted: Any = Valkey(host=address, decode_responses=True)
    with promoted:
        assert promoted.set("other", "value")
        assert promoted.info("server")["process_id"] != before
        assert promoted.get("key") == "value"
    assert second["CurrentRole"] == "primary"


def test_shards_come_and_go_with_their_keys(client: Client) -> None:
    """One shard, then two, then one: every key is where clients look for it, the API shows the true slots."""
    api = client("elasticache")
    make_group(
        client, ReplicationGroupId="sharded", NumCacheClusters=None, NumNodeGroups=1, ReplicasPerNodeGroup=0,
        CacheParameterGroupName="default.valkey8.cluster.on",
        TransitEncryptionEnabled=False, MultiAZEnabled=False,
    )  # fmt: skip
    endpoint = available(api, "sharded")["ConfigurationEndpoint"]["Address"]
    cluster: Any = ValkeyCluster(host=endpoint, decode_responses=True)
    with cluster:
        cluster.mset_nonatomic(KEYS)
        seen: list[tuple[list[str], int]] = []
        for count, leaving in ((2, []), (1, ["0001"])):
            request: dict[str, Any] = {"NodeGroupsToRemove": leaving} if leaving else {}
            api.modify_replication_group_shard_configuration(
                ReplicationGroupId="sharded", NodeGroupCount=count, ApplyImmediately=True, **request
            )
            group = available(api, "sharded")
            cluster.nodes_manager.initialize()
            assert cluster.mget_nonatomic(list(KEYS)) == list(KEYS.values())
            seen.append(([item["Slots"] for item in group["NodeGroups"]], len(cluster.get_primaries())))

    assert seen == [(["0-8191", "8192-16383"], 2), (["0-16383"], 1)]
    assert api.describe_events(SourceType="replication-group", SourceIdentifier="sharded")["Events"][0][
        "Message"
    ].startswith("Slot migration")
