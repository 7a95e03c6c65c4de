"""Stock cluster clients spread their reads, and follow a failover and a reshard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import glide_sync as glide
import pytest
from redis.cluster import LoadBalancingStrategy

from tests.emulator.client.account import NOBODY, Caches, emulator_with
from tests.emulator.client.stock import Stock, redis_py, valkey_glide, valkey_glide_async, valkey_py
from tests.emulator.wire import Client, available, make_group, until

pytestmark = pytest.mark.engine

REPLICAS = 5
READS = 10 * REPLICAS
CLUSTER_CLIENTS = {
    "valkey-py": valkey_py,
    "redis-py": redis_py,
    "valkey-glide-sync": valkey_glide,
    "valkey-glide": valkey_glide_async,
}
# valkey-py gives the primary its turn, too: it has no other strategy.
READING: dict[str, tuple[dict[str, Any], bool]] = {
    "valkey-py": ({"read_from_replicas": True}, True),
    "redis-py": ({"load_balancing_strategy": LoadBalancingStrategy.ROUND_ROBIN_REPLICAS}, False),
    "valkey-glide-sync": ({"read_from": glide.ReadFrom.PREFER_REPLICA}, False),
    "valkey-glide": ({"read_from": glide.ReadFrom.PREFER_REPLICA}, False),
}


def order(client: Client) -> None:
    """Order `wide`, one shard of six nodes, and `shards`, two shards of two."""
    clustered = {"NumCacheClusters": None, "CacheParameterGroupName": "default.valkey8.cluster.on"}
    make_group(client, ReplicationGroupId="wide", NumNodeGroups=1, ReplicasPerNodeGroup=REPLICAS, **clustered)
    make_group(client, ReplicationGroupId="shards", NumNodeGroups=2, ReplicasPerNodeGroup=1, **clustered)


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caches]:
    """An emulator with the two groups."""
    with emulator_with(tmp_path_factory.mktemp("topology"), order) as running:
        yield running


@pytest.mark.parametrize("client", READING)
def test_cluster_clients_spread_reads_over_all_replicas(caches: Caches, client: str) -> None:
    """By INFO commandstats each replica serves some reads, and the primary none where the client can be told so."""
    options, primary_too = READING[client]
    with ExitStack() as cleanup:
        made = CLUSTER_CLIENTS[client](caches.place("wide", "configuration"), NOBODY, cleanup, **options)
        made.set(f"{client}-key", "value")
        until(lambda: made.get(f"{client}-key"), bool)
        before = caches.commandstats("wide", "get")
        for _ in range(READS):
            made.get(f"{client}-key")
        served = {name: after - before[name] for name, after in caches.commandstats("wide", "get").items()}

    assert sum(served.values()) == READS
    primary = served.pop("wide-0001-001")
    assert (primary > 0) == primary_too
    assert len(served) == REPLICAS
    assert min(served.values()) >= READS / REPLICAS / 2


@pytest.fixture(params=CLUSTER_CLIENTS)
def following(caches: Caches, request: pytest.FixtureRequest) -> Iterator[Stock]:
    """A cluster client of `shards` that has connected before anything happens."""
    with ExitStack() as cleanup:
        yield CLUSTER_CLIENTS[request.param](caches.place("shards", "configuration"), NOBODY, cleanup)


def written(client: Stock, keys: dict[str, str]) -> None:
    """Write keys, each until it is acknowledged: while a shard has no primary, clients are told so."""

    def attempt(key: str, value: str) -> bool:
        with suppress(Exception):
            return bool(client.set(key, value))
        return False

    for key, value in keys.items():
        until(partial(attempt, key, value), bool)


def change(caches: Caches, call: Callable[..., Any], **request: Any) -> None:
    """Ask for a change of `shards` and wait until it is through."""
    call(ReplicationGroupId="shards", **request)
    until(
        lambda: available(caches.api, "shards"),
        lambda group: all(shard["Status"] == "available" for shard in group["NodeGroups"]),
    )


def test_cluster_clients_follow_a_failover(caches: Caches, following: Stock) -> None:
    """The primary is killed and another node promoted: the client that was connected writes and reads on."""
    keys = {f"failover-{number}": str(number) for number in range(40)}
    written(following, keys)
    before = caches.roles("shards")
    change(caches, caches.api.test_failover, NodeGroupId="0001")
    after = caches.roles("shards")
    assert {name for name in after if after[name] != before[name]} == {"shards-0001-001", "shards-0001-002"}
    written(following, keys)
    assert {key: until(partial(following.get, key), bool) for key in keys} == keys


def test_cluster_clients_follow_a_reshard(caches: Caches, following: Stock) -> None:
    """A shard more, then a shard fewer: every key is found where it has gone, by a client that was connected before."""
    keys = {f"reshard-{number}": str(number) for number in range(100)}
    written(following, keys)
    reshard = partial(caches.api.modify_replication_group_shard_configuration, ApplyImmediately=True)
    for shards in (3, 2):
        extra = {"NodeGroupsToRetain": ["0001", "0002"]} if shards == 2 else {}
        change(caches, reshard, NodeGroupCount=shards, **extra)
        assert len(available(caches.api, "shards")["NodeGroups"]) == shards
        assert {key: following.get(key) for key in keys} == keys
        written(following, keys)
