"""Loss accounting against a replication lag that is known: what is lost is the rate times the lag."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.drills import local_fault, runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.checker.consistency import staleness
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.fault import NoFault
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.requested import Requested
from elasticache_kit.ops import inventory
from tests.drills.test_kinds import place

if TYPE_CHECKING:
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.drills.result import Result
    from tests.drills.test_kinds import Place

__all__ = ["place"]

pytestmark = [pytest.mark.engine, pytest.mark.prove, pytest.mark.calm]

RATE = 1000.0
# Trials in which the instrument was later than this say something of the machine only.
VOID_SECONDS = 0.02
TRIALS = 5


def drilled(place: Place, *, kill: bool) -> Result:
    """Run a drill at a rate at which 5 % of what is lost are whole writes."""
    group = inventory.replication_group(place.api, "cluster")
    fault: Fault = NoFault()
    if kill:
        fault = Requested(place.api, group, None, Access(), "kill", 0.0, 60.0)
    one = Experiment(
        drill="node-loss",
        group=group,
        node_group="0001",
        access=Access(),
        settings=Settings(rate=RATE, baseline_seconds=2, duration_seconds=3, settle_seconds=0.5, stalls_seconds=()),
        limits=Limits(max_stall_seconds=60),
        capability=place.api.capability,
    )
    return runner.run(one, fault, lambda _: None)


def late(result: Result) -> float:
    """Return how late the instrument was at the most."""
    return max(
        o.invoked - o.intended for a in (Action.WRITE, Action.READ) for o in result.history.operations(a, "0001")
    )


@pytest.mark.parametrize("milliseconds", [0, 50, 200])
def test_lost_writes_are_the_rate_times_the_lag(place: Place, milliseconds: int) -> None:
    """Within 5 % in the median of the trials and 10 % in each; none without a lag.

    Trials that the machine disturbed are void, and one must count. From the moment in which the lag is cut until the
    kernel has ended the primary some milliseconds may pass.
    """
    lost: list[int] = []
    for _ in range(TRIALS):
        order = {"kind": "replication-lag", "ReplicationGroupId": "cluster", "Milliseconds": milliseconds}
        lag = local_fault.begin(place.api, order) if milliseconds else None
        try:
            result = drilled(place, kill=True)
        finally:
            if lag is not None:
                local_fault.end(place.api, lag)
        found = next(f for f in result.findings if (f.checker, f.node_group) == ("lost acknowledged writes", "0001"))
        if late(result) < VOID_SECONDS or not milliseconds:
            lost.append(int(found.figures["lost"] or 0))
    if not lost:
        pytest.skip(f"the machine is too busy: the instrument was late in each of {TRIALS} trials")

    expected = RATE * milliseconds / 1000
    assert abs(statistics.median(lost) - expected) <= 0.05 * expected, lost
    assert all(abs(count - expected) <= 0.1 * expected for count in lost), lost


@pytest.mark.parametrize("milliseconds", [20, 50, 200])
def test_half_of_the_reads_are_as_old_as_the_lag(place: Place, milliseconds: int) -> None:
    """Within 5 ms."""
    ages: list[float] = []
    order = {"kind": "replication-lag", "ReplicationGroupId": "cluster", "Milliseconds": milliseconds}
    for _ in range(TRIALS):
        lag = local_fault.begin(place.api, order)
        try:
            result = drilled(place, kill=False)
        finally:
            local_fault.end(place.api, lag)
        writes, reads = (result.history.operations(action, "0001") for action in (Action.WRITE, Action.READ))
        if late(result) < VOID_SECONDS:
            ages.append(quantile(staleness(writes, reads), 0.5) or 0.0)
    if not ages:
        pytest.skip(f"the machine is too busy: the instrument was late in each of {TRIALS} trials")

    assert all(abs(age - milliseconds / 1000) <= 0.005 for age in ages), ages
