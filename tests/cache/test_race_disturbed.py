"""The race while a group fails over, and while slots move: what is lost is gone with the TTL, or nothing is lost.

Replication is asynchronous: a failover may lose an invalidation that was acknowledged, and the old value is read until
its time is over. On one machine nothing is on its way for long, so a replication lag is what shows it.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.cache import AsyncLeasedCache, Breaker, LeasedCache, Patience, Policy, connect, connect_async
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.lag import set_lag
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import plan
from tests.cache.race import Course, Disturbance, race, race_async

if TYPE_CHECKING:
    from tests.cache.oracle import Verdict

pytestmark = [
    pytest.mark.engine,
    # valkey-py leaves the connections of nodes that it forgets to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore:loop is closed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]

KEY = "disturbed"
PATIENCE = Patience(connect_timeout=0.25, timeout=0.25, retries=0)
# What the oracle and the engine take for now lies apart by as much as both round.
ROUNDING_SECONDS = 0.005
FLAVOURS = ("threads", "tasks")
# On a busy machine all invalidations may have arrived before the primary dies.
MOST_TRIALS = 20
ONE_SHARD = "0-16383"
HALVES = {"0001": "0-8191", "0002": "8192-16383"}
SWAPPED = {"0001": "8192-16383", "0002": "0-8191"}
THIRD = NodeGroupPlan(node_group_id="0003", nodes=(NodePlan(cache_cluster_id=f"{KEY}-0003"),))
THIRDS = {"0001": "0-5000", "0002": "5001-10000", "0003": "10001-16383"}

Measured = Callable[..., None]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet whose groups may be harmed."""
    fleet = Fleet(tmp_path_factory.mktemp("disturbed"))
    yield fleet
    fleet.stop()


@dataclass(frozen=True, slots=True)
class Contest:
    """Races over the group of a fleet.

    Args:
        fleet: has the group.
        database: what psycopg connects to.
        flavour: `threads`, or `tasks` of an event loop.
    """

    fleet: Fleet
    database: str
    flavour: str

    def run(self, policy: Policy, disturb: Disturbance) -> Verdict:
        """Race while something disturbs."""
        environ, breaker = self._environ(), Breaker(failures=2, pause=0.05)
        if self.flavour == "threads":
            client = partial(connect, environ=environ, patience=PATIENCE, check=False)
            cache = LeasedCache(client, policy, breaker=breaker)
            verdict = race(cache, self.database, reads=1, readers=4, disturb=disturb)
            cache.close()
            return verdict

        async def race_in_loop() -> Verdict:
            client = partial(connect_async, environ=environ, patience=PATIENCE, check=False)
            cache = AsyncLeasedCache(client, policy, breaker=breaker)
            verdict = await race_async(cache, self.database, reads=1, readers=4, disturb=disturb)
            await cache.close()
            return verdict

        return asyncio.run(race_in_loop())

    def _environ(self) -> dict[str, str]:
        address = self.fleet.configuration_endpoint(KEY)
        topology = "cluster-mode-enabled" if address else "cluster-mode-disabled"
        address = address or self.fleet.primary_endpoint(KEY) or ""
        return CacheEnvironment(endpoint=address, tls=False, topology=topology).to_env()


@pytest.fixture(params=FLAVOURS)
def contest(request: pytest.FixtureRequest, fleet: Fleet, database: str) -> Iterator[Contest]:
    """Races in each flavour; the group is gone after the test."""
    yield Contest(fleet, database, request.param)
    fleet.stop_group(KEY)
    gc.collect()


def start_pair(fleet: Fleet, slots: str | None, lag: float) -> None:
    """Start a primary with a replica that is so many seconds behind."""
    nodes = (NodePlan(cache_cluster_id="a"), NodePlan(cache_cluster_id="b"))
    node_group = NodeGroupPlan(node_group_id="0001", slots=slots, nodes=nodes)
    fleet.start_group(GroupPlan(key=KEY, node_groups=(node_group,), cluster_mode=slots is not None, tls=False))
    if lag:
        set_lag(fleet.group(KEY), {"a": lag, "b": lag})


