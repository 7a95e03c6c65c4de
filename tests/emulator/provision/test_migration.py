"""Online migration with engines: a replication group takes the data of a server that somebody runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from valkey import ReadOnlyError, Valkey

from elasticache_kit.emulator.fleet import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with the group `orders`, which has a key of its own, and a server beside it that asks for nothing."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client, NumCacheClusters=2, TransitEncryptionEnabled=False)
        assert running.fleet is not None
        shard = NodeGroupPlan(node_group_id="0001", nodes=(NodePlan(cache_cluster_id="hosted"),))
        running.fleet.start_group(GroupPlan(key="hosted", node_groups=(shard,), cluster_mode=False, tls=False))
        yield running


@pytest.fixture
def api(emulator: Emulator) -> Any:
    """Give the API."""
    return client_of(emulator.endpoint_url)("elasticache")


@pytest.fixture
def source(emulator: Emulator) -> Iterator[Any]:
    """A client of the server."""
    assert emulator.fleet is not None
    with Valkey(host=str(emulator.fleet.primary_endpoint("hosted")), decode_responses=True) as client:
        yield client


@pytest.fixture
def target(api: Any) -> Iterator[Any]:
    """A client of the group."""
    with Valkey(host=available(api)["NodeGroups"][0]["PrimaryEndpoint"]["Address"], decode_responses=True) as client:
        yield client


def place(client: Any, port: int = 6379) -> list[dict[str, Any]]:
    """Say where a server is."""
    return [{"Address": client.connection_pool.connection_kwargs["host"], "Port": port}]


def told(api: Any) -> list[str]:
    """List what the events say."""
    found = api.describe_events(SourceType="replication-group", SourceIdentifier="orders")["Events"]
    return [item["Message"] for item in found]


def test_a_source_that_does_not_answer_changes_nothing(api: Any, source: Any, target: Any) -> None:
    """The test tells, and a start leaves the group with its key, open for writes."""
    target.set("own", "value")
    nowhere = place(source, 6399)
    api.test_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=nowhere)
    assert any("failed" in text and "does not answer" in text for text in told(api))
    api.start_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=nowhere)
    available(api)
    assert (target.get("own"), target.set("own", "other")) == ("value", True)
    far = [{"Address": "192.0.2.1", "Port": 6379}]
    api.test_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=far)
    assert any("is not on this machine" in text for text in told(api))


def test_a_group_takes_the_data_and_goes_on_alone(api: Any, source: Any, target: Any) -> None:
    """It follows the source and takes no writes; once completed it has everything, and takes them."""
    source.mset({f"key:{number}": number for number in range(100)})
    api.test_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=place(source))
    assert "Test of the migration into orders passed" in told(api)
    api.start_migration(ReplicationGroupId="orders", CustomerNodeEndpointList=place(source))
    available(api)
    assert (target.dbsize(), target.get("key:7")) == (100, "7")
    source.set("late", "value")
    until(lambda: target.get("late"), lambda value: value == "value")
    with pytest.raises(ReadOnlyError):
        target.set("late", "other")
    api.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
    until(lambda: told(api), lambda seen: any("Failover" in text for text in seen))
    available(api)
    source.set("last", "value")
    until(
        lambda: api.describe_replication_groups()["ReplicationGroups"][0]["NodeGroups"][0]["Status"],
        lambda status: status == "available",
    )
    api.complete_migration(ReplicationGroupId="orders")
    available(api)
    assert (target.get("last"), target.set("last", "other"), source.get("last")) == ("value", True, "value")
