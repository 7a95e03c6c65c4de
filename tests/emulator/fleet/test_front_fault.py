"""Faults of the network meet clients with TLS too, though these come to an engine by the front and a shorter way."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import Fleet, partition, slowness
from tests.emulator.wire import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group
    from tests.emulator.fleet.conftest import Ordering

pytestmark = pytest.mark.engine

KEY, NODE = "orders", "orders-001"
SILENCE_SECONDS, LATE_SECONDS = 0.3, 0.25
PING, PONG = b"*1\r\n$4\r\nPING\r\n", b"+PONG\r\n"


@pytest.fixture
def group(fleet: Fleet, order: Ordering) -> Group:
    """One node behind TLS."""
    fleet.start_group(order(KEY, tls=True))
    return fleet.group(KEY)


def connect(fleet: Fleet) -> ssl.SSLSocket:
    """Connect to the primary endpoint without a client library."""
    address = fleet.primary_endpoint(KEY) or ""
    context = ssl.create_default_context(cafile=fleet.ca_file)
    plain = socket.create_connection((address, 6379), timeout=PATIENCE_SECONDS)
    return context.wrap_socket(plain, server_hostname=address)


def test_a_cut_connection_is_silent_and_goes_on_afterwards(fleet: Fleet, group: Group) -> None:
    """Nothing is refused and nothing ends, for connections from before and from then; the answers come in the end."""
    node = group.node(NODE)
    with connect(fleet) as before:
        before.sendall(PING)
        assert before.recv(100) == PONG
        partition.cut_off(group, node, "clients")
        with connect(fleet) as meanwhile:
            for connection in (before, meanwhile):
                connection.settimeout(SILENCE_SECONDS)
                connection.sendall(PING)
                with pytest.raises(TimeoutError):
                    connection.recv(100)
            partition.rejoin(group, node)
            for connection in (before, meanwhile):
                connection.settimeout(PATIENCE_SECONDS)
                assert connection.recv(100) == PONG


def test_a_slow_engine_is_slow_behind_tls_too(fleet: Fleet, group: Group) -> None:
    """And quick before, and afterwards."""

    def seconds() -> float:
        with connect(fleet) as connection:
            begun = time.monotonic()
            connection.sendall(PING)
            assert connection.recv(100) == PONG
            return time.monotonic() - begun

    node = group.node(NODE)
    slowness.slow(group, node, LATE_SECONDS)
    late = seconds()
    slowness.quicken(node)

    assert late >= LATE_SECONDS
    # A busy machine may be late itself, but not each time.
    until(seconds, lambda taken: taken < LATE_SECONDS)
