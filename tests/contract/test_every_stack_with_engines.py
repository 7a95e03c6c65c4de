"""Every stack but the global datastore's, by the real CDK CLI, with an engine process behind every node."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.fleet.admin import Admin, ReplyError
from elasticache_kit.pytest_plugin import ClusterFactory
from tests.contract.every_stack import (
    AT_ONCE,
    CACHES,
    CHANGED,
    EVERYWHERE,
    Place,
    bootstrapped,
    check_gone,
    deploy,
    stacks_of,
    synthesize,
)
from tests.emulator.fleet.contents import digest
from tests.emulator.wire import available

# With engines no global datastore is made, and the emulator says so.
STACKS = "!*global-datastore*"
KEYS = 200
ACCOUNT = "123456789012/eu-west-1"

pytestmark = [pytest.mark.cli, pytest.mark.engine, pytest.mark.prove, pytest.mark.usefixtures("memcached")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An emulator with engines whose Regions are bootstrapped."""
    with bootstrapped(tmp_path_factory.mktemp("place"), engines=True) as made:
        clusters = ClusterFactory(LocalAccount(made.emulator))
        # The log of the process that ends TLS is the emulator's own, and there with the first group.
        first = clusters(tls=True)
        clusters.close()
        first.account.client("elasticache").delete_replication_group(ReplicationGroupId=first.replication_group_id)
        yield made


def fill(place: Place, group: str) -> tuple[int, str]:
    """Write keys into a group and return how many there are, and their digest."""
    fleet = place.emulator.fleet
    assert fleet is not None
    key = f"{ACCOUNT}/{group}"
    for name, role in fleet.roles(key).items():
        if role == "primary":
            with fleet.group(key).node(name).engine.admin() as admin:
                write(admin)
    held = digest(fleet, key)
    assert held[0] == KEYS
    return held


def write(admin: Admin) -> None:
    """Write the keys that are this node's."""
    for number in range(KEYS):
        # Another node has the slot of the key.
        with contextlib.suppress(ReplyError):
            admin.command("SET", f"key:{number}", str(number))


def endpoints(place: Place) -> set[tuple[str, int]]:
    """Return where nodes and caches answer."""
    api = place.clients["eu-west-1"]("elasticache")
    nodes = [
        node["Endpoint"]
        for cluster in api.describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
        for node in cluster["CacheNodes"]
    ]
    caches = [item["Endpoint"] for item in api.describe_serverless_caches()["ServerlessCaches"]]
    return {(item["Address"], item["Port"]) for item in [*nodes, *caches]}


def answers(endpoint: tuple[str, int]) -> bool:
    """Tell whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection(endpoint, timeout=5):
        return True
    return False


def alive(pids: tuple[int, ...]) -> list[int]:
    """Return the processes that there still are."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_deployed_changed_and_gone_with_the_data_kept(place: Place, tmp_path: Path) -> None:
    """No difference, no drift, no cache made anew by a change; then nothing but final snapshots, with all keys."""
    first, second = synthesize({}, tmp_path / "first"), synthesize({**CHANGED, **EVERYWHERE}, tmp_path / "second")
    api: Any = place.clients["eu-west-1"]("elasticache")
    fleet, before = place.emulator.fleet, place.holds()
    assert fleet is not None
    deploy(place, first, *stacks_of(first, STACKS))
    made = {kind: place.of(kind) for kind in CACHES if kind != "CacheClusters"}
    held = {
        item["ReplicationGroupId"]: fill(place, item["ReplicationGroupId"])
        for item in api.describe_replication_groups()["ReplicationGroups"]
    }
    pids, listening = fleet.pids(), endpoints(place)

    same = place.cdk("diff", first, *stacks_of(first, STACKS), "--fail", "--method", "template")
    in_sync = place.cdk("drift", first, *stacks_of(first, STACKS), "--fail")
    deploy(place, second, *stacks_of(second, STACKS))
    changed = {kind: place.of(kind) for kind in made}
    kept = {name: digest(fleet, f"{ACCOUNT}/{name}") for name in held}
    after = place.cdk("diff", second, *stacks_of(second, STACKS), "--fail", "--method", "template")
    pids, listening = {*pids, *fleet.pids()}, listening | endpoints(place)
    heard = [endpoint for endpoint in endpoints(place) if not answers(endpoint)]
    gone = place.cdk("destroy", second, *stacks_of(second, STACKS), *AT_ONCE, "--force")

    assert (same.code, in_sync.code, after.code, gone.code) == (0, 0, 0, 0), same.text + after.text + gone.text
    assert (changed, kept) == (made, held)
    assert len(held) > 2
    assert len(pids) > len(listening) > 10
    assert heard == []
    assert fleet.pids() == ()
    assert alive(tuple(pids)) == []
    assert [endpoint for endpoint in listening if answers(endpoint)] == []
    restored = restore(place, held)
    assert restored
    assert restored == {name: held[name] for name in restored}
    check_gone(place, before, second, STACKS)


def restore(place: Place, held: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """Make a group from each final snapshot, read it, and remove it; by the group that each snapshot is of."""
    api: Any = place.clients["eu-west-1"]("elasticache")
    found: dict[str, tuple[int, str]] = {}
    fleet = place.emulator.fleet
    assert fleet is not None
    for number, taken in enumerate(api.describe_snapshots()["Snapshots"]):
        source, name = taken["ReplicationGroupId"], f"restored-{number}"
        assert source in held
        shards, major = taken.get("NumNodeGroups", 1), taken["EngineVersion"].partition(".")[0]
        shape: dict[str, Any] = (
            {"NumNodeGroups": shards, "CacheParameterGroupName": f"default.{taken['Engine']}{major}.cluster.on"}
            if shards > 1
            else {"NumCacheClusters": 1}
        )
        api.create_replication_group(
            ReplicationGroupId=name, ReplicationGroupDescription="d", SnapshotName=taken["SnapshotName"],
            Engine=taken["Engine"], EngineVersion=taken["EngineVersion"], CacheNodeType="cache.t4g.small",
            TransitEncryptionEnabled=False, AutomaticFailoverEnabled=shards > 1, **shape,
        )  # fmt: skip
        available(api, name)
        found[source] = digest(fleet, f"{ACCOUNT}/{name}")
        api.delete_replication_group(ReplicationGroupId=name, RetainPrimaryCluster=False)
        api.get_waiter("replication_group_deleted").wait(
            ReplicationGroupId=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
        )
    return found
