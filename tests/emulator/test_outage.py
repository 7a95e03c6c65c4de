"""Faults over the wire: nodes die, hang, lose power with their zone, and all is whole again afterwards."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.error import HTTPError

import pytest
from valkey import Valkey
from valkey.backoff import NoBackoff
from valkey.exceptions import TimeoutError as EngineTimeoutError
from valkey.retry import Retry

from elasticache_kit.emulator import capability, outage_page
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

Asking = Callable[..., dict[str, Any]]
NOT_FOUND = 404


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with the group `orders`: a primary and a replica in two zones."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, NumCacheClusters=2, TransitEncryptionEnabled=False)
        available(client("elasticache"))
        yield running


@pytest.fixture
def api(emulator: Emulator) -> Any:
    """Give the API."""
    return client_of(emulator.endpoint_url)("elasticache")


@pytest.fixture
def ask(emulator: Emulator) -> Asking:
    """Give what sends a fault to a node, or to a zone, and returns the answer."""

    def send(kind: str, content_type: str = "application/json", **what: Any) -> dict[str, Any]:
        body = json.dumps({"kind": kind, "Region": "eu-west-1", **what}).encode()
        headers = {"Content-Type": content_type}
        url = f"{emulator.endpoint_url}{outage_page.PATH}"
        return json.loads(capability.send(urllib.request.Request(url, body, headers)))  # noqa: S310 - http only

    return send


@pytest.fixture
def end(emulator: Emulator) -> Callable[[dict[str, Any]], None]:
    """Give what ends a fault."""

    def send(begun: dict[str, Any]) -> None:
        url = f"{emulator.endpoint_url}{outage_page.PATH}/{begun['id']}"
        capability.send(urllib.request.Request(url, method="DELETE"))  # noqa: S310 - http only

    return send


@pytest.fixture
def connect(api: Any) -> Iterator[Callable[[], Any]]:
    """Give what connects to where the primary is now."""
    with ExitStack() as cleanup:

        def made() -> Any:
            address = available(api)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
            client: Any = Valkey(host=address, socket_timeout=0.5, retry=Retry(NoBackoff(), 0), decode_responses=True)
            cleanup.callback(client.close)
            return client

        yield made


def members(api: Any) -> dict[str, tuple[str, str, str]]:
    """Give the role, zone and status of each node."""
    (node_group,) = available(api)["NodeGroups"]
    statuses = {
        item["CacheClusterId"]: item["CacheClusterStatus"] for item in api.describe_cache_clusters()["CacheClusters"]
    }
    return {
        item["CacheClusterId"]: (
            item["CurrentRole"], item["PreferredAvailabilityZone"], statuses[item["CacheClusterId"]]
        )
        for item in node_group["NodeGroupMembers"]
    }  # fmt: skip


def whole(api: Any) -> dict[str, tuple[str, str, str]]:
    """Wait until every node is available and no failover goes on."""
    until(lambda: available(api)["NodeGroups"][0]["Status"], "available".__eq__)
    return until(lambda: members(api), lambda seen: all(status == "available" for _, _, status in seen.values()))


def primary_of(api: Any) -> str:
    """Name the primary."""
    return next(name for name, (role, _, _) in members(api).items() if role == "primary")


def test_a_killed_primary_is_replaced_by_its_replica(api: Any, ask: Asking, connect: Callable[[], Any]) -> None:
    """Without a call of TestFailover, and what the replica had is there."""
    before = primary_of(api)
    client = connect()
    client.set("key", "value")
    assert client.wait(1, 2000) == 1

    begun = ask("kill", CacheClusterId=before)
    whole(api)

    assert begun["nodes"] == [before]
    assert primary_of(api) != before
    assert connect().get("key") == "value"


def test_a_killed_replica_comes_back(api: Any, ask: Asking, connect: Callable[[], Any]) -> None:
    """The primary stays, and has a follower again."""
    before = primary_of(api)
    replica = next(name for name in members(api) if name != before)
    ask("kill", CacheClusterId=replica)
    whole(api)

    assert primary_of(api) == before
    assert connect().info("replication")["connected_slaves"] == 1


def test_a_node_hangs_until_the_fault_ends(
    api: Any, ask: Asking, end: Callable[[dict[str, Any]], None], connect: Callable[[], Any]
) -> None:
    """It accepts connections and answers nothing, which is not the same as being dead."""
    client = connect()
    client.set("key", "before")
    begun = ask("pause", CacheClusterId=primary_of(api))
    with pytest.raises(EngineTimeoutError):
        client.get("key")
    end(begun)

    assert connect().get("key") == "before"
    with pytest.raises(HTTPError) as caught:
        end(begun)
    assert caught.value.code == NOT_FOUND
    caught.value.close()


def test_a_zone_without_power_stays_dead_until_the_fault_ends(
    api: Any, ask: Asking, end: Callable[[dict[str, Any]], None], connect: Callable[[], Any]
) -> None:
    """The replica in the other zone takes over; the node comes back with the power."""
    before = primary_of(api)
    _, zone, _ = members(api)[before]
    begun = ask("az-power-loss", AvailabilityZone=zone)
    until(lambda: primary_of(api), lambda now: now != before)
    assert members(api)[before] == ("replica", zone, "failed")
    assert connect().info("replication")["connected_slaves"] == 0
    end(begun)
    whole(api)

    assert connect().info("replication")["connected_slaves"] == 1


@pytest.mark.parametrize(
    ("order", "reasons"),
    [
        ({"kind": "flood"}, ["kind is 'flood'; give one of kill, pause, az-power-loss"]),
        ({"kind": "kill", "Nodes": 1}, ["CacheClusterId is missing", "Nodes means nothing here"]),
        ({"kind": "kill", "CacheClusterId": "nobody"}, ["no node that is available has CacheClusterId nobody"]),
        ({"kind": "kill", "content_type": "text/plain"}, ["it must be sent as application/json"]),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_all_reasons(
    ask: Asking, order: dict[str, Any], reasons: list[str]
) -> None:
    """A client reads what to send instead; a web page cannot send one unasked."""
    with pytest.raises(HTTPError) as caught:
        ask(**order)
    said = json.loads(caught.value.read())["error"]
    caught.value.close()

    assert not [reason for reason in reasons if reason not in said]


def test_the_emulator_says_which_faults_it_knows(emulator: Emulator) -> None:
    """A drill asks before it breaks anything."""
    assert (capability.ask(emulator.endpoint_url) or {})["faults"] == ["kill", "pause", "az-power-loss"]
