"""Real engines behind TLS."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from valkey.backoff import ConstantBackoff
from valkey.exceptions import ValkeyClusterException
from valkey.retry import Retry

from elasticache_kit.emulator.fleet import Fleet, NodePlan
from elasticache_kit.errors import EngineStartError
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEY = "orders"
REFUSED = valkey.ConnectionError, valkey.TimeoutError, ValkeyClusterException


@pytest.fixture
def group(fleet: Fleet, order: Ordering) -> Fleet:
    """A fleet with one primary and a replica behind TLS."""
    fleet.start_group(order(KEY, nodes=2, tls=True))
    return fleet


def trusting(fleet: Fleet) -> dict[str, Any]:
    """Give the options of a client that verifies certificate and address."""
    return {"ssl": True, "ssl_ca_certs": str(fleet.ca_file), "ssl_check_hostname": True}


def primary(fleet: Fleet) -> str:
    """Give the primary endpoint."""
    address = fleet.primary_endpoint(KEY)
    assert address is not None
    return address


def secured(fleet: Fleet, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Connect to the primary endpoint without a client library."""
    with socket.create_connection((primary(fleet), 6379), timeout=5) as plain:
        return context.wrap_socket(plain, server_hostname=primary(fleet))


def test_a_client_that_trusts_the_authority_is_served(group: Fleet, connect: Connecting) -> None:
    """Nodes and endpoints serve clients that verify them."""
    options = trusting(group)
    client = connect(primary(group), **options)
    client.set("key", "value")
    assert client.execute_command("WAIT", 1, 5000) == 1
    reader = group.reader_endpoint(KEY)
    assert reader is not None
    for address in (reader, *(group.node_address(KEY, name) for name in group.roles(KEY))):
        assert connect(address, **options).get("key") == "value"


