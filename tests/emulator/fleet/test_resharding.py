"""Shards come and go under load, and no key is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.emulator.fleet import Fleet, NodeGroupPlan, NodePlan, resharding
from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.key_by_key import move_slots
from elasticache_kit.errors import RefusedError
from elasticache_kit.model.slot import SLOTS, even_ranges, key_slot
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

KEY = "orders"
KEYS = range(2000)


def shards(slots: tuple[str, ...]) -> dict[str, str]:
    """Number shards."""
    return {f"{number:04}": text for number, text in enumerate(slots, start=1)}


def new_shard(number: int) -> NodeGroupPlan:
    """Plan a shard of a primary and a replica."""
    names = (f"{KEY}-{number:04}-{node:03}" for node in (1, 2))
    return NodeGroupPlan(node_group_id=f"{number:04}", nodes=tuple(NodePlan(cache_cluster_id=name) for name in names))


@pytest.fixture(scope="module")
def cluster(shared_fleet: Fleet, order: Ordering) -> Iterator[Fleet]:
    """A fleet with two shards of a primary and a replica each, behind TLS."""
    shared_fleet.start_group(order(KEY, shards=2, nodes=2, tls=True))
    yield shared_fleet
    shared_fleet.stop_group(KEY)


@pytest.fixture
def client(cluster: Fleet, connect_cluster: Connecting) -> Any:
    """A cluster client with data in every shard."""
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(cluster.ca_file)}
    client = connect_cluster(cluster.configuration_endpoint(KEY) or "", **tls)
    for key in KEYS:
        client.set(f"kept-{key}", key)
    return client


def owned(fleet: Fleet) -> dict[str, int]:
    """Ask each shard's primary how many slots it has."""
    group = fleet.group(KEY)
    assert isinstance(group, ElasticGroup)
    found: dict[str, int] = {}
    for node_group in group.plan.node_groups:
        node = group.leader(node_group.node_group_id)
        with node.engine.admin() as admin:
            ranges = admin.command("CLUSTER", "SLOTS")
        assert isinstance(ranges, list)
        found[node_group.node_group_id] = sum(
            int(str(last)) - int(str(first)) + 1
            for first, last, primary, *_ in (entry for entry in ranges if isinstance(entry, list))
            if isinstance(primary, list) and primary[0] == node.address
        )
    return found


