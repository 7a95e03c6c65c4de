"""The program behind a running group changes under load: Redis OSS to Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import EngineStartError
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEYS = range(500)


def programs(fleet: Fleet, key: str) -> set[str]:
    """Ask every node what it is."""
    found: set[str] = set()
    for name in fleet.roles(key):
        with fleet.group(key).node(name).engine.admin() as admin:
            found.add(admin.info("server").get("server_name", "redis"))
    return found


@pytest.mark.usefixtures("redis_server")
@pytest.mark.parametrize("shards", [None, 2])
def test_no_acknowledged_write_is_lost(
    shared_fleet: Fleet,
    order: Ordering,
    connect: Connecting,
    connect_cluster: Connecting,
    shards: int | None,
) -> None:
    """Behind TLS, with a replica in each shard; names, addresses, roles and all keys are as before."""
    key = f"orders-{shards}"
    shared_fleet.start_group(order(key, shards=shards, nodes=2, tls=True, engine="redis", engine_version="7.0"))
    assert programs(shared_fleet, key) == {"redis"}

    def client() -> Any:
        secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(shared_fleet.ca_file)}
        place = shared_fleet.primary_endpoint(key)
        return (
            connect(place, **secured)
            if place
            else connect_cluster(shared_fleet.configuration_endpoint(key) or "", **secured)
        )

    filling = client()
    for number in KEYS:
        filling.set(f"kept-{number}", number)
    before, roles = digest(shared_fleet, key, names=b"kept-*"), shared_fleet.roles(key)
    with Writer(client) as writer:
        assert shared_fleet.upgrade(key, "valkey", "9.1", {"maxmemory": str(2**26)})
    assert writer.wrong == []
    assert writer.acknowledged > 0
    assert digest(shared_fleet, key, names=b"kept-*") == before
    assert digest(shared_fleet, key, names=b"written-*")[0] >= writer.acknowledged
    assert programs(shared_fleet, key) == {"valkey"}
    assert shared_fleet.roles(key) == roles
    assert client().set("after", "value")
    shared_fleet.stop_group(key)


@pytest.mark.usefixtures("redis_server")
def test_an_upgrade_that_fails_leaves_the_group_as_it_is(
    shared_fleet: Fleet, order: Ordering, connect: Connecting
) -> None:
    """Settings that the new engine refuses: the old one goes on, also in nodes that are replaced later."""
    shared_fleet.start_group(order("letters", nodes=2, engine="redis", engine_version="7.0"))
    client = connect(shared_fleet.primary_endpoint("letters") or "")
    client.set("key", "value")
    with pytest.raises(EngineStartError, match="maxmemory"):
        shared_fleet.upgrade("letters", "valkey", "8.1", {"maxmemory": "plenty"})
    shared_fleet.recover("letters", "letters-002")
    assert programs(shared_fleet, "letters") == {"redis"}
    assert shared_fleet.versions()["letters"]["asked"] == "redis 7.0"
    assert client.get("key") == "value"
    assert shared_fleet.upgrade("letters", "valkey", "8.1", {})
    assert programs(shared_fleet, "letters") == {"valkey"}


def test_a_version_that_nothing_here_has_replaces_nothing(shared_fleet: Fleet, order: Ordering) -> None:
    """The asked version and the running one are told apart."""
    shared_fleet.start_group(order("labels", engine="valkey", engine_version="7.2"))
    before = shared_fleet.pids()
    assert not shared_fleet.upgrade("labels", "valkey", "8.0", {})
    told = shared_fleet.versions()["labels"]
    assert told["asked"] == "valkey 8.0"
    assert told["running"] > "valkey 9"
    assert shared_fleet.pids() == before