def test_a_client_without_the_authority_is_not(group: Fleet, connect: Connecting) -> None:
    """A client that trusts the system's authorities only refuses the certificate."""
    with pytest.raises(valkey.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(primary(group), ssl=True).ping()


def test_a_plain_client_is_not(group: Fleet, connect: Connecting) -> None:
    """A client that does not speak TLS gets no answer."""
    with pytest.raises(valkey.ConnectionError):
        connect(primary(group)).ping()


def test_old_protocols_are_refused(group: Fleet) -> None:
    """TLS 1.1 is not spoken; TLS 1.2 is."""
    context = ssl.create_default_context(cafile=group.ca_file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with secured(group, context) as connection:
        assert connection.version() == "TLSv1.2"
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    # Without it the client would refuse by itself, and the test could not fail.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match=r"ALERT_PROTOCOL_VERSION|EOF"):
        secured(group, context)


def test_large_values_pass_unchanged(group: Fleet, connect: Connecting) -> None:
    """More bytes than any buffer holds pass in both directions."""
    client = connect(primary(group), **trusting(group))
    value = "0123456789abcdef" * 1_000_000
    client.set("key", value)
    assert client.get("key") == value


def test_the_last_answer_arrives(group: Fleet) -> None:
    """What the engine says before it closes a connection reaches the client."""
    context = ssl.create_default_context(cafile=group.ca_file)
    with secured(group, context) as connection:
        connection.sendall(b"QUIT\r\n")
        assert connection.recv(100) == b"+OK\r\n"
        assert connection.recv(100) == b""


def test_a_killed_node_is_gone_at_once(group: Fleet, connect: Connecting) -> None:
    """Connections to a killed engine end, and new ones are refused, without a timeout."""
    client = connect(primary(group), **trusting(group), single_connection_client=True)
    assert client.ping()
    group.kill(KEY, "orders-001")
    with pytest.raises(valkey.ConnectionError):
        client.ping()
    for address in (primary(group), group.node_address(KEY, "orders-001")):
        with pytest.raises(valkey.ConnectionError, match="refused"):
            connect(address, **trusting(group)).ping()


def test_an_engine_killed_by_somebody_else_leaves_nobody_waiting(group: Fleet, connect: Connecting) -> None:
    """Where the front does not know yet that an engine is dead it closes connections instead of keeping them."""
    os.kill(connect(primary(group), **trusting(group)).info("server")["process_id"], signal.SIGKILL)
    with pytest.raises(valkey.ConnectionError):
        connect(group.node_address(KEY, "orders-001"), **trusting(group)).ping()


def test_a_failover_moves_the_endpoints(group: Fleet, connect: Connecting) -> None:
    """After a failover the same endpoint takes writes, and the lost node is back behind TLS."""
    options = trusting(group)
    client = connect(primary(group), **options)
    client.set("key", "value")
    assert client.execute_command("WAIT", 1, 5000) == 1
    group.kill(KEY, "orders-001")
    group.promote(KEY, "orders-002")
    assert client.get("key") == "value"
    assert client.set("key", "new")
    group.recover(KEY, "orders-001")
    assert connect(group.node_address(KEY, "orders-001"), **options).get("key") == "new"
    reader = group.reader_endpoint(KEY)
    assert reader is not None
    assert connect(reader, **options).info("replication")["role"] == "slave"


def test_a_planned_promotion_moves_the_endpoints(group: Fleet, connect: Connecting) -> None:
    """Endpoints move also while both engines live; connections that exist stay where they are."""
    client = connect(primary(group), **trusting(group), single_connection_client=True)
    client.set("key", "value")
    group.promote(KEY, "orders-002")
    with pytest.raises(valkey.ReadOnlyError):
        client.set("key", "lost")
    assert connect(primary(group), **trusting(group)).set("key", "new")


def test_a_cluster_is_discovered_behind_tls(
    fleet: Fleet, order: Ordering, connect: Connecting, connect_cluster: Connecting
) -> None:
    """A stock cluster client is sent to ports that speak TLS, and follows a failover."""
    fleet.start_group(order(KEY, shards=3, nodes=2, tls=True))
    address = fleet.configuration_endpoint(KEY)
    assert address is not None
    client = connect_cluster(address, **trusting(fleet))
    for key in range(100):
        client.set(f"key-{key}", key)
    for node in client.get_primaries():
        assert node.port == 6379
        assert client.execute_command("WAIT", 1, 5000, target_nodes=node) == 1
    fleet.kill(KEY, "orders-0002-001")
    fleet.promote(KEY, "orders-0002-002")
    assert [client.get(f"key-{key}") for key in range(100)] == [str(key) for key in range(100)]
    fleet.recover(KEY, "orders-0002-001")
    fleet.add_replica(KEY, "0002", NodePlan(cache_cluster_id="orders-0002-003"))
    slots = connect(address, **trusting(fleet)).execute_command("CLUSTER SLOTS")
    assert {node[1] for _, _, *nodes in slots for node in nodes} == {6379}


def test_preferred_serves_clients_with_and_without_tls(
    fleet: Fleet, order: Ordering, connect: Connecting, connect_cluster: Connecting
) -> None:
    """On the same address and port; when it becomes required plain clients that come are not served any more."""
    fleet.start_group(order(KEY, nodes=3, tls=True, tls_preferred=True))
    reader = fleet.reader_endpoint(KEY) or ""
    assert connect(primary(fleet)).set("key", "value")
    assert connect(primary(fleet), **trusting(fleet)).get("key") == "value"
    assert connect(reader).info("replication")["role"] == "slave"
    early = connect(primary(fleet), single_connection_client=True)
    assert early.ping()
    fleet.change_tls(KEY, tls=True)
    for address in (primary(fleet), reader, fleet.node_address(KEY, "orders-002")):
        with pytest.raises(valkey.ConnectionError):
            connect(address).ping()
        assert connect(address, **trusting(fleet)).ping()
    assert early.ping()
    fleet.change_tls(KEY, tls=True, preferred=True)
    fleet.promote(KEY, "orders-002")
    assert connect(primary(fleet)).set("key", "again")
    with pytest.raises(valkey.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        connect(primary(fleet), ssl=True).ping()
    fleet.start_group(order("sharded", shards=2, tls=True, tls_preferred=True))
    plain = connect_cluster(fleet.configuration_endpoint("sharded") or "")
    assert plain.set("key", "value")


@pytest.mark.parametrize("shards", [None, 2])
def test_tls_comes_to_a_group_that_runs_and_goes_again(
    fleet: Fleet, order: Ordering, connect: Connecting, connect_cluster: Connecting, shards: int | None
) -> None:
    """Off, preferred, required and back: no process starts anew, connections stay, and no write is lost."""
    fleet.start_group(order(KEY, shards=shards, nodes=2))
    before, address = fleet.pids(), fleet.primary_endpoint(KEY) or fleet.configuration_endpoint(KEY) or ""
    make = connect_cluster if shards else connect
    early = connect(address, single_connection_client=True)
    early.ping()
    # A new connection in the moment of the change is refused, so this client tries again.
    patient = make(address, **({} if shards else {"retry": Retry(ConstantBackoff(0.01), 100)}))
    with Writer(lambda: patient) as writer:
        fleet.change_tls(KEY, tls=True, preferred=True)
        seen = [make(address).set("a", 1), make(address, **trusting(fleet)).set("b", 2)]
    assert writer.wrong == []
    assert digest(fleet, KEY, names=b"written-*")[0] >= writer.acknowledged > 0
    fleet.change_tls(KEY, tls=True)
    with pytest.raises(REFUSED):
        make(address).ping()
    seen.append(make(address, **trusting(fleet)).get("a"))
    fleet.promote(KEY, f"{KEY}-0001-002" if shards else f"{KEY}-002")
    fleet.change_tls(KEY, tls=True, preferred=True)
    fleet.change_tls(KEY, tls=False)
    client = make(address)
    seen += [client.get("b"), client.set("c", 3)]
    assert seen == [True, True, "1", "2", True]
    with pytest.raises(REFUSED):
        make(address, **trusting(fleet), socket_timeout=0.3).ping()
    assert early.ping()
    assert fleet.pids() == before
    fleet.recover(KEY, f"{KEY}-0001-001" if shards else f"{KEY}-001")
    assert set(fleet.roles(KEY).values()) == {"primary", "replica"}


def test_a_port_that_is_taken_leaves_the_group_as_it_is(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """The front needs a second port at each address; where somebody is there, clients go on without TLS."""
    fleet.start_group(order(KEY, nodes=2))
    with (
        socket.create_server((fleet.node_address(KEY, "orders-002"), 6380)),
        pytest.raises(EngineStartError, match="TLS mode"),
    ):
        fleet.change_tls(KEY, tls=True, preferred=True)
    assert connect(primary(fleet)).set("key", "value")
    assert connect(fleet.reader_endpoint(KEY) or "").get("key") == "value"
    assert connect(fleet.node_address(KEY, "orders-002")).ping()
