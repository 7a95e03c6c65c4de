"""Online migration over the wire: the steps and their refusals. No data moves."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, until

SOURCE = [{"Address": "10.0.0.9", "Port": 6379}]


@pytest.fixture
def orders(elasticache: Any, group: Create) -> Any:
    """A client of a region where `orders`, without TLS, is available."""
    group(TransitEncryptionEnabled=False)
    available(elasticache)
    return elasticache


@pytest.fixture
def cart(elasticache: Any) -> Any:
    """A client of a region with the serverless cache `cart`."""
    elasticache.create_serverless_cache(ServerlessCacheName="cart", Engine="valkey")
    until(
        lambda: elasticache.describe_serverless_caches()["ServerlessCaches"][0]["Status"],
        lambda status: status == "available",
    )
    return elasticache


def test_a_group_takes_data_and_then_stands_alone(orders: Any) -> None:
    """Test, start, complete; the events tell."""
    orders.test_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=SOURCE)
    started = orders.start_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=SOURCE)
    available(orders)
    with pytest.raises(ClientError) as twice:
        orders.start_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=SOURCE)
    orders.complete_migration(ReplicationGroupId="orders")
    available(orders)
    with pytest.raises(ClientError) as late:
        orders.complete_migration(ReplicationGroupId="orders")

    assert started["ReplicationGroup"]["Status"] == "modifying"
    assert code(twice) == "ReplicationGroupAlreadyUnderMigrationFault"
    assert code(late) == "ReplicationGroupNotUnderMigrationFault"
    told = [event["Message"] for event in orders.describe_events()["Events"]]
    assert told[0] == "Migration into orders completed"


def test_tls_takes_no_data(elasticache: Any, group: Create) -> None:
    """As AWS says of the target."""
    group()
    available(elasticache)

    with pytest.raises(ClientError, match="has TLS"):
        elasticache.test_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=SOURCE)


@pytest.mark.parametrize("endpoints", [[], SOURCE * 2, [{"Address": "10.0.0.9"}]])
def test_one_source(orders: Any, endpoints: list[dict[str, Any]]) -> None:
    """With an address and a port."""
    with pytest.raises(ClientError, match="must hold one endpoint"):
        orders.test_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=endpoints)


def test_a_serverless_cache_is_prepared_first(cart: Any) -> None:
    """Prepare, start, stop, start anew with cleared data, complete."""
    with pytest.raises(ClientError) as early:
        cart.start_migration(ServerlessCacheName="cart")
    cart.prepare_migration(ServerlessCacheName="cart", CustomerNodeEndpointList=SOURCE)
    syncing = cart.start_migration(ServerlessCacheName="cart", AutoCutover=True)["ServerlessCache"]["Migration"]
    cart.stop_migration(ServerlessCacheName="cart")
    with pytest.raises(ClientError, match="ClearTargetCacheData"):
        cart.start_migration(ServerlessCacheName="cart")
    with pytest.raises(ClientError) as unhealthy:
        cart.complete_migration(ServerlessCacheName="cart")
    cart.start_migration(ServerlessCacheName="cart", ClearTargetCacheData=True)
    completed = cart.complete_migration(ServerlessCacheName="cart")["ServerlessCache"]

    assert code(early) == "ServerlessCacheNotUnderMigrationFault"
    assert code(unhealthy) == "MigrationHealthFault"
    assert (syncing["Status"], syncing["MigrationEndpoint"]["Port"]) == ("syncing", 6379)
    assert "Migration" not in completed
