"""read_from="az": reads land in the zone of the client, by what the engines have counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from glide_shared import NodeAddress

from elasticache_kit.cache import connect, connect_async
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.model.environment import CacheEnvironment

pytestmark = pytest.mark.engine

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
READS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """A shard with its primary in the first zone and a replica in each other one."""

    fleet: Fleet
    key: str

    def node(self, zone: str) -> str:
        """Name the node of a zone."""
        return f"{self.key}-{zone[-1]}"

    @property
    def environ(self) -> dict[str, str]:
        """What an application is told of it."""
        configuration = self.fleet.configuration_endpoint(self.key)
        return CacheEnvironment(
            endpoint=configuration or self.fleet.primary_endpoint(self.key) or "",
            reader_endpoint=self.fleet.reader_endpoint(self.key),
            topology="cluster-mode-enabled" if configuration else "cluster-mode-disabled",
            ca_file=str(self.fleet.ca_file),
        ).to_env()

    def options(self, zone: str) -> dict[str, Any]:
        """What a client of a zone asks for: without cluster mode it must be told of all nodes."""
        nodes = self.fleet.group(self.key).nodes.values()
        addresses = [NodeAddress(node.address, 6379) for node in nodes]
        told = {} if self.fleet.configuration_endpoint(self.key) else {"addresses": addresses}
        return {"read_from": "az", "availability_zone": zone, "library": "glide", **told}

    def counted(self) -> dict[str, int]:
        """Ask the nodes that live how many GETs they have served, by zone."""
        found: dict[str, int] = {}
        for zone in ZONES:
            node = self.fleet.group(self.key).node(self.node(zone))
            if node.engine.alive:
                with node.engine.admin() as admin:
                    line = admin.info("commandstats").get("cmdstat_get", "calls=0,")
                found[zone] = int(line.removeprefix("calls=").split(",")[0])
        return found


@pytest.fixture(scope="module", params=["cluster", "standalone"])
def group(engines: Fleet, request: pytest.FixtureRequest) -> Iterator[Group]:
    """One with each cluster mode, behind TLS, with a key that all nodes have."""
    key, cluster_mode = f"zones-{request.param}", request.param == "cluster"
    made = Group(engines, key)
    nodes = tuple(NodePlan(cache_cluster_id=made.node(zone), availability_zone=zone) for zone in ZONES)
    shard = NodeGroupPlan(node_group_id="0001", nodes=nodes, slots="0-16383" if cluster_mode else None)
    engines.start_group(GroupPlan(key=key, node_groups=(shard,), cluster_mode=cluster_mode, tls=True))
    with engines.group(key).node(made.node(ZONES[0])).engine.admin() as admin:
        admin.commands([("SET", "key", "value"), ("WAIT", 2, 5000)])
    yield made
    engines.stop_group(key)


def served(group: Group, client: Any) -> dict[str, int]:
    """Read, and say in which zones that was served."""
    before = group.counted()
    assert {client.get("key") for _ in range(READS)} == {b"value"}
    return {zone: calls - before[zone] for zone, calls in group.counted().items() if calls > before[zone]}


@pytest.mark.parametrize("zone", ZONES[1:])
def test_reads_land_in_the_zone_of_the_client(group: Group, zone: str) -> None:
    """All of them, at the replica that is there; writes go to the primary wherever it is."""
    client = connect(environ=group.environ, **group.options(zone))
    assert served(group, client) == {zone: READS}
    assert client.set("other", "value") == "OK"
    client.close()


def test_reads_land_there_with_asyncio(group: Group) -> None:
    """The same for asyncio."""

    async def use() -> dict[str, int]:
        client = await connect_async(environ=group.environ, **group.options(ZONES[2]))
        before = group.counted()
        assert {await client.get("key") for _ in range(READS)} == {b"value"}
        after = group.counted()
        assert await client.set("other", "value") == "OK"
        await client.close()
        return {zone: calls - before[zone] for zone, calls in after.items() if calls > before[zone]}

    assert asyncio.run(use()) == {ZONES[2]: READS}


@pytest.mark.parametrize(("read_from", "zones"), [("replica", set(ZONES[1:])), ("primary", {ZONES[0]})])
def test_without_it_they_land_elsewhere(
    group: Group, read_from: Literal["replica", "primary"], zones: set[str]
) -> None:
    """The negative control: replicas take turns, of which a reader endpoint gives one; or the primary serves all."""
    client = connect(environ=group.environ, read_from=read_from, library="glide")
    found = served(group, client).keys()
    assert found <= zones
    assert len(found) == (len(zones) if group.fleet.configuration_endpoint(group.key) else 1)
    client.close()


def test_reads_go_on_where_the_replica_of_the_zone_is_gone(group: Group) -> None:
    """The other replica serves the client that was connected before, and that of the zone does once it is back."""
    client = connect(environ=group.environ, **group.options(ZONES[1]))
    assert served(group, client) == {ZONES[1]: READS}
    group.fleet.kill(group.key, group.node(ZONES[1]))

    def unserved() -> str | None:
        try:
            return None if client.get("key") == b"value" else "it has no value"
        except Exception as error:  # noqa: BLE001 - glide has many errors for a connection that is gone
            return str(error)

    assert Deadline(20).wait_for(unserved) is None
    assert ZONES[2] in served(group, client)
    group.fleet.recover(group.key, group.node(ZONES[1]))
    again = connect(environ=group.environ, **group.options(ZONES[1]))
    assert served(group, again) == {ZONES[1]: READS}
    again.close()
    client.close()
