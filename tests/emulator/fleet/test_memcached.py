"""Real Memcached nodes, their configuration endpoint, and stock clients."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import emcache
import pytest
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

from elasticache_kit.emulator.fleet import Fleet, MemcachedPlan
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.memcached import binary as memcached_binary
from elasticache_kit.errors import EngineStartError, MissingToolError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster

pytestmark = pytest.mark.engine

KEY = "sessions"
PORT = 11211
PATIENCE = 60.0
KEYS = [f"key-{number}" for number in range(200)]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def cluster(
    request: pytest.FixtureRequest, memcached: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MemcachedCluster]:
    """A cluster of three nodes."""
    assert memcached
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet.start_memcached(MemcachedPlan(key=KEY, nodes=("0001", "0002", "0003"), threads=2, tls=request.param))
    fleet.stop()
    assert fleet.pids() == ()


def trust(cluster: MemcachedCluster) -> ssl.SSLContext | None:
    """Give the TLS settings of a client, None where the cluster has no TLS."""
    return ssl.create_default_context(cafile=cluster.ca_file) if cluster.plan.tls else None


def discovered(cluster: MemcachedCluster) -> tuple[int, list[str]]:
    """Ask the configuration endpoint, as AWS documents it: a version and the nodes' addresses."""
    client = Client((cluster.configuration_endpoint, PORT), tls_context=trust(cluster), timeout=PATIENCE)
    said: bytes = client.raw_command(b"config get cluster", end_tokens=b"\n\r\nEND\r\n")
    client.close()
    head, version, nodes = said.splitlines()[:3]
    assert head.startswith(b"CONFIG cluster 0 ")
    return int(version), [node.split("|")[1] for node in nodes.decode().split()]


def spread(cluster: MemcachedCluster) -> Any:
    """Make a client that spreads keys over the nodes that the configuration endpoint names."""
    _, nodes = discovered(cluster)
    servers = [(node, PORT) for node in nodes]
    return HashClient(servers, tls_context=trust(cluster), timeout=PATIENCE, default_noreply=False)


def items(cluster: MemcachedCluster) -> dict[str, int]:
    """Ask every living node how many items it has."""
    return {name: int(cluster.stats(name)["curr_items"]) for name, alive in cluster.alive.items() if alive}


def test_keys_are_spread_over_the_nodes(cluster: MemcachedCluster) -> None:
    """A stock client that was told of the nodes has each key on one of them."""
    client = spread(cluster)
    for key in KEYS:
        assert client.set(key, key)
    assert [client.get(key) for key in KEYS] == [key.encode() for key in KEYS]
    held = items(cluster)
    assert sum(held.values()) == len(KEYS)
    assert all(held.values())
    client.close()


def test_threads_are_those_of_the_plan(cluster: MemcachedCluster) -> None:
    """And the memory, too."""
    for name in cluster.addresses:
        assert cluster.stats(name, "settings")["num_threads"] == "2"
        assert int(cluster.stats(name, "settings")["maxbytes"]) == 64 * 1024 * 1024


def test_the_configuration_endpoint_passes_commands_on(cluster: MemcachedCluster) -> None:
    """It leads to a node, for clients that know no discovery."""
    client = Client((cluster.configuration_endpoint, PORT), tls_context=trust(cluster), timeout=PATIENCE)
    assert client.set("through", "the endpoint")
    assert client.get("through") == b"the endpoint"
    client.close()


def test_the_version_goes_up_with_each_change(cluster: MemcachedCluster) -> None:
    """New nodes are named once they answer; removed ones no longer; a reboot and a loss change nothing."""
    version, nodes = discovered(cluster)
    assert (version, nodes) == (cluster.version, list(cluster.addresses.values()))
    cluster.add_nodes(["0004"])
    assert discovered(cluster) == (version + 1, [*nodes, cluster.addresses["0004"]])
    cluster.remove_nodes(["0004"])
    assert discovered(cluster) == (version + 2, nodes)
    cluster.reboot("0002")
    assert discovered(cluster) == (version + 2, nodes)


