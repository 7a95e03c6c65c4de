"""Groups that are changed while something is broken: the change comes to its end, and so does what was broken."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from valkey import Valkey

from tests.emulator.outage.member import primary_of, replicas_of
from tests.emulator.wire import available, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.server import Emulator
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

NODE_TYPE = [{"CacheNodeType": "cache.t4g.medium"}, {"CacheNodeType": "cache.t4g.small"}]
CLUSTER_MODE = [{"ClusterMode": "compatible"}, {"ClusterMode": "disabled"}]
LAG_SECONDS = 0.5


def fleet_group(emulator: Emulator) -> Group:
    """Give the engines of `orders`."""
    assert emulator.fleet is not None
    return emulator.fleet.group(f"{emulator.account_id}/eu-west-1/orders")


def delay(emulator: Emulator) -> float:
    """Measure how long a write takes to a replica."""
    group = fleet_group(emulator)
    addresses = {group.is_primary(node): node.address for node in group.nodes.values()}
    primary: Any
    replica: Any
    with Valkey(host=addresses[True]) as primary, Valkey(host=addresses[False]) as replica:
        if group.plan.cluster_mode:
            replica.execute_command("READONLY")
        value, begun = str(time.time()).encode(), time.monotonic()
        primary.set("probe", value)
        until(lambda: replica.get("probe"), lambda seen: seen == value)
        return time.monotonic() - begun


@pytest.mark.parametrize("changes", [NODE_TYPE, CLUSTER_MODE], ids=["node-type", "cluster-mode"])
def test_a_lag_outlives_the_nodes_that_have_it(
    emulator: Emulator, api: Any, ask: Asking, end: Ending, changes: list[dict[str, str]]
) -> None:
    """Every process is another one after each change, and replicas are as late as before until the fault ends."""
    begun = ask("replication-lag", ReplicationGroupId="orders", Milliseconds=int(LAG_SECONDS * 1000))
    for change in changes:
        before = {node.engine.pid for node in fleet_group(emulator).nodes.values()}
        api.modify_replication_group(ReplicationGroupId="orders", ApplyImmediately=True, **change)
        seen = available(api)
        assert change.items() <= seen.items()
        assert not before & {node.engine.pid for node in fleet_group(emulator).nodes.values()}
        assert delay(emulator) >= LAG_SECONDS * 0.7
    end(begun)
    # A busy machine may be late itself, but not each time.
    until(lambda: delay(emulator), lambda seconds: seconds < LAG_SECONDS * 0.7)


@pytest.mark.parametrize("kind", ["slow-engine", "partition"])
def test_a_node_that_is_replaced_is_not_what_was_broken(
    emulator: Emulator, api: Any, ask: Asking, end: Ending, kind: str
) -> None:
    """Changes find their way, all nodes take part when the fault has ended, and no key is gone."""
    told: dict[str, Any] = {"CacheClusterId": primary_of(api), "Milliseconds": 20}
    if kind == "partition":
        told = {"CacheClusterId": replicas_of(api)[0], "From": "clients"}
    with Valkey(host=available(api)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]) as client:
        client.set("kept", kind)
    begun = ask(kind, **told)
    for change in CLUSTER_MODE if kind == "slow-engine" else NODE_TYPE:
        api.modify_replication_group(ReplicationGroupId="orders", ApplyImmediately=True, **change)
        assert change.items() <= available(api).items()
    end(begun)
    group = fleet_group(emulator)
    assert sorted(group.roles().values()) == ["primary", "replica", "replica"]
    with Valkey(host=available(api)["NodeGroups"][0]["PrimaryEndpoint"]["Address"]) as client:
        assert client.get("kept") == kind.encode()
