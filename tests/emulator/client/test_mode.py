"""Stock clients of a group whose cluster mode and TLS mode change while they are connected."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from tests.emulator.client.account import NOBODY, Caches, emulator_with
from tests.emulator.client.stock import CLIENTS, HAS_REDIS_CLI, Stock
from tests.emulator.wire import Client, available, make_group, until

pytestmark = pytest.mark.engine

CACHE = "orders"
NAMES = [name for name in CLIENTS if name != "redis-cli" or HAS_REDIS_CLI]
Early = dict[str, Stock]


def order(client: Client) -> None:
    """Order one group without cluster mode and TLS, of two nodes."""
    make_group(client, ReplicationGroupId=CACHE, NumCacheClusters=2, TransitEncryptionEnabled=False)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caches, Early]]:
    """The group after it has become compatible and prefers TLS, and clients that have been there all the time."""
    with emulator_with(tmp_path_factory.mktemp("mode"), order) as caches, ExitStack() as cleanup:
        early = {name: CLIENTS[name](caches.place(CACHE), NOBODY, cleanup) for name in NAMES}
        for name, client in early.items():
            client.set(f"early-{name}", name)
        modify(caches, ClusterMode="compatible")
        modify(caches, TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
        yield caches, early


def modify(caches: Caches, **request: Any) -> None:
    """Change the group at once and wait until it is available."""
    caches.api.modify_replication_group(ReplicationGroupId=CACHE, ApplyImmediately=True, **request)
    available(caches.api, CACHE)


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_was_there_before_goes_on(changed: tuple[Caches, Early], name: str) -> None:
    """It finds what it has written, and writes, at most after it has connected again."""
    client = changed[1][name]

    def served() -> bool:
        try:
            return client.get(f"early-{name}") == name and bool(client.set(f"late-{name}", name))
        except Exception:  # noqa: BLE001 -- each library has its own errors for a connection that is gone
            return False

    until(served, bool)


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
@pytest.mark.parametrize("endpoint", ["primary", "reader", "configuration"])
@pytest.mark.parametrize("name", NAMES)
def test_clients_of_both_kinds_are_served(
    changed: tuple[Caches, Early], name: str, endpoint: str, *, tls: bool
) -> None:
    """Clients that know clusters and those that do not, with and without TLS."""
    place = changed[0].place(CACHE, endpoint)
    with ExitStack() as cleanup:
        client = CLIENTS[name](place if tls else replace(place, ca_file=None), NOBODY, cleanup)
        assert client.get(f"early-{name}") == name
        if endpoint != "reader":
            client.set(f"{endpoint}-{name}", str(tls))
            assert client.get(f"{endpoint}-{name}") == str(tls)
