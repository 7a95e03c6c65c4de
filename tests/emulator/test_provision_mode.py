"""What ModifyReplicationGroup changes of a running group as a whole: cluster mode, TLS, engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from valkey import ConnectionError, Valkey  # noqa: A004 - the library's own name
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets

pytestmark = pytest.mark.engine


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


def modify(client: Client, group: str, **request: Any) -> dict[str, Any]:
    """Change a group at once and describe it when it is available again."""
    api = client("elasticache")
    api.modify_replication_group(ReplicationGroupId=group, ApplyImmediately=True, **request)
    return available(api, group)


def address(described: dict[str, Any], kind: str) -> str | None:
    """Give the address of an endpoint, None where the group has none of this kind."""
    place = described if kind == "ConfigurationEndpoint" else described["NodeGroups"][0]
    return place.get(kind, {}).get("Address")


def test_cluster_mode_is_turned_on_by_way_of_compatible(client: Client) -> None:
    """In compatible clients of both kinds find the same data; then only cluster clients do."""
    make_group(client, NumCacheClusters=2, TransitEncryptionEnabled=False)
    before = available(client("elasticache"))
    place = address(before, "PrimaryEndpoint")
    plain: Any = Valkey(host=str(place), decode_responses=True)
    with plain:
        plain.set("key", "value")
    seen = modify(client, "orders", ClusterMode="compatible")
    assert (seen["ClusterMode"], address(seen, "PrimaryEndpoint")) == ("compatible", place)
    assert address(seen, "ReaderEndpoint") == address(before, "ReaderEndpoint")
    configuration = address(seen, "ConfigurationEndpoint")
    plain = Valkey(host=str(place), decode_responses=True)
    cluster: Any = ValkeyCluster(host=str(configuration))
    with plain, cluster:
        cluster.set("other", "value")
        assert plain.mget(["key"]) == ["value"]
        assert plain.get("other") == "value"
        assert plain.info("cluster")["cluster_enabled"] == 1
    seen = modify(client, "orders", ClusterMode="enabled")
    assert (address(seen, "PrimaryEndpoint"), address(seen, "ReaderEndpoint")) == (None, None)
    cluster = ValkeyCluster(host=str(address(seen, "ConfigurationEndpoint")), decode_responses=True)
    with cluster:
        assert (cluster.get("key"), cluster.get("other")) == ("value", "value")
        assert len(cluster.get_replicas()) == 1


def test_what_engines_refuse_leaves_the_group_as_it_is(client: Client) -> None:
    """Keys outside of database 0 are in the way of cluster mode: the group stays, in its old mode, with its keys."""
    make_group(client, ReplicationGroupId="shelves", NumCacheClusters=2, TransitEncryptionEnabled=False)
    place = address(available(client("elasticache"), "shelves"), "PrimaryEndpoint")
    plain: Any = Valkey(host=str(place), db=2)
    with plain:
        plain.set("key", "value")
        seen = modify(client, "shelves", ClusterMode="compatible")
        assert (seen["ClusterMode"], address(seen, "ConfigurationEndpoint")) == ("disabled", None)
        assert plain.get("key") == b"value"


@pytest.mark.usefixtures("redis_server")
def test_redis_becomes_valkey_while_it_runs(client: Client, emulator: Emulator) -> None:
    """Processes are replaced by those of the other engine, the parameter family follows, and the data stay."""
    make_group(client, ReplicationGroupId="caches", Engine="redis", EngineVersion="7.0", NumCacheClusters=2)
    before = available(client("elasticache"), "caches")
    assert emulator.fleet is not None
    key = "123456789012/eu-west-1/caches"
    assert emulator.fleet.versions()[key]["running"].startswith("redis 7")
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(emulator.fleet.ca_file), "decode_responses": True}
    first: Any = Valkey(host=str(address(before, "PrimaryEndpoint")), **tls)
    with first:
        first.set("key", "value")
    seen = modify(client, "caches", Engine="valkey", EngineVersion="8.1")
    assert (seen["Engine"], address(seen, "PrimaryEndpoint")) == ("valkey", address(before, "PrimaryEndpoint"))
    member = client("elasticache").describe_cache_clusters(CacheClusterId="caches-001")["CacheClusters"][0]
    assert (member["Engine"], member["CacheParameterGroup"]["CacheParameterGroupName"]) == ("valkey", "default.valkey8")
    told = emulator.capability["engines"][key]
    assert told["asked"] == "valkey 8.1"
    assert told["running"].startswith("valkey ")
    after: Any = Valkey(host=str(address(seen, "PrimaryEndpoint")), **tls)
    with after:
        assert after.get("key") == "value"
        assert after.info("server")["server_name"] == "valkey"


def test_tls_is_turned_on_by_way_of_preferred(client: Client, emulator: Emulator) -> None:
    """Off, preferred, required, at the same endpoint."""
    make_group(client, ReplicationGroupId="letters", NumCacheClusters=2, TransitEncryptionEnabled=False)
    place = str(address(available(client("elasticache"), "letters"), "PrimaryEndpoint"))
    assert emulator.fleet is not None
    plain: Any = Valkey(host=place)
    secured: Any = Valkey(host=place, ssl=True, ssl_ca_certs=str(emulator.fleet.ca_file))
    with plain, secured:
        plain.set("key", "value")
        seen = modify(client, "letters", TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
        assert (seen["TransitEncryptionEnabled"], seen["TransitEncryptionMode"]) == (True, "preferred")
        assert (secured.get("key"), plain.get("key"), address(seen, "PrimaryEndpoint")) == (b"value", b"value", place)
        seen = modify(client, "letters", TransitEncryptionMode="required")
        assert seen["TransitEncryptionMode"] == "required"
        plain.connection_pool.disconnect()
        with pytest.raises(ConnectionError):
            plain.ping()
        assert secured.get("key") == b"value"