@pytest.mark.engine
def test_shards_come_and_go_under_load(cluster: Fleet, client: Any) -> None:
    """Out to four shards, uneven slots, in to one, and no key is lost, doubled or changed; progress is told."""
    before, told = digest(cluster, KEY, names=b"kept-*"), list[float]()
    with Writer(lambda: client) as writer:
        wanted = shards(even_ranges(4))
        cluster.reshard(KEY, wanted, new=[new_shard(3), new_shard(4)], progress=told.append)
        assert set(owned(cluster).values()) == {SLOTS // 4}
        assert told == sorted(told)
        assert (told[0], told[-1]) == (0.0, 1.0)
        wanted["0001"], wanted["0004"] = "0-9,12288-16383", "10-4095"
        cluster.reshard(KEY, wanted)
        assert owned(cluster)["0001"] == 10 + 4096
        cluster.promote(KEY, f"{KEY}-0004-002")
        assert digest(cluster, KEY, names=b"kept-*") == before
        cluster.reshard(KEY, {"0002": "0-16383"})
        assert owned(cluster) == {"0002": SLOTS}
    assert writer.wrong == []
    assert writer.acknowledged > 0
    assert digest(cluster, KEY, names=b"kept-*") == before
    assert digest(cluster, KEY, names=b"written-*")[0] == writer.acknowledged
    assert set(cluster.roles(KEY)) == {f"{KEY}-0002-001", f"{KEY}-0002-002"}
    # And the names can be used again.
    cluster.reshard(KEY, shards(("0-100,200-16383", "101-199")), new=[new_shard(1)])
    assert cluster.roles(KEY)[f"{KEY}-0001-002"] == "replica"
    assert digest(cluster, KEY, names=b"kept-*") == before


@pytest.mark.engine
def test_a_shard_that_has_moved_fails_over_and_recovers(cluster: Fleet, client: Any) -> None:
    """A node that is replaced after slots have moved finds the present slots, not those of the start."""
    cluster.reshard(KEY, shards(even_ranges(2)))
    before = digest(cluster, KEY, names=b"kept-*")
    for node in client.get_primaries():
        assert client.execute_command("WAIT", 1, 5000, target_nodes=node) == 1
    name, other = (f"{KEY}-0001-{number:03}" for number in (1, 2))
    cluster.promote(KEY, name)
    cluster.kill(KEY, name)
    cluster.promote(KEY, other)
    cluster.recover(KEY, name)
    assert cluster.roles(KEY)[name] == "replica"
    assert digest(cluster, KEY, names=b"kept-*") == before


@pytest.mark.engine
def test_older_engines_move_key_by_key(cluster: Fleet, client: Any) -> None:
    """The road without MIGRATESLOTS: a slot with its keys goes over, and clients follow."""
    cluster.reshard(KEY, shards(even_ranges(2)))
    group = cluster.group(KEY)
    assert isinstance(group, ElasticGroup)
    slot = key_slot("kept-7")
    source, target = ("0001", "0002") if slot < SLOTS // 2 else ("0002", "0001")
    client.set("{kept-7}\x00\udcff".encode(errors="surrogateescape"), "a key that is no text")
    before = digest(cluster, KEY)
    move_slots(group, [slot], group.leader(source), group.leader(target))
    assert digest(cluster, KEY) == before
    assert owned(cluster)[target] == SLOTS // 2 + 1
    assert client.get("kept-7") == "7"


@pytest.mark.engine
@pytest.mark.usefixtures("redis_server")
def test_shards_of_redis_oss_come_and_go_under_load(
    shared_fleet: Fleet, order: Ordering, connect_cluster: Connecting
) -> None:
    """Redis OSS 7.0 has no other road, also behind TLS: no key is lost, doubled or changed."""
    shared_fleet.start_group(order("carts", shards=1, nodes=2, tls=True, engine="redis", engine_version="7.0"))
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(shared_fleet.ca_file)}
    client = connect_cluster(shared_fleet.configuration_endpoint("carts") or "", **tls)
    for key in KEYS:
        client.set(f"kept-{key}", key)
    before = digest(shared_fleet, "carts", names=b"kept-*")
    names = (NodePlan(cache_cluster_id=f"carts-0002-{node:03}") for node in (1, 2))
    with Writer(lambda: client) as writer:
        new = [NodeGroupPlan(node_group_id="0002", nodes=tuple(names))]
        shared_fleet.reshard("carts", shards(("0-14335", "14336-16383")), new=new)
        assert digest(shared_fleet, "carts", names=b"kept-*") == before
        assert set(shared_fleet.roles("carts").values()) == {"primary", "replica"}
        shared_fleet.reshard("carts", {"0001": "0-16383"})
    assert writer.wrong == []
    assert writer.acknowledged > 0
    assert digest(shared_fleet, "carts", names=b"kept-*") == before
    assert digest(shared_fleet, "carts", names=b"written-*")[0] == writer.acknowledged
    shared_fleet.stop_group("carts")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("slots", "reasons"),
    [
        ({"0001": "0-16382"}, ["1 slots are in no node group"]),
        ({"0001": "0-16383", "0002": "0-0"}, ["1 slots are in several node groups"]),
        ({"0001": "0-99", "0009": "100-16383"}, ["node group 0009 is not there, and its nodes are not given"]),
    ],
)
def test_slots_that_do_not_fit_are_refused(cluster: Fleet, slots: Mapping[str, str], reasons: list[str]) -> None:
    """Every slot must be in just one shard that is known; nothing is changed."""
    before = owned(cluster)
    with pytest.raises(RefusedError) as caught:
        cluster.reshard(KEY, slots)
    assert list(caught.value.reasons) == reasons
    assert owned(cluster) == before


@pytest.mark.engine
def test_a_group_without_cluster_mode_is_not_resharded(shared_fleet: Fleet, order: Ordering) -> None:
    """It has no slots."""
    shared_fleet.start_group(order("plain"))
    with pytest.raises(RefusedError, match="cluster mode is disabled"):
        shared_fleet.reshard("plain", {"0001": "0-16383"})


ASSIGNMENTS = st.lists(st.integers(min_value=0, max_value=3), min_size=30, max_size=30)


@given(ASSIGNMENTS, ASSIGNMENTS)
def test_moves_lead_from_one_layout_to_the_other(present: list[int], wanted: list[int]) -> None:
    """After all moves every slot is where it shall be, and none has moved that was there."""
    layouts = [
        {str(name): frozenset(slot for slot, owner in enumerate(layout) if owner == name) for name in range(4)}
        for layout in (present, wanted)
    ]
    due = resharding.moves(*layouts)
    after = list(present)
    for (source, target), slots in due.items():
        for slot in slots:
            assert after[slot] == int(source)
            after[slot] = int(target)
    assert after == wanted
    assert sum(map(len, due.values())) == sum(one != other for one, other in zip(present, wanted, strict=True))


@given(st.frozensets(st.integers(min_value=0, max_value=50)))
def test_ranges_hold_just_the_slots(slots: frozenset[int]) -> None:
    """Ranges do not overlap or touch."""
    found = resharding.ranges(slots)
    assert [slot for first, last in found for slot in range(first, last + 1)] == sorted(slots)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))
