"""Sharded groups that take all their data from another one, as secondaries of a global datastore in cluster mode do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import valkey
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.fleet import NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.lag import set_lag
from elasticache_kit.errors import RefusedError
from elasticache_kit.model.slot import even_ranges, key_slot
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

EAST, WEST = "east", "west"
PATIENCE = 60.0
# Long enough to be told from none on a busy machine.
LAG_SECONDS = 1.0
# As many of each shard, of which one is small.
NAMES = [f"kept-{number}" for number in range(5000)]
SMALL = [name for name in NAMES if key_slot(name.encode()) in range(101, 200)][:20]
KEYS = [*SMALL, *(name for name in NAMES[:20] if name not in SMALL)]
At = Callable[[str], Any]


@pytest.fixture(scope="module")
def world(shared_fleet: Fleet, order: Ordering) -> Fleet:
    """A primary of two shards of a node behind TLS, and a secondary of two nodes each; tests leave it like that."""
    shared_fleet.start_group(order(EAST, shards=2, tls=True))
    shared_fleet.start_group(order(WEST, shards=2, nodes=2, tls=True, source_key=EAST))
    return shared_fleet


@pytest.fixture
def at(world: Fleet) -> Iterator[At]:
    """Give the maker of stock cluster clients of a group."""
    with ExitStack() as cleanup:

        def make(key: str) -> Any:
            place, ca_file = world.configuration_endpoint(key) or "", str(world.ca_file)
            client: Any = ValkeyCluster(
                host=place, ssl=True, ssl_ca_certs=ca_file, decode_responses=True, socket_timeout=PATIENCE
            )
            cleanup.callback(client.close)
            return client

        yield make


def fill(client: Any, value: str) -> None:
    """Write keys of every shard."""
    for key in KEYS:
        client.set(key, value)


def arrive(client: Any, value: str) -> bool:
    """Wait until all keys have a value."""
    return Deadline(PATIENCE).wait_for(lambda: None if values(client) == {value} else "not yet") is None


def values(client: Any) -> set[str]:
    """Read all keys."""
    return {client.get(key) for key in KEYS}


def test_a_secondary_has_what_the_primary_has_and_takes_no_writes(world: Fleet, at: At) -> None:
    """In every shard, before and after failovers on both sides, planned and not."""
    east, west = at(EAST), at(WEST)
    fill(east, "1")
    assert arrive(west, "1")
    for key in KEYS:
        with pytest.raises(valkey.ReadOnlyError):
            west.set(key, "2")
    world.kill(WEST, "west-0001-001")
    world.promote(WEST, "west-0001-002")
    fill(east, "2")
    assert arrive(west, "2")
    world.recover(WEST, "west-0001-001")
    world.promote(WEST, "west-0001-001")
    world.restart(EAST, "east-0002-001")
    fill(east, "3")
    assert arrive(west, "3")
    assert digest(world, EAST) == digest(world, WEST)


def test_the_configuration_endpoint_names_all_nodes(world: Fleet, at: At, connect: Connecting) -> None:
    """Where each shard is led, and its replicas, which answer whoever says READONLY."""
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(world.ca_file)}
    client = connect(world.configuration_endpoint(WEST) or "", **tls)
    fill(at(EAST), "here")
    assert arrive(at(WEST), "here")
    endpoints = world.group(WEST).endpoints
    expected = {
        (endpoints[f"shard {shard:04}"].address, world.node_address(WEST, f"west-{shard:04}-{node:03}"))
        for shard in (1, 2)
        for node in (1, 2)
    }

    def missing() -> str | None:
        told = client.execute_command("CLUSTER SLOTS")
        pairs = {(primary[0], replica[0]) for _, _, primary, *replicas in told for replica in replicas}
        return None if pairs == expected else f"it tells of {pairs}"

    # Engines hear of each other's offsets within a second.
    assert Deadline(PATIENCE).wait_for(missing) is None
    for _, replica in expected:
        with connect(replica, **tls) as reader:
            assert reader.execute_command("READONLY")
            assert Deadline(PATIENCE).wait_for(lambda: None if reader.dbsize() else "it has nothing") is None


def test_roles_are_exchanged_without_loss(world: Fleet, at: At) -> None:
    """Under load: what was acknowledged is on both sides after, and back again; the old primary takes no writes."""
    fill(at(EAST), "kept")
    with Writer(lambda: at(EAST)) as writer:
        assert Deadline(PATIENCE).wait_for(lambda: None if writer.acknowledged > 50 else "too few") is None
        world.move_primary(EAST, WEST)
    written = digest(world, WEST, names=b"written-*")
    assert written[0] >= writer.acknowledged
    fill(at(WEST), "moved")
    east = at(EAST)
    assert arrive(east, "moved")
    with pytest.raises(valkey.ReadOnlyError):
        east.set(KEYS[0], "other")
    assert digest(world, EAST) == digest(world, WEST)
    # It is a cluster like any other: it fails over by itself, and clients find the replica.
    world.kill(WEST, "west-0001-001")
    world.promote(WEST, "west-0001-002")
    world.recover(WEST, "west-0001-001")
    world.promote(WEST, "west-0001-001")
    fill(at(WEST), "again")
    world.move_primary(WEST, EAST)
    assert arrive(at(EAST), "again")
    fill(at(EAST), "back")
    assert arrive(at(WEST), "back")


def test_another_region_is_behind_by_the_lag_and_loses_so_much(world: Fleet, at: At) -> None:
    """With a lag what was acknowledged last is not there when the primary dies; without one all of it is."""
    east, west = at(EAST), at(WEST)
    fill(east, "1")
    assert arrive(west, "1")
    set_lag(world.group(WEST), dict.fromkeys(world.group(WEST).nodes, LAG_SECONDS))
    begun = time.monotonic()
    fill(east, "2")
    assert arrive(west, "2")
    assert time.monotonic() - begun >= LAG_SECONDS * 0.9
    east.set(KEYS[0], "late")
    lose(world, EAST)
    world.move_primary(EAST, WEST)
    set_lag(world.group(WEST), dict.fromkeys(world.group(WEST).nodes, 0))
    assert values(at(WEST)) == {"2"}
    give_back(world, EAST)
    assert arrive(at(EAST), "2")
    world.move_primary(WEST, EAST)
    # The same without a lag.
    fill(at(EAST), "3")
    lose(world, EAST)
    world.move_primary(EAST, WEST)
    assert values(at(WEST)) == {"3"}
    give_back(world, EAST)
    world.move_primary(WEST, EAST)


def lose(world: Fleet, key: str) -> None:
    """Kill all nodes of a group, first those of the shard that was written to last."""
    for name in reversed(list(world.group(key).nodes)):
        world.kill(key, name)


def give_back(world: Fleet, key: str) -> None:
    """Bring all nodes of a group back, which has become a secondary."""
    for name in world.group(key).nodes:
        world.restart(key, name)


def test_both_sides_get_other_shards(world: Fleet, at: At) -> None:
    """The primary under load and without loss, then the secondary anew behind it, with the same slots and keys."""
    fill(at(EAST), "1")
    before = digest(world, EAST, names=b"kept-*")
    wanted = {f"{number:04}": text for number, text in enumerate(even_ranges(3), start=1)}
    with Writer(lambda: at(EAST)) as writer:
        world.reshard(EAST, wanted, new=[shard(EAST, 3, 1)])
    world.rebuild(WEST, EAST, wanted, new=[shard(WEST, 3, 2)])
    assert writer.wrong == []
    assert digest(world, EAST, names=b"kept-*") == before
    assert digest(world, EAST) == digest(world, WEST)
    fill(at(EAST), "2")
    assert arrive(at(WEST), "2")
    world.promote(WEST, "west-0003-002")
    fill(at(EAST), "3")
    assert arrive(at(WEST), "3")
    fewer = {"0001": "0-100,200-16383", "0002": "101-199"}
    world.reshard(EAST, fewer)
    world.rebuild(WEST, EAST, fewer)
    assert set(world.roles(WEST)) == {f"west-{number:04}-{node:03}" for number in (1, 2) for node in (1, 2)}
    assert digest(world, EAST) == digest(world, WEST)
    fill(at(EAST), "4")
    assert arrive(at(WEST), "4")


def shard(key: str, number: int, nodes: int) -> NodeGroupPlan:
    """Plan a shard of so many nodes."""
    names = (f"{key}-{number:04}-{node:03}" for node in range(1, nodes + 1))
    return NodeGroupPlan(node_group_id=f"{number:04}", nodes=tuple(NodePlan(cache_cluster_id=name) for name in names))


def test_a_secondary_is_changed(world: Fleet, at: At) -> None:
    """Its nodes are replaced, a replica comes and goes, TLS goes and comes, and it follows all the time."""
    fill(at(EAST), "1")
    before = {name: node.engine.pid for name, node in world.group(WEST).nodes.items()}
    world.replace_nodes(WEST, {"maxmemory": "100mb"})
    after = world.group(WEST).nodes
    assert all(node.engine.pid not in (None, before[name]) for name, node in after.items())
    assert [name for name, node in after.items() if world.group(WEST).is_primary(node)] == [
        "west-0001-001",
        "west-0002-001",
    ]
    fill(at(EAST), "2")
    assert arrive(at(WEST), "2")
    world.add_replica(WEST, "0002", NodePlan(cache_cluster_id="west-0002-003"))
    world.remove_replica(WEST, "west-0002-003")
    world.change_tls(WEST, tls=False)
    world.change_tls(WEST, tls=True)
    fill(at(EAST), "3")
    assert arrive(at(WEST), "3")


def test_one_shard_and_a_secondary_that_is_let_go(world: Fleet, order: Ordering, at: At) -> None:
    """With one shard engines refuse writes in other words; alone it takes them and keeps what it had."""
    world.start_group(order("one", shards=1, tls=True))
    world.start_group(order("two", shards=1, tls=True, source_key="one"))
    fill(at("one"), "1")
    two = at("two")
    assert arrive(two, "1")
    place = valkey.Valkey(host=world.node_address("two", "two-0001-001"), ssl=True, ssl_ca_certs=str(world.ca_file))
    with place, pytest.raises(valkey.ResponseError, match="CLUSTERDOWN"):
        place.set(KEYS[0], "2")
    world.follow("two", None)
    fill(at("two"), "2")
    assert at("one").get(KEYS[0]) == "1"
    with pytest.raises(RefusedError, match="it is in cluster mode"):
        world.follow("two", next(iter(world.group("one").feed().values())))
