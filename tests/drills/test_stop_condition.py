"""What ends a drill before its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elasticache_kit.drills.progress import NodeGroupProgress, Phase, Progress
from elasticache_kit.drills.stop_condition import StopCondition

GROUP = NodeGroupProgress("0001", 10, 0, 10, 0, None, 1)


def at(seconds: float, writes: int) -> Progress:
    """Return how a drill goes."""
    return Progress(
        Phase.FAULT,
        seconds,
        (replace(GROUP, node_group="0002", writes=int(seconds * 100)), replace(GROUP, writes=writes)),
        (),
    )


def test_an_outage_beyond_what_was_agreed_ends_the_drill() -> None:
    """Counted from the last acknowledgement, in each node group."""
    stop = StopCondition(2.0)

    assert [stop.breached(at(seconds, writes)) for seconds, writes in ((1, 10), (2, 20), (3, 20), (4, 20))] == [
        None
    ] * 4
    assert stop.breached(at(4.25, 20)) == (
        "no write of node group 0001 was acknowledged for 2.25 s, and 2.00 s were agreed"
    )


@pytest.mark.parametrize("limit", [None, 5.0])
def test_a_load_that_goes_on_or_has_no_limit_goes_on(limit: float | None) -> None:
    """Negative control: neither slowness nor an outage within the limit ends it."""
    stop = StopCondition(limit)

    assert [stop.breached(at(seconds, 20)) for seconds in (1, 2, 3, 4, 5)] == [None] * 5
