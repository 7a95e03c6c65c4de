"""Groups that are started in the way of large ones."""

from __future__ import annotations

import resource
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.cluster_view import ignorance, misdirection
from elasticache_kit.emulator.fleet.large_group import STARTING_TIMEOUT, LargeGroup
from elasticache_kit.model.slot import even_ranges

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting

pytestmark = pytest.mark.engine

KEYS = 500


def order(key: str, shards: int, nodes: int, *, tls: bool = False) -> GroupPlan:
    """Order so many shards of so many nodes."""
    return GroupPlan(
        key=key,
        cluster_mode=True,
        tls=tls,
        node_groups=tuple(
            NodeGroupPlan(
                node_group_id=f"{shard:04}",
                slots=slots,
                nodes=tuple(NodePlan(cache_cluster_id=f"{key}-{shard:04}-{node:03}") for node in range(1, nodes + 1)),
            )
            for shard, slots in enumerate(even_ranges(shards), start=1)
        ),
    )


def test_every_node_has_the_role_that_was_planned(fleet: Fleet, connect_cluster: Connecting) -> None:
    """A stock client finds all shards, writes to all of them, and replicas have what it wrote."""
    plan = order("orders", shards=4, nodes=2)
    # A fleet makes small groups in another way.
    group = LargeGroup(plan, fleet._workshop(plan))  # pyright: ignore[reportPrivateUsage] -- see above
    group.start()
    try:
        assert group.roles() == {
            node.cache_cluster_id: "primary" if number == 0 else "replica"
            for shard in plan.node_groups
            for number, node in enumerate(shard.nodes)
        }
        # From the start on, and at each of them: clients may ask any.
        ids = {node.node_group_id: group.node_id(node) for node in group.firsts}
        expected = {group.node_id(node): ids[node.node_group_id] for node in group.nodes.values()}
        for node in group.nodes.values():
            with node.engine.admin() as admin:
                assert ignorance(admin, expected) is None
                # The negative control: nobody tells of one that there is not.
                assert ignorance(admin, {**expected, "0" * 40: "0" * 40}) is not None
        client = connect_cluster(group.endpoints["configuration"].address)
        assert len(client.get_primaries()) == len(plan.node_groups)
        for key in range(KEYS):
            assert client.set(f"key-{key}", key)
        sizes: dict[str, int] = client.dbsize(target_nodes=client.PRIMARIES)
        assert sum(sizes.values()) == KEYS if isinstance(sizes, dict) else sizes == KEYS
        for node in client.get_primaries():
            assert client.execute_command("WAIT", 1, 5000, target_nodes=node) == 1
        group.promote("orders-0002-002")
        assert group.roles()["orders-0002-001"] == "replica"
    finally:
        group.stop()


def test_every_node_knows_the_port_of_clients_behind_tls(fleet: Fleet) -> None:
    """From the start on: all begin to talk at once, and the first messages do not tell of it."""
    plan = order("orders", shards=6, nodes=2, tls=True)
    group = LargeGroup(plan, fleet._workshop(plan))  # pyright: ignore[reportPrivateUsage] -- as above
    group.start()
    try:
        addresses = {node.address for node in group.nodes.values()}
        for node in group.nodes.values():
            with node.engine.admin() as admin:
                assert misdirection(admin, plan.port, addresses) is None
                # The negative control: none of them has its engines' own port for that.
                assert misdirection(admin, group.workshop.engine_port, addresses) is not None
    finally:
        group.stop()


@pytest.mark.parametrize(("shards", "hertz", "milliseconds"), [(30, "10", "15000"), (200, "5", "80000")])
def test_the_more_nodes_there_are_the_less_each_of_them_does(
    fleet: Fleet, shards: int, hertz: str, milliseconds: str
) -> None:
    """Together they wake and talk about as often as those of a smaller group, once they have started."""
    plan = order("orders", shards, nodes=1)
    group = LargeGroup(plan, fleet._workshop(plan))  # pyright: ignore[reportPrivateUsage] -- as above
    settings = group._settings(group.firsts[0])  # pyright: ignore[reportPrivateUsage] -- what a node would start with
    assert (settings["hz"], settings["cluster-node-timeout"]) == (hertz, milliseconds)
    group.stop()


def test_nodes_of_a_group_that_has_started_wait_as_long_for_each_other_as_was_asked(fleet: Fleet) -> None:
    """What they start with is for the start alone."""
    plan = replace(order("orders", shards=2, nodes=1), parameters={"cluster-node-timeout": "7000"})
    group = LargeGroup(plan, fleet._workshop(plan))  # pyright: ignore[reportPrivateUsage] -- as above
    group.start()
    try:
        for node in group.nodes.values():
            with node.engine.admin() as admin:
                assert admin.command("CONFIG", "GET", "cluster-node-timeout") == ["cluster-node-timeout", "7000"]
            assert f'"{STARTING_TIMEOUT}"' in (node.engine.directory / "engine.conf").read_text()
    finally:
        group.stop()


@pytest.mark.prove
@pytest.mark.calm
@pytest.mark.parametrize(("shards", "nodes"), [(90, 1), (250, 2), (500, 1)])
def test_the_largest_shapes_run(fleet: Fleet, connect_cluster: Connecting, shards: int, nodes: int) -> None:
    """Every node is a process, and a stock cluster client writes to every shard."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < 4 * shards * nodes:
        pytest.skip(f"a process may have {files} files open, and each node has links to all others")
    fleet.start_group(order("orders", shards, nodes))
    assert len(fleet.pids()) == shards * nodes
    client = connect_cluster(fleet.configuration_endpoint("orders") or "", socket_timeout=30)
    for slots in fleet.group("orders").plan.node_groups:
        assert client.set(f"{{{_key_of(slots.slots or '', client)}}}", slots.node_group_id)


def _key_of(slots: str, client: object) -> str:
    """Find a key in the first range of slots."""
    first, _, last = slots.partition(",")[0].partition("-")
    wanted = range(int(first), int(last or first) + 1)
    keyslot = getattr(client, "keyslot")  # noqa: B009 -- the client has no types
    return next(str(number) for number in range(10**6) if keyslot(str(number)) in wanted)
