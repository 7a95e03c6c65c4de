"""Where a cluster behind TLS sends its clients, asked without a pause while its nodes come and go.

An engine listens in plain at a port beside the clients'. A client that is sent there with TLS waits until it gives up.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import pytest
import valkey
from valkey.exceptions import NoPermissionError

from elasticache_kit.emulator.fleet import Fleet, NodeGroupPlan, NodePlan, introduction
from elasticache_kit.emulator.fleet.cluster_group import ClusterGroup
from elasticache_kit.emulator.fleet.deadline import Deadline

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.node import Node
    from tests.emulator.fleet.conftest import Ordering

pytestmark = pytest.mark.engine

KEY, PORT = "orders", 6379
PAUSE_SECONDS = 0.002


class Watch:
    """Asks every node of a group for the way, as clients do, and notes where one of them sends to another port."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers = Counter[str]()
        self.wrong: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def await_answers(self) -> None:
        """Return when every node has answered."""
        names = set(self._fleet.group(KEY).nodes)
        assert Deadline(20).wait_for(lambda: ", ".join(names - set(self.answers)) or None) is None

    def _run(self) -> None:
        clients: dict[str, Any] = {}
        while not self._stopped.wait(PAUSE_SECONDS):
            for name, node in self._fleet.group(KEY).nodes.items():
                try:
                    if name not in clients:
                        clients[name] = self._client(node)
                    self._look(name, clients[name])
                except valkey.ConnectionError:
                    clients.pop(name, None)
        for client in clients.values():
            client.close()

    def _client(self, node: Node) -> Any:
        tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(self._fleet.ca_file)} if self._tls else {}
        return valkey.Valkey(host=node.address, decode_responses=True, single_connection_client=True, **tls)

    @property
    def _tls(self) -> bool:
        return self._fleet.group(KEY).plan.tls

    def _look(self, name: str, client: Any) -> None:
        for _, _, *nodes in client.execute_command("CLUSTER SLOTS"):
            self.wrong += [f"{name}: {address}:{port}" for address, port, *_ in nodes if port != PORT]
        self.answers[name] += 1


@pytest.fixture(scope="module")
def cluster(shared_fleet: Fleet, order: Ordering) -> Iterator[ClusterGroup]:
    """Two shards of a primary and a replica each, behind TLS."""
    shared_fleet.start_group(order(KEY, shards=2, nodes=2, tls=True))
    group = shared_fleet.group(KEY)
    assert isinstance(group, ClusterGroup)
    yield group
    shared_fleet.stop_group(KEY)


def test_no_client_is_sent_to_a_port_without_tls(cluster: ClusterGroup, shared_fleet: Fleet) -> None:
    """Not while a node fails over, recovers, starts anew or is added, and not while a shard comes and goes."""
    with Watch(shared_fleet) as watch:
        shared_fleet.kill(KEY, f"{KEY}-0001-001")
        shared_fleet.promote(KEY, f"{KEY}-0001-002")
        shared_fleet.recover(KEY, f"{KEY}-0001-001")
        shared_fleet.restart(KEY, f"{KEY}-0002-002")
        shared_fleet.add_replica(KEY, "0002", NodePlan(cache_cluster_id=f"{KEY}-0002-003"))
        names = [NodePlan(cache_cluster_id=f"{KEY}-0003-{number:03}") for number in (1, 2)]
        shared_fleet.reshard(
            KEY,
            {"0001": "0-100,200-16383", "0002": "101-150", "0003": "151-199"},
            new=[NodeGroupPlan(node_group_id="0003", nodes=tuple(names))],
        )
        watch.await_answers()
        shared_fleet.reshard(KEY, {"0001": "0-100,200-16383", "0002": "101-199"})
        shared_fleet.remove_replica(KEY, f"{KEY}-0002-003")
    assert watch.wrong == []
    assert len(watch.answers) == 7
    assert set(cluster.roles().values()) == {"primary", "replica"}


def test_no_client_is_sent_elsewhere_while_tls_goes_and_comes(cluster: ClusterGroup, shared_fleet: Fleet) -> None:
    """The engines change their port, and clients that were there before are told of the same one all the time."""
    with Watch(shared_fleet) as watch:
        watch.await_answers()
        for tls in (False, True):
            shared_fleet.change_tls(KEY, tls=tls)
            watch.answers.clear()
            watch.await_answers()
    assert watch.wrong == []
    assert cluster.workshop.engine_port != PORT


def test_what_the_emulator_does_for_that_is_not_for_clients(cluster: ClusterGroup, shared_fleet: Fleet) -> None:
    """DEBUG, which ends links between engines, is refused to whoever comes through the door."""
    first, second = cluster.members("0001")
    client: Any = valkey.Valkey(host=first.address, ssl=True, ssl_ca_certs=str(shared_fleet.ca_file))
    with client, pytest.raises(NoPermissionError, match="debug"):
        client.execute_command("DEBUG", "CLUSTERLINK", "KILL", "TO", cluster.node_id(second))


def test_an_introduction_of_those_that_know_each_other_would_be_seen(
    cluster: ClusterGroup, shared_fleet: Fleet
) -> None:
    """The negative control: who gets a CLUSTER MEET of a node it knows forgets its port until the next message."""
    first, second = cluster.members("0001")
    workshop = cluster.workshop

    def unseen() -> str | None:
        introduction.introduce(first, [second], workshop.engine_port, workshop.bus_port)
        return None if watch.wrong else "nothing was seen"

    with Watch(shared_fleet) as watch:
        assert Deadline(20).wait_for(unseen) is None
    assert set(watch.wrong) == {f"{second.cache_cluster_id}: {first.address}:{workshop.engine_port}"}
    assert workshop.engine_port != PORT
