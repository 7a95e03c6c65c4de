"""What a Memcached node takes along."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.memcached.cluster import Cluster, refusals
from elasticache_kit.drills.memcached.hashing import HASHINGS, moved
from elasticache_kit.drills.memcached.loss import Outcome
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.ops.inventory import Endpoint

NAMES = [f"key:{number}" for number in range(2000)]
NODES = ("0001", "0002", "0003", "0004")
GOOD = Cluster("sessions", "available", {name: Endpoint(f"{name}.example", 11211) for name in NODES}, tls=False)


@pytest.mark.parametrize(
    ("hashing", "least", "most"), [("modulo", 0.65, 0.85), ("ketama", 0.15, 0.35), ("rendezvous", 0.2, 0.3)]
)
def test_consistent_hashing_moves_the_lost_nodes_keys_and_a_remainder_moves_most(
    hashing: str, least: float, most: float
) -> None:
    """One of four nodes: a quarter of the keys at best, three quarters by the remainder of a hash."""
    way = HASHINGS[hashing]

    assert least < moved(way, NAMES, NODES, NODES[1:]) < most
    if hashing != "modulo":
        kept = [name for name in NAMES if way(name, NODES) != NODES[0]]
        assert moved(way, kept, NODES, NODES[1:]) == 0


def test_a_cluster_at_rest_with_two_nodes_is_fit_for_a_drill() -> None:
    """One that is not, or has one node, is refused."""
    assert refusals(GOOD) == ()
    alone = Cluster("sessions", "modifying", {"0001": Endpoint("a", 1)}, tls=False)
    assert len(refusals(alone)) == 2


def test_hits_that_do_not_come_back_fail_and_late_ones_too() -> None:
    """Both sides of the limit."""
    outcome = Outcome("0001", 100, 0.25, {"modulo": 0.75}, 1.0, 3.0, 7)

    assert [finding.verdict for finding in outcome.findings(3.0)] == [Verdict.PASSED, Verdict.PASSED]
    assert outcome.findings(2.9)[0].verdict is Verdict.FAILED
    assert Outcome("0001", 100, 0.25, {}, 1.0, None, 7).findings()[0].verdict is Verdict.FAILED
