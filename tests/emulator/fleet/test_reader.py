"""The reader endpoint: it spreads connections over all replicas and never reaches the primary."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator.fleet import Fleet, NodePlan, SignIn, password_hash
from elasticache_kit.emulator.fleet.deadline import Deadline

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

REPLICAS = 5
ROUNDS = 4
PATIENCE = 60.0

Reader = Callable[[], Any]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def key(shared_fleet: Fleet, order: Ordering, request: pytest.FixtureRequest) -> Iterator[str]:
    """A group of a primary and five replicas."""
    key = f"readers-{request.param}"
    shared_fleet.start_group(order(key, nodes=1 + REPLICAS, tls=request.param))
    yield key
    shared_fleet.stop_group(key)


@pytest.fixture
def reader(shared_fleet: Fleet, key: str, connect: Connecting) -> Reader:
    """Make a new connection through the reader endpoint."""
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(shared_fleet.ca_file)} if key.endswith("True") else {}
    return lambda: connect(shared_fleet.reader_endpoint(key) or "", **tls)


def reads(fleet: Fleet, key: str) -> dict[str, int]:
    """Ask every node that lives how many GETs it has served since the last question."""
    found: dict[str, int] = {}
    for name, role in fleet.roles(key).items():
        if role == "down":
            continue
        with fleet.group(key).node(name).engine.admin() as admin:
            line = admin.info("commandstats").get("cmdstat_get", "calls=0,")
            found[name] = int(line.removeprefix("calls=").split(",")[0])
            admin.command("CONFIG", "RESETSTAT")
    return found


def test_connections_are_spread_over_all_replicas(shared_fleet: Fleet, key: str, reader: Reader) -> None:
    """Each replica gets the same number of connections, the primary none (INFO commandstats)."""
    reads(shared_fleet, key)
    for _ in range(REPLICAS * ROUNDS):
        reader().get("key")
    served = reads(shared_fleet, key)
    assert served.pop(f"{key}-001") == 0
    assert list(served.values()) == [ROUNDS] * REPLICAS


def test_a_connection_stays_with_its_replica(shared_fleet: Fleet, key: str, reader: Reader) -> None:
    """Connections are spread, not requests, as by DNS."""
    client = reader()
    reads(shared_fleet, key)
    for _ in range(10):
        client.get("key")
    assert sorted(reads(shared_fleet, key).values()) == [*[0] * REPLICAS, 10]


def test_replicas_come_and_go(shared_fleet: Fleet, key: str, reader: Reader) -> None:
    """A lost replica gets no connection at once, a recovered or new one does, a promoted one no longer."""
    names = [f"{key}-{number:03}" for number in range(1, 2 + REPLICAS)]
    shared_fleet.kill(key, names[1])
    shared_fleet.add_replica(key, "0001", NodePlan(cache_cluster_id=f"{key}-new"))
    shared_fleet.promote(key, names[2])
    reads(shared_fleet, key)
    for _ in range(2 * REPLICAS):
        reader().get("key")
    served = reads(shared_fleet, key)
    assert served == {names[0]: 2, names[2]: 0, names[3]: 2, names[4]: 2, names[5]: 2, f"{key}-new": 2}
    shared_fleet.recover(key, names[1])
    shared_fleet.promote(key, names[0])
    shared_fleet.remove_replica(key, f"{key}-new")
    assert set(shared_fleet.roles(key)) == set(names)


def test_one_replica_is_reached_without_the_front(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """A single replica listens on the reader endpoint itself; where there is none it leads to the primary."""
    fleet.start_group(order("orders", nodes=3))
    address = fleet.reader_endpoint("orders") or ""
    assert fleet.front_pid is not None
    fleet.remove_replica("orders", "orders-003")
    os.kill(fleet.front_pid, signal.SIGSTOP)
    try:
        assert connect(address).info("replication")["role"] == "slave"
        fleet.kill("orders", "orders-002")
    finally:
        os.kill(fleet.front_pid, signal.SIGCONT)
    assert connect(address).info("replication")["role"] == "master"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_in_mode_compatible_it_leads_to_replicas_too(
    fleet: Fleet, order: Ordering, connect: Connecting, *, tls: bool
) -> None:
    """Clients that know nothing of clusters read there, signed in or not, whether there is one replica or two."""
    signing = {"sign_in": SignIn(token_hashes=(password_hash("a-token-0123456789"),))} if tls else {}
    fleet.start_group(order("both", shards=1, nodes=3, compatible=True, tls=tls, **signing))
    options: dict[str, Any] = {}
    if tls:
        options = {"ssl": True, "ssl_ca_certs": str(fleet.ca_file), "password": "a-token-0123456789"}
    primary = connect(fleet.primary_endpoint("both") or "", **options)
    primary.set("key", "value")
    assert primary.wait(2, 20_000) == 2
    place = fleet.reader_endpoint("both") or ""
    for version in (2, 3):
        clients = [connect(place, protocol=version, **options) for _ in range(4)]
        assert [client.get("key") for client in clients] == ["value"] * 4
        assert {client.info("replication")["role"] for client in clients} == {"slave"}
        assert len({client.info("server")["process_id"] for client in clients}) == 2
        assert clients[0].pipeline(transaction=True).get("key").get("key").execute() == ["value"] * 2
    fleet.remove_replica("both", "both-0001-003")
    assert (connect(place, **options).get("key"), connect(place, **options).info()["role"]) == ("value", "slave")
    fleet.kill("both", "both-0001-002")
    assert (connect(place, **options).get("key"), connect(place, **options).info()["role"]) == ("value", "master")


def test_a_killed_front_comes_back(shared_fleet: Fleet, key: str, reader: Reader) -> None:
    """After kill -9 of the front the endpoints are there again, without anybody's doing."""
    before = shared_fleet.front_pid
    assert before is not None
    reads(shared_fleet, key)
    os.kill(before, signal.SIGKILL)

    def silence() -> str | None:
        if shared_fleet.front_pid in {None, before}:
            return "it is not started anew"
        try:
            socket.create_connection((shared_fleet.reader_endpoint(key) or "", 6379), timeout=PATIENCE).close()
        except OSError as error:
            return str(error)
        return None

    assert Deadline(PATIENCE).wait_for(silence) is None
    assert reader().get("key") is None
    served = reads(shared_fleet, key)
    assert served.pop(f"{key}-001") == 0
    assert sum(served.values()) == 1
