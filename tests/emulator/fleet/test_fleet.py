"""The life of a fleet: what it starts, refuses, and leaves behind."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import Fleet, binary
from elasticache_kit.emulator.fleet.address import probe
from elasticache_kit.errors import EngineStartError, MissingToolError

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

PATIENCE = 60.0
PARENT = """
import json, sys, time
from pathlib import Path
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan

fleet = Fleet(Path(sys.argv[1]))
for key, tls in (("plain", False), ("secured", True)):
    nodes = tuple(NodePlan(cache_cluster_id=f"{key}-00{number}") for number in (1, 2))
    shard = NodeGroupPlan(node_group_id="0001", nodes=nodes)
    fleet.start_group(GroupPlan(key=key, cluster_mode=False, tls=tls, node_groups=(shard,)))
print(json.dumps({"engines": fleet.pids(), "endpoint": fleet.primary_endpoint("secured")}), flush=True)
time.sleep(600)
"""


def children(pid: int) -> list[int]:
    """Give the processes that descend from a process."""
    found = [
        int(word) for task in Path(f"/proc/{pid}/task").iterdir() for word in (task / "children").read_text().split()
    ]
    return found + [grandchild for child in found for grandchild in children(child)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_nothing_outlives_a_killed_emulator(tmp_path: Path) -> None:
    """After kill -9 of the process that owns the fleet no engine, launcher or TLS front is left."""
    with subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        said = json.loads(parent.stdout.readline())
        descendants = children(parent.pid)
        assert set(said["engines"]) < set(descendants)
        assert len(descendants) == 6  # four engines, the launcher, the TLS front
        handles = [os.pidfd_open(pid) for pid in descendants]
        os.kill(parent.pid, signal.SIGKILL)
    for handle in handles:
        ended, _, _ = select.select([handle], [], [], PATIENCE)
        os.close(handle)
        assert ended
    assert probe(said["endpoint"], 6379) is None


def test_stop_leaves_nothing(fleet: Fleet, order: Ordering) -> None:
    """After stop no engine runs and no address is listened on; stopping again is harmless."""
    fleet.start_group(order("plain", nodes=2))
    fleet.start_group(order("secured", nodes=2, tls=True))
    fleet.start_group(order("sharded", shards=1, nodes=2))
    addresses = [
        *(fleet.node_address(key, f"{key}-001") for key in ("plain", "secured")),
        fleet.node_address("sharded", "sharded-0001-001"),
        *(fleet.primary_endpoint(key) for key in ("plain", "secured")),
        fleet.configuration_endpoint("sharded"),
    ]
    pids = fleet.pids()
    assert len(pids) == 6
    fleet.stop()
    assert fleet.pids() == ()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    for address in addresses:
        assert address is not None
        assert [probe(address, port) for port in (6379, 6380, 16379)] == [None] * 3
    fleet.stop()


def test_a_fleet_starts_again_after_stop(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """A stopped fleet can be used again, and remembers nothing."""
    fleet.start_group(order("orders"))
    fleet.stop()
    fleet.start_group(order("orders"))
    address = fleet.primary_endpoint("orders")
    assert address is not None
    assert connect(address).dbsize() == 0


def test_stopping_one_group_leaves_the_others(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """Groups are independent; stopping one that does not run is harmless."""
    fleet.start_group(order("orders", nodes=2))
    fleet.start_group(order("customers", nodes=2))
    fleet.stop_group("orders")
    fleet.stop_group("orders")
    assert len(fleet.pids()) == 2
    assert connect(fleet.node_address("customers", "customers-001")).ping()


def test_a_key_is_used_once(fleet: Fleet, order: Ordering) -> None:
    """A second group of the same key is refused, and the first one goes on."""
    fleet.start_group(order("orders"))
    with pytest.raises(EngineStartError, match="orders is running already"):
        fleet.start_group(order("orders"))
    assert fleet.roles("orders") == {"orders-001": "primary"}


def test_two_fleets_do_not_meet(fleet: Fleet, order: Ordering, tmp_path: Path) -> None:
    """Two emulators on one machine use the same port at the same time."""
    other = Fleet(tmp_path / "other")
    fleet.start_group(order("orders"))
    other.start_group(order("orders"))
    assert fleet.node_address("orders", "orders-001") != other.node_address("orders", "orders-001")
    other.stop()
    assert fleet.roles("orders") == {"orders-001": "primary"}


def test_groups_start_side_by_side(fleet: Fleet, order: Ordering) -> None:
    """Several threads may start groups at once."""
    plans = [order(f"group-{number}", nodes=2, tls=number % 2 == 0) for number in range(4)]
    threads = [threading.Thread(target=fleet.start_group, args=(plan,)) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for plan in plans:
        assert list(fleet.roles(plan.key).values()) == ["primary", "replica"]


def test_another_port_is_used_as_given(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """All addresses of a group listen on the port that was ordered."""
    fleet.start_group(order("orders", nodes=2, port=7777))
    address = fleet.primary_endpoint("orders")
    assert address is not None
    assert connect(address, port=7777).set("key", "value")


def test_parameters_reach_the_engines(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """Settings of a parameter group are in force."""
    fleet.start_group(order("orders", parameters={"maxmemory-policy": "allkeys-lfu"}))
    client = connect(fleet.node_address("orders", "orders-001"))
    assert client.info("memory")["maxmemory_policy"] == "allkeys-lfu"


@pytest.mark.parametrize("shards", [None, 2])
def test_a_group_that_fails_leaves_nothing(fleet: Fleet, order: Ordering, shards: int | None) -> None:
    """Where an engine does not come up its words are quoted, nothing runs on, and the key is free again."""
    with pytest.raises(EngineStartError, match="no-such-thing"):
        fleet.start_group(order("orders", shards=shards, nodes=2, parameters={"no-such-thing": "1"}))
    assert fleet.pids() == ()
    fleet.start_group(order("orders", shards=shards, nodes=2))
    assert "primary" in fleet.roles("orders").values()


def test_somebody_else_on_every_address_is_an_error(fleet: Fleet, order: Ordering) -> None:
    """Where another program listens on 0.0.0.0 the error names the port, and nothing is started."""
    with socket.create_server(("0.0.0.0", 0)) as foreign:  # noqa: S104 - what the test is about
        port = foreign.getsockname()[1]
        with pytest.raises(EngineStartError, match=f"port {port}"):
            fleet.start_group(order("orders", port=port))
    assert fleet.pids() == ()


def test_an_engine_that_does_not_come_up_is_quoted(tmp_path: Path, order: Ordering) -> None:
    """An engine that tells its version and then fails is an error with its last words."""
    broken = tmp_path / "valkey-server"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && exec echo "Valkey server v=9.1.2"\necho boom\nexit 1\n')
    broken.chmod(0o755)
    fleet = Fleet(tmp_path / "fleet", binary=broken)
    with pytest.raises(EngineStartError, match="boom"):
        fleet.start_group(order("orders"))
    assert fleet.pids() == ()
    fleet.stop()


def test_a_missing_engine_is_an_error_at_once(tmp_path: Path) -> None:
    """A fleet without an engine is not made."""
    with pytest.raises(MissingToolError, match="/does/not/exist"):
        Fleet(tmp_path, binary=Path("/does/not/exist"))


def test_the_named_engine_runs(tmp_path: Path, order: Ordering, connect: Connecting) -> None:
    """The program that was named is the one that serves."""
    named = tmp_path / "my-server"
    named.symlink_to(binary.find(environment={}).path)
    fleet = Fleet(tmp_path / "fleet", binary=named)
    fleet.start_group(order("orders"))
    executable = connect(fleet.node_address("orders", "orders-001")).info("server")["executable"]
    fleet.stop()
    assert executable == str(named)
