"""Guard rails: each has a test that trips it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from elasticache_kit.drills import guard
from elasticache_kit.drills.guard import Observed
from elasticache_kit.errors import RefusedError
from tests.drills.forged import replication_group

GOOD = Observed(
    group=replication_group("0001", "0002"),
    local=False,
    tags={guard.TAG: guard.ALLOWED},
    lag_seconds={"0001": 0.0, "0002": 1.0},
    asked=1,
)
FIRST, SECOND = GOOD.group.node_groups
CREATING = replace(FIRST.members[1], status="creating")


def test_a_group_that_is_fit_for_a_drill_is_not_refused() -> None:
    """The control for all refusals below."""
    guard.require(GOOD)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (replace(GOOD, tags={}), "tag the group elasticache-kit:drill=allowed (it has no such tag)"),
        (replace(GOOD, tags={guard.TAG: "no"}), "(it has no)"),
        (replace(GOOD, group=replace(GOOD.group, status="modifying")), "its status is 'modifying'"),
        (
            replace(
                GOOD,
                group=replace(
                    GOOD.group,
                    node_groups=(replace(FIRST, members=(*FIRST.members[:1], CREATING)), SECOND),
                ),
            ),
            "node orders-0001-002 is 'creating'",
        ),
        (replace(GOOD, group=replace(GOOD.group, multi_az="disabled")), "Multi-AZ is 'disabled'"),
        (replace(GOOD, group=replace(GOOD.group, automatic_failover="disabling")), "automatic failover is 'disabling'"),
        (
            replace(GOOD, group=replace(GOOD.group, node_groups=(FIRST, replace(SECOND, members=SECOND.members[:1])))),
            "node group 0002 has no replica that could be promoted",
        ),
        (replace(GOOD, snapshots_running=("nightly",)), "the snapshot nightly is being taken"),
        (replace(GOOD, lag_seconds={"0001": 2.5}), "a replica of node group 0001 is 2.5 s behind, and at most 2 s"),
        (replace(GOOD, lag_seconds={"0001": None}), "node group 0001 has no replica in sync"),
        (replace(GOOD, spent=(datetime(2026, 11, 26, tzinfo=UTC),) * 15), "15 were called, this asks for 1 more"),
    ],
)  # fmt: skip
def test_each_guard_rail_trips(seen: Observed, reason: str) -> None:
    """With what is wrong, and nothing else."""
    with pytest.raises(RefusedError) as caught:
        guard.require(seen)

    (told,) = caught.value.reasons
    assert reason in told


def test_a_local_group_needs_neither_tag_nor_zones() -> None:
    """It is there to be broken."""
    guard.require(replace(GOOD, local=True, tags={}, group=replace(GOOD.group, multi_az="disabled")))


def test_the_lag_is_that_of_the_replica_that_is_furthest_behind() -> None:
    """Of those in sync; one that still loads is none."""
    fields = {
        "role": "master",
        "slave0": "ip=10.0.0.1,port=6379,state=online,offset=5,lag=0",
        "slave1": "ip=10.0.0.2,port=6379,state=online,offset=1,lag=3",
        "slave2": "ip=10.0.0.3,port=6379,state=wait_bgsave,offset=0,lag=9",
    }

    assert guard.lag(fields) == 3
    assert guard.lag({"slave2": fields["slave2"]}) is None