def fail_over(fleet: Fleet, lag: float, ttl: float, course: Course) -> None:
    """Kill the primary while the last invalidations are on their way to the replica, and promote that one."""
    primary = fleet.group(KEY).leader("0001").cache_cluster_id
    course.enough.wait()
    course.rest.set()
    course.write_all()
    time.sleep(2 * lag)  # not to synchronise: what is read after those writes reaches the replica meanwhile
    course.write_all()
    fleet.kill(KEY, primary)
    fleet.promote(KEY, "b" if primary == "a" else "a")
    time.sleep(ttl)  # nor this: readers read on for so long
    course.rest.clear()
    fleet.recover(KEY, primary)


def move(fleet: Fleet, course: Course) -> None:
    """Move every slot to the other shard."""
    course.enough.wait()
    fleet.reshard(KEY, SWAPPED)


def test_what_a_failover_loses_is_gone_with_the_ttl(contest: Contest, fleet: Fleet) -> None:
    """With a lag of the replica old values come back, so that the oracle sees some, and none lives longer."""
    lag, ttl = 0.15, 1.5
    start_pair(fleet, None, lag)
    longest = 0.0
    for trial in range(MOST_TRIALS):
        policy = Policy(prefix=f"race{trial}", ttl=ttl, jitter=0)
        longest = contest.run(policy, partial(fail_over, fleet, lag, ttl)).longest
        assert longest <= ttl + ROUNDING_SECONDS
        if longest > lag:
            break
    assert longest > lag


def test_slots_that_move_lose_nothing(contest: Contest, fleet: Fleet) -> None:
    """All of them change their shard while readers and writers race, and no read is stale."""
    fleet.start_group(plan(KEY, *HALVES.values()))
    verdict = contest.run(Policy(prefix="race"), partial(move, fleet))
    assert verdict.stale == 0


@pytest.mark.prove
@pytest.mark.parametrize("lag", [0, 0.2, 1.0])
@pytest.mark.parametrize("slots", [None, ONE_SHARD], ids=["standalone", "cluster"])
def test_many_failovers(contest: Contest, fleet: Fleet, measured: Measured, slots: str | None, lag: float) -> None:
    """The figures for the evidence: reads that were stale, and for how long, against the TTL."""
    ttl, failovers = 4.0, 5
    start_pair(fleet, slots, lag)
    verdicts = [
        contest.run(Policy(prefix=f"race{trial}", ttl=ttl, jitter=0), partial(fail_over, fleet, lag, ttl))
        for trial in range(failovers)
    ]
    measured(
        "stale reads of a failover",
        mode="standalone" if slots is None else "cluster",
        flavour=contest.flavour,
        lag_ms=lag * 1000,
        ttl_ms=ttl * 1000,
        failovers=failovers,
        reads=sum(verdict.reads for verdict in verdicts),
        stale=sum(verdict.stale for verdict in verdicts),
        longest_ms=max(verdict.longest for verdict in verdicts) * 1000,
    )
    assert all(verdict.longest <= ttl + ROUNDING_SECONDS for verdict in verdicts)
    assert all(verdict.stale > 0 for verdict in verdicts) == (lag > 0)


@pytest.mark.prove
def test_many_moves(contest: Contest, fleet: Fleet, measured: Measured) -> None:
    """Slots change their shards, and a shard comes and goes, again and again: figures for the evidence."""
    rounds, moves = 10, (SWAPPED, THIRDS, HALVES)

    def move_on(course: Course) -> None:
        course.enough.wait()
        for _ in range(rounds):
            for slots in moves:
                fleet.reshard(KEY, slots, new=[THIRD])

    fleet.start_group(plan(KEY, *HALVES.values()))
    verdict = contest.run(Policy(prefix="race"), move_on)
    measured(
        "stale reads of a reshard",
        flavour=contest.flavour,
        reshards=rounds * len(moves),
        reads=verdict.reads,
        writes=verdict.writes,
        stale=verdict.stale,
    )
    assert verdict.stale == 0
