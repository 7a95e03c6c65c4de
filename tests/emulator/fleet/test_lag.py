"""What a lag costs: writes that were acknowledged, by exactly the time that it is."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet.lag import set_lag
from elasticache_kit.errors import NotFoundError
from tests.emulator.journal import Journal, staleness
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.node import Node
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

RATE = 1000
TRIALS = 5
Measured = Callable[..., None]


@pytest.fixture(params=[None, 1], ids=["replicated", "sharded"])
def key(request: pytest.FixtureRequest, fleet: Fleet, order: Ordering) -> str:
    """Start a shard of three nodes in either cluster mode and give its key."""
    fleet.start_group(order("lagging", shards=request.param, nodes=3))
    return "lagging"


@dataclass(frozen=True, slots=True)
class Loss:
    """What the death of a primary took.

    Args:
        rate: acknowledged writes per second, over all the time.
        lost: how many are not there.
        recent: how many were acknowledged in the time of the lag before the last one: the rate times the lag, also
            where the writer itself was held up and made up for it.
        oldest: how old the oldest of the lost ones was, in seconds.
    """

    rate: float
    lost: int
    recent: int
    oldest: float


def loss_of(fleet: Fleet, key: str, connect: Connecting, seconds: float) -> Loss:
    """Kill the primary under load, and compare."""
    group = fleet.group(key)
    primary = group.leader("0001")
    with Journal(primary.address, RATE, prefix=f"{time.monotonic()}-") as journal:
        time.sleep(2)  # not to synchronise: the load goes on for so long
        fleet.kill(key, primary.cache_cluster_id)
    promoted = fleet.successors(key, "0001")[0]
    fleet.promote(key, promoted)
    lost = journal.lost(connect(fleet.node_address(key, promoted)))
    entries, last = journal.entries, journal.entries[-1].acknowledged
    # What is lost are the last ones: nothing that came later than something lost is there.
    assert [entry.key for entry in lost] == [entry.key for entry in entries[len(entries) - len(lost) :]]
    fleet.recover(key, primary.cache_cluster_id)
    return Loss(
        rate=len(entries) / (last - entries[0].acknowledged),
        lost=len(lost),
        recent=sum(entry.acknowledged > last - seconds for entry in entries),
        oldest=last - lost[0].acknowledged if lost else 0.0,
    )


@pytest.mark.calm
@pytest.mark.prove
@pytest.mark.parametrize("seconds", [0.2, 0.5])
def test_what_is_lost_is_the_rate_times_the_lag(
    fleet: Fleet, key: str, connect: Connecting, measured: Measured, seconds: float
) -> None:
    """Within 5 % in the middle of a few trials, and nothing where there is no lag."""
    nodes, name = fleet.group(key).nodes, "acknowledged writes lost"
    without = loss_of(fleet, key, connect, 0)
    measured(name, mode=mode(fleet, key), lag_ms=0, trial=0, rate=without.rate, lost=without.lost, expected=0)
    set_lag(fleet.group(key), dict.fromkeys(nodes, seconds))
    trials: list[Loss] = []
    for trial in range(TRIALS):
        loss = loss_of(fleet, key, connect, seconds)
        trials.append(loss)
        measured(
            name, mode=mode(fleet, key), lag_ms=seconds * 1000, trial=trial, rate=loss.rate, lost=loss.lost,
            expected=loss.recent, oldest_ms=loss.oldest * 1000,
        )  # fmt: skip

    assert without.lost == 0
    assert statistics.median(loss.lost / loss.recent for loss in trials) == pytest.approx(1, abs=0.05)
    assert statistics.median(loss.oldest for loss in trials) == pytest.approx(seconds, rel=0.05)


@pytest.mark.calm
@pytest.mark.prove
@pytest.mark.parametrize("seconds", [0.05, 0.2, 1.0])
def test_what_a_replica_shows_is_as_old_as_the_lag(fleet: Fleet, key: str, measured: Measured, seconds: float) -> None:
    """Half of the reads within 5 ms."""
    group = fleet.group(key)
    primary = group.leader("0001")
    replica = group.siblings(primary)[0]
    set_lag(group, dict.fromkeys(group.nodes, seconds))
    ages = staleness(primary.address, replica.address, rate=RATE, seconds=4 + seconds)
    settled = ages[int(len(ages) * 0.4) :]
    middle = statistics.median(settled)
    worst = statistics.quantiles(settled, n=100)[98]
    measured(
        "staleness of a replica",
        mode=mode(fleet, key),
        lag_ms=seconds * 1000,
        p50_ms=middle * 1000,
        p99_ms=worst * 1000,
    )

    assert middle == pytest.approx(seconds, abs=0.005)


def test_a_lag_survives_a_failover_and_ends(fleet: Fleet, key: str) -> None:
    """The shard has it whoever is primary; afterwards replicas follow by the straight way, and no process is left."""
    group = fleet.group(key)
    set_lag(group, dict.fromkeys(group.nodes, 0.05))
    before = group.leader("0001")
    fleet.kill(key, before.cache_cluster_id)
    fleet.promote(key, fleet.successors(key, "0001")[0])
    fleet.recover(key, before.cache_cluster_id)

    assert ways(fleet, key) == {group.workshop.link_port}
    set_lag(group, dict.fromkeys(group.nodes, 0.0))
    assert ways(fleet, key) == {group.workshop.engine_port}
    assert group.workshop.links.pid is None


def test_a_planned_handover_waits_for_what_is_on_its_way(fleet: Fleet, key: str, connect: Connecting) -> None:
    """Also where that is longer than engines wait by themselves: no acknowledged write is lost."""
    group = fleet.group(key)
    before = group.leader("0001")
    successor = group.siblings(before)[0]
    set_lag(group, {successor.cache_cluster_id: 2.5})
    old = connect(before.address)
    for number in range(100):
        old.set(f"key-{number}", number)
    assert connect(successor.address).dbsize() < 100
    fleet.promote(key, successor.cache_cluster_id)

    assert group.is_primary(successor)
    assert connect(successor.address).dbsize() == 100


def mode(fleet: Fleet, key: str) -> str:
    """Name the cluster mode of a group."""
    return "enabled" if fleet.group(key).plan.cluster_mode else "disabled"


def ways(fleet: Fleet, key: str) -> set[int]:
    """Give the ports at which the replicas follow their primary."""
    return {int(item["master_port"]) for item in replicas(fleet, key)}


def replicas(fleet: Fleet, key: str) -> list[dict[str, str]]:
    """Give what the replicas say of replication."""

    def described(node: Node) -> dict[str, str]:
        with node.engine.admin() as admin:
            return admin.info("replication")

    seen = [described(node) for node in fleet.group(key).nodes.values()]
    return [item for item in seen if item["role"] == "slave"]


def test_a_node_that_is_not_there_has_no_lag(fleet: Fleet, key: str) -> None:
    """Nothing else gets one either."""
    with pytest.raises(NotFoundError):
        set_lag(fleet.group(key), {"lagging-001": 1.0, "nobody": 1.0})
    assert not any(node.lag_seconds for node in fleet.group(key).nodes.values())


def test_a_link_that_is_killed_is_laid_again(fleet: Fleet, key: str, connect: Connecting) -> None:
    """Replicas find their primary by it once more."""
    group = fleet.group(key)
    links = group.workshop.links
    set_lag(group, dict.fromkeys(group.nodes, 0.05))
    before = links.pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until(lambda: links.pid, lambda pid: pid not in (None, before))

    primary = connect(group.leader("0001").address)
    primary.set("key", "value")
    assert primary.wait(2, 20_000) == 2
    assert ways(fleet, key) == {group.workshop.link_port}


def test_nothing_is_left_of_the_links_of_a_group_that_has_gone(fleet: Fleet, key: str) -> None:
    """Whoever began the lag need not end it first."""
    group = fleet.group(key)
    set_lag(group, dict.fromkeys(group.nodes, 0.05))
    fleet.stop_group(key)

    assert group.workshop.links.pid is None