def test_a_rebooted_node_is_empty_and_the_others_are_not(cluster: MemcachedCluster) -> None:
    """Nobody else had its keys. It has its address again."""
    client = spread(cluster)
    for key in KEYS:
        client.set(key, key)
    before, addresses = items(cluster), cluster.addresses
    cluster.set_options({}, threads=3)
    cluster.reboot("0003")
    assert items(cluster) == {**before, "0003": 0}
    assert cluster.addresses == addresses
    # What has been changed since is in force from the reboot on, on this node only.
    assert cluster.stats("0003", "settings")["num_threads"] == "3"
    assert cluster.stats("0001", "settings")["num_threads"] == "2"
    client.close()
    cluster.set_options({}, threads=2)


def test_a_lost_node_takes_its_keys_along(cluster: MemcachedCluster) -> None:
    """Connections to it are refused, the other nodes go on, and it is named all the same until it is replaced."""
    before = discovered(cluster)
    cluster.kill("0001")
    with pytest.raises(ConnectionRefusedError):
        Client((cluster.addresses["0001"], PORT), tls_context=trust(cluster), timeout=PATIENCE).get("key")
    assert cluster.alive == {"0001": False, "0002": True, "0003": True}
    assert discovered(cluster) == before
    cluster.reboot("0001")
    assert items(cluster)["0001"] == 0


def test_what_cannot_be_is_refused(cluster: MemcachedCluster) -> None:
    """The last node stays, ids are taken once, and what does not exist is named."""
    with pytest.raises(RefusedError, match="no node would be left"):
        cluster.remove_nodes(cluster.addresses)
    with pytest.raises(RefusedError, match="node 0001 exists"):
        cluster.add_nodes(["0005", "0001"])
    with pytest.raises(NotFoundError, match="no node 0009; it has 0001"):
        cluster.reboot("0009")
    assert all(cluster.alive.values())


# emcache's own: it asks for TLS in an old way, and leaves its connections to the garbage collector.
@pytest.mark.filterwarnings(
    "ignore:ssl.PROTOCOL_TLS is deprecated:DeprecationWarning", "ignore:unclosed:ResourceWarning"
)
def test_a_stock_client_discovers_a_new_node(cluster: MemcachedCluster) -> None:
    """Emcache asks the configuration endpoint again and again, and uses a node that was added."""
    tls: dict[str, Any] = {"ssl": True, "ssl_extra_ca": str(cluster.ca_file)} if cluster.plan.tls else {}

    async def discover() -> None:
        client = await emcache.create_client(
            [emcache.MemcachedHostAddress(cluster.configuration_endpoint, PORT)],
            autodiscovery=True,
            autodiscovery_poll_interval=0.05,
            **tls,
        )
        try:
            await client.set(b"key", b"value")
            assert nodes(client) == set(cluster.addresses.values())
            cluster.add_nodes(["0006"])
            deadline = Deadline(PATIENCE)
            while nodes(client) != set(cluster.addresses.values()):
                assert not deadline.expired
                await asyncio.sleep(0.01)
        finally:
            await client.close()

    def nodes(client: Any) -> set[str]:
        return {node.address for node in client.cluster_managment().nodes()}

    asyncio.run(discover())
    gc.collect()
    cluster.remove_nodes(["0006"])


def test_a_cluster_that_fails_leaves_nothing(shared_fleet: Fleet, memcached: Path) -> None:
    """Its words are quoted, and its key is free again."""
    assert memcached
    with pytest.raises(EngineStartError, match="no-such-option"):
        shared_fleet.start_memcached(MemcachedPlan(key=KEY, nodes=("0001",), options={"-o": "no-such-option"}))
    assert shared_fleet.pids() == ()
    with pytest.raises(NotFoundError, match=KEY):
        shared_fleet.memcached(KEY)
    cluster = shared_fleet.start_memcached(MemcachedPlan(key=KEY, nodes=("0001",)))
    assert shared_fleet.memcached(KEY) is cluster
    with pytest.raises(EngineStartError, match="running already"):
        shared_fleet.start_memcached(MemcachedPlan(key=KEY, nodes=("0001",)))
    shared_fleet.stop_memcached(KEY)
    shared_fleet.stop_memcached(KEY)
    assert shared_fleet.pids() == ()


def test_a_program_that_does_not_run_is_named() -> None:
    """The variable names the only candidate, and the message says what was tried."""
    with pytest.raises(MissingToolError, match="/does/not/exist"):
        memcached_binary.find({memcached_binary.VARIABLE: "/does/not/exist"})
    with pytest.raises(MissingToolError, match="said ''"):
        memcached_binary.find({memcached_binary.VARIABLE: "/bin/true"})
