"""A cache is found again after a failover, after its cluster was out of sight, and after errors of its client."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from elasticache_kit.cache import Event, LeasedCache, Policy
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import plan
from tests.cache.flavour import FLAVOURS, Either, open_cache

# A busy machine would make a healthy cache one that does not answer in time.
pytestmark = [pytest.mark.engine, pytest.mark.calm]

KEY = "recovery"
POLICY = Policy(prefix="t")
LIMIT_SECONDS = 120
ONE_SHARD = "0-16383"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet whose groups may be harmed."""
    fleet = Fleet(tmp_path_factory.mktemp("recovery"))
    yield fleet
    fleet.stop()


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    """Each flavour."""
    return request.param


def environ(fleet: Fleet) -> dict[str, str]:
    """Give the environment of the group."""
    configuration = fleet.configuration_endpoint(KEY)
    topology = "cluster-mode-enabled" if configuration else "cluster-mode-disabled"
    address = configuration or fleet.primary_endpoint(KEY) or ""
    return CacheEnvironment(endpoint=address, tls=False, topology=topology).to_env()


def recover(cache: Either) -> None:
    """Read until the cache answers again."""
    deadline, before = time.monotonic() + LIMIT_SECONDS, cache.counted(Event.HIT)
    while cache.counted(Event.HIT) == before:
        assert time.monotonic() < deadline
        assert cache.read("recovered", lambda: "value") == "value"


@pytest.mark.parametrize("slots", [None, ONE_SHARD], ids=["standalone", "cluster"])
def test_a_failover_is_no_error(fleet: Fleet, flavour: str, slots: str | None) -> None:
    """Readers go on while the primary is gone, and find the cache again behind the same endpoint."""
    nodes = (NodePlan(cache_cluster_id="a"), NodePlan(cache_cluster_id="b"))
    node_group = NodeGroupPlan(node_group_id="0001", slots=slots, nodes=nodes)
    fleet.start_group(GroupPlan(key=KEY, node_groups=(node_group,), cluster_mode=slots is not None, tls=False))
    cache = open_cache(flavour, environ(fleet), POLICY)
    assert cache.read("k", lambda: "before") == "before"
    fleet.kill(KEY, "a")
    assert [cache.read("k", lambda: "while it is gone") for _ in range(20)][-1] == "while it is gone"
    assert not cache.invalidate("k")
    fleet.promote(KEY, "b")
    recover(cache)
    assert cache.read("k", lambda: "after") == "after"
    cache.close()
    fleet.stop_group(KEY)


# valkey-py leaves the connections of nodes that it forgets to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore:loop is closed:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_that_was_out_of_sight_is_found_again(fleet: Fleet, flavour: str) -> None:
    """A cluster client that has forgotten every node is replaced; here the endpoint is a node's own name."""
    fleet.start_group(plan(KEY, ONE_SHARD))
    place = {**environ(fleet), "ELASTICACHE_KIT_ENDPOINT": fleet.node_address(KEY, f"{KEY}-0001")}
    cache = open_cache(flavour, place, POLICY)
    recover(cache)
    fleet.hold(KEY, f"{KEY}-0001")
    assert [cache.read("k", lambda: "loaded") for _ in range(20)] == ["loaded"] * 20
    fleet.release(KEY, f"{KEY}-0001")
    recover(cache)
    cache.close()
    fleet.stop_group(KEY)
    del cache
    gc.collect()


class Unlucky:
    """Passes commands on to a real client, until it raises something instead, or afterwards.

    Args:
        client: the real one.
        error: what it raises.
        words: of the commands where it does.
    """

    def __init__(self, client: Any, error: Exception, *words: str) -> None:
        self.client, self.error, self.words = client, error, words
        self.get_encoder = client.get_encoder

    def get(self, name: str) -> Any:
        """Read."""
        return self._tried("GET", partial(self.client.get, name))

    def execute_command(self, *words: Any, **options: Any) -> Any:
        """Send, and lose the answer."""
        return self._tried(" ".join(map(str, words)), partial(self.client.execute_command, *words, **options))

    def _tried(self, words: str, call: Any) -> Any:
        answer = call()
        if any(word in words for word in self.words):
            self.words = ()
            raise self.error
        return answer


@pytest.mark.parametrize("error", [AttributeError("writelines"), ConnectionError("closed")])
def test_whatever_a_client_raises_is_no_error_of_a_reader(standalone: Any, error: Exception) -> None:
    """Libraries stumble over connections that other tasks have closed, with errors of Python's own."""
    cache = LeasedCache(Unlucky(standalone, error, "GET"), POLICY)
    assert cache.read("k", lambda: "past it") == "past it"
    assert cache.read("k", lambda: "kept") == "kept"
    assert cache.read("k", lambda: pytest.fail("it is there")) == "kept"


def test_a_lease_whose_answer_was_lost_holds_nobody_up(standalone: Any) -> None:
    """Nobody knows whether it is there, so it is taken away."""
    cache = LeasedCache(Unlucky(standalone, ConnectionError("closed"), "NX"), Policy(prefix="t", lease=60, wait=1))
    assert cache.read("k", lambda: "past it") == "past it"
    assert standalone.get("t:1:k") is not None
    assert cache.read("k", lambda: "at once") == "at once"
    assert cache.read("k", lambda: pytest.fail("it is there")) == "at once"
