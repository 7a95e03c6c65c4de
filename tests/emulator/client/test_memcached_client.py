"""Stock Memcached clients discover the nodes of a cluster through its configuration endpoint."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import emcache
import pytest
from django_elastipymemcache.client import AWSElastiCacheClient
from pymemcache.client.base import Client as Memcache
from pymemcache.client.hash import HashClient

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import client_of, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

PATIENCE_SECONDS = 60
KEYS = [f"key-{number}" for number in range(50)]


Place = tuple[str, int]
Discover = Callable[[Place, "Path | None"], set[str]]


@pytest.fixture(scope="module")
def emulator(memcached: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with the Memcached clusters `plain` and `secured`, of two nodes each."""
    assert memcached
    with Emulator(tmp_path_factory.mktemp("memcached"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        for name, secured in (("plain", False), ("secured", True)):
            client("elasticache").create_cache_cluster(
                CacheClusterId=name, Engine="memcached", EngineVersion="1.6.22", CacheNodeType="cache.t4g.small",
                NumCacheNodes=2, CacheSubnetGroupName="net", TransitEncryptionEnabled=secured,
            )  # fmt: skip
        yield running


def described(emulator: Emulator, name: str) -> dict[str, Any]:
    """Wait until a cluster is available and describe it with its nodes."""
    api = client_of(emulator.endpoint_url)("elasticache")
    return until(
        lambda: api.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"][0],
        lambda cluster: cluster["CacheClusterStatus"] == "available",
    )


def with_pymemcache(place: Place, ca_file: Path | None) -> set[str]:
    """Ask as AWS documents it, then use the nodes that were named with pymemcache's own hashing client."""
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    with ExitStack() as cleanup:
        asking = Memcache(place, tls_context=context, timeout=PATIENCE_SECONDS)
        cleanup.callback(asking.close)
        said: bytes = asking.raw_command(b"config get cluster", end_tokens=b"\n\r\nEND\r\n")
        servers = [entry.split("|")[1] for entry in said.splitlines()[2].decode().split()]
        client: Any = HashClient(
            [(server, place[1]) for server in servers], tls_context=context, timeout=PATIENCE_SECONDS,
            default_noreply=False,
        )  # fmt: skip
        cleanup.callback(client.close)
        for key in KEYS:
            client.set(key, key)
        assert [client.get(key) for key in KEYS] == [key.encode() for key in KEYS]
        return set(servers)


def with_django(place: Place, ca_file: Path | None) -> set[str]:
    """Use django-elastipymemcache's client, which discovers by itself."""
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    client: Any = AWSElastiCacheClient(
        f"{place[0]}:{place[1]}", tls_context=context, timeout=PATIENCE_SECONDS, default_noreply=False
    )
    try:
        for key in KEYS:
            client.set(key, key)
        assert [client.get(key) for key in KEYS] == [key.encode() for key in KEYS]
        return {name.partition(":")[0] for name in client.clients}
    finally:
        client.close()


def with_emcache(place: Place, ca_file: Path | None) -> set[str]:
    """Use emcache's client, which discovers by itself."""
    tls: dict[str, Any] = {"ssl": True, "ssl_extra_ca": str(ca_file)} if ca_file else {}

    async def run() -> set[str]:
        client = await emcache.create_client([emcache.MemcachedHostAddress(*place)], autodiscovery=True, **tls)
        try:
            for key in KEYS:
                await client.set(key.encode(), key.encode())
            found = [await client.get(key.encode()) for key in KEYS]
            assert [item and item.value for item in found] == [key.encode() for key in KEYS]
            nodes: Any = client.cluster_managment().nodes()
            return {node.address for node in nodes}
        finally:
            await client.close()

    found = asyncio.run(run())
    gc.collect()
    return found


CLIENTS: dict[str, Discover] = {
    "pymemcache": with_pymemcache,
    "django-elastipymemcache": with_django,
    "emcache": with_emcache,
}


# emcache's own: it asks for TLS in an old way, and leaves its connections to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore:ssl.PROTOCOL_TLS is deprecated:DeprecationWarning", "ignore:unclosed:ResourceWarning"
)
@pytest.mark.parametrize("name", ["plain", "secured"])
@pytest.mark.parametrize("client", CLIENTS)
def test_stock_clients_discover_and_use_all_nodes(emulator: Emulator, client: str, name: str) -> None:
    """Each finds both nodes through the configuration endpoint, and every key that it wrote on one of them."""
    cluster = described(emulator, name)
    assert emulator.fleet is not None
    ca_file = emulator.fleet.ca_file if name == "secured" else None
    endpoint = cluster["ConfigurationEndpoint"]

    found = CLIENTS[client]((endpoint["Address"], endpoint["Port"]), ca_file)

    assert found == {node["Endpoint"]["Address"] for node in cluster["CacheNodes"]}
