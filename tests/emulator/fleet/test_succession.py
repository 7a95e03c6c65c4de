"""A running group gets another cluster mode under load."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import EngineStartError, RefusedError
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEYS = range(1000)
CHANGES = 50
Measured = Callable[..., None]


def modes(fleet: Fleet, key: str) -> set[str]:
    """Ask every node whether it is in cluster mode."""
    found: set[str] = set()
    for name in fleet.roles(key):
        with fleet.group(key).node(name).engine.admin() as admin:
            found.add(admin.info("cluster")["cluster_enabled"])
    return found


@pytest.mark.parametrize(("nodes", "tls"), [(1, False), (2, True)])
def test_no_acknowledged_write_is_lost(
    shared_fleet: Fleet, order: Ordering, connect: Connecting, connect_cluster: Connecting, nodes: int, *, tls: bool
) -> None:
    """To compatible, back, to compatible again and to enabled: names, addresses, roles and all keys are as before."""
    key = f"orders-{nodes}"
    shared_fleet.start_group(order(key, nodes=nodes, tls=tls))
    secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(shared_fleet.ca_file)} if tls else {}
    primary, reader = shared_fleet.primary_endpoint(key) or "", shared_fleet.reader_endpoint(key) or ""
    roles = shared_fleet.roles(key)
    addresses = {name: shared_fleet.node_address(key, name) for name in roles}
    plain = connect(primary, **secured)
    plain.mset({f"kept-{number}": number for number in KEYS})
    before = digest(shared_fleet, key, names=b"kept-*")
    acknowledged = 0
    for cluster_mode, reported in ((True, "1"), (False, "0"), (True, "1")):
        with Writer(lambda: connect(primary, **secured)) as writer:
            shared_fleet.change_cluster_mode(key, cluster_mode=cluster_mode, compatible=cluster_mode)
        assert writer.wrong == []
        assert writer.acknowledged > 0
        acknowledged = max(acknowledged, writer.acknowledged)
        assert modes(shared_fleet, key) == {reported}
        assert shared_fleet.roles(key) == roles
        assert {name: shared_fleet.node_address(key, name) for name in roles} == addresses
        assert (shared_fleet.primary_endpoint(key), shared_fleet.reader_endpoint(key)) == (primary, reader)
        assert digest(shared_fleet, key, names=b"kept-*") == before
        assert digest(shared_fleet, key, names=b"written-*")[0] >= acknowledged
    cluster = connect_cluster(shared_fleet.configuration_endpoint(key) or "", **secured)
    assert cluster.get("kept-1") == connect(reader, **secured).get("kept-1") == "1"
    assert len(cluster.get_nodes()) == nodes
    shared_fleet.change_cluster_mode(key, cluster_mode=True, compatible=False)
    assert (shared_fleet.primary_endpoint(key), shared_fleet.reader_endpoint(key)) == (None, None)
    assert cluster.set("kept-1", 1)
    shared_fleet.stop_group(key)


def test_keys_in_another_database_are_in_the_way(shared_fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """With cluster mode there is database 0 only; the group goes on as it was, and its writes are not held."""
    shared_fleet.start_group(order("shelves"))
    client = connect(shared_fleet.primary_endpoint("shelves") or "", db=3)
    client.set("key", "value")
    with pytest.raises(RefusedError, match="db3"):
        shared_fleet.change_cluster_mode("shelves", cluster_mode=True, compatible=True)
    assert client.set("key", "other")


@pytest.mark.parametrize("cluster_mode", [True, False])
def test_a_helper_that_does_not_come_up_changes_nothing(
    shared_fleet: Fleet, order: Ordering, connect: Connecting, *, cluster_mode: bool
) -> None:
    """On either way: the old engines go on, with their endpoints, and nobody's writes are held."""
    key = f"lists-{cluster_mode}"
    there = {"shards": 1, "compatible": True} if not cluster_mode else {}
    shared_fleet.start_group(order(key, nodes=2, **there))
    client = connect(shared_fleet.primary_endpoint(key) or "")
    client.set("key", "value")
    before, endpoints = shared_fleet.pids(), dict(shared_fleet.group(key).endpoints)
    shared_fleet.set_parameters(key, {}, on_reboot={"maxmemory": "plenty"})
    with pytest.raises(EngineStartError, match="maxmemory"):
        shared_fleet.change_cluster_mode(key, cluster_mode=cluster_mode, compatible=cluster_mode)
    assert shared_fleet.pids() == before
    assert shared_fleet.group(key).endpoints == endpoints
    assert client.set("key", "other")
    assert connect(shared_fleet.primary_endpoint(key) or "").get("key") == "other"


@pytest.mark.prove
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_again_and_again(fleet: Fleet, order: Ordering, connect: Connecting, measured: Measured, *, tls: bool) -> None:
    """Fifty changes under one long load of writes: nothing that was acknowledged is missing, and no node is left."""
    fleet.start_group(order("often", nodes=3, tls=tls))
    secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(fleet.ca_file)} if tls else {}
    primary, roles = fleet.primary_endpoint("often") or "", fleet.roles("often")
    with Writer(lambda: connect(primary, **secured)) as writer:
        for change in range(CHANGES):
            on = change % 2 == 0
            fleet.change_cluster_mode("often", cluster_mode=on, compatible=on)
    found = digest(fleet, "often", names=b"written-*")[0]
    measured(
        "changes of cluster mode under load", changes=CHANGES, tls=tls, acknowledged=writer.acknowledged,
        refused=writer.failures, lost=max(0, writer.acknowledged - found),
    )  # fmt: skip
    assert writer.wrong == []
    assert found >= writer.acknowledged > 0
    assert (fleet.roles("often"), len(fleet.pids())) == (roles, len(roles))
