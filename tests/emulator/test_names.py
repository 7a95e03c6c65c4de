"""Endpoints are names, and a failover moves the name of the primary endpoint: whoever asks once only is lost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from valkey.backoff import NoBackoff
from valkey.retry import Retry

from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.drills.connection import Connection
from elasticache_kit.emulator import local_name
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.ops import session
from elasticache_kit.ops.inventory import Endpoint
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

if TYPE_CHECKING:
    import dns.resolver

pytestmark = pytest.mark.engine

TTL_SECONDS = 1
DOMAIN = "orders.eu-west-1.123456789012.cache.elasticache-kit.test"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with names, whose answers hold for a second, and a primary with a replica, `orders`."""
    settings: dict[str, Any] = {"timing": INSTANT, "names": True, "name_ttl": TTL_SECONDS}
    with Emulator(tmp_path_factory.mktemp("names"), **settings) as running:
        made = client_of(running.endpoint_url)
        make_subnet_group(made, make_subnets(made, "ab"))
        make_group(made, NumCacheClusters=2)
        available(made("elasticache"))
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Client:
    """Give the maker of boto3 clients."""
    return client_of(emulator.endpoint_url)


@pytest.fixture
def resolver(emulator: Emulator) -> dns.resolver.Resolver:
    """Give a resolver of the emulator's name server."""
    assert emulator.name_server is not None
    return local_name.resolver(emulator.name_server.place)


def trusting(emulator: Emulator) -> dict[str, Any]:
    """Give the options of a client that verifies certificate and name, and never tries again."""
    assert emulator.fleet is not None
    return {"ssl": True, "ssl_ca_certs": str(emulator.fleet.ca_file), "retry": Retry(NoBackoff(), 0)}


def connect(host: str, emulator: Emulator) -> Any:
    """Make a client that connects for each command anew: it asks for the address as often."""
    return valkey.Valkey(host=host, port=6379, decode_responses=True, **trusting(emulator))


def test_every_endpoint_and_node_is_a_name(client: Client, resolver: dns.resolver.Resolver) -> None:
    """The primary's and the reader's have the addresses of nodes."""
    shard = available(client("elasticache"))["NodeGroups"][0]
    nodes = {item["CacheClusterId"]: item["ReadEndpoint"]["Address"] for item in shard["NodeGroupMembers"]}
    assert shard["PrimaryEndpoint"]["Address"] == f"master.{DOMAIN}"
    assert shard["ReaderEndpoint"]["Address"] == f"replica.{DOMAIN}"
    assert nodes == {name: f"{name}.{DOMAIN}" for name in ("orders-001", "orders-002")}
    found = {
        name: [str(record) for record in resolver.resolve(name)] for name in (*nodes.values(), f"replica.{DOMAIN}")
    }
    assert found[f"replica.{DOMAIN}"] == found[nodes["orders-002"]]
    assert all(address.startswith("127.") for (address,) in found.values())


def test_a_failover_moves_the_name(emulator: Emulator, client: Client) -> None:
    """A client that asked once goes on knocking at the old primary; one that asks again is there within the TTL."""
    assert emulator.name_server is not None
    with local_name.found(emulator.name_server.place):
        primary = f"master.{DOMAIN}"
        once = str(socket.getaddrinfo(primary, 6379, type=socket.SOCK_STREAM)[0][4][0])
        stuck, fresh = connect(once, emulator), connect(primary, emulator)
        assert stuck.set("key", "before")
        assert fresh.get("key") == "before"
        stuck.close()
        client("elasticache").test_failover(ReplicationGroupId="orders", NodeGroupId="0001")

        def writes() -> bool:
            try:
                return bool(fresh.set("key", "after"))
            except (valkey.ConnectionError, valkey.ReadOnlyError):
                fresh.connection_pool.disconnect()
                return False

        until(writes, bool)
        assert fresh.get("key") == "after"
        available(client("elasticache"))
        with pytest.raises((valkey.ConnectionError, valkey.ReadOnlyError)):
            stuck.set("key", "lost")
        fresh.close()
        stuck.close()


def test_a_drill_finds_its_way_by_the_capability_record(emulator: Emulator) -> None:
    """It asks the name server that the record names, and TLS is verified against the name."""
    told = session.read_capability(emulator.endpoint_url)
    assert told is not None
    assert told.resolver is not None
    access = Access(tls_context(told.ca_file), resolver=told.resolver)

    async def visit() -> str | None:
        connection = await Connection.open(Endpoint(f"master.{DOMAIN}", 6379), access)
        try:
            return connection.node
        finally:
            await connection.close()

    assert asyncio.run(visit())
