"""What a memcached process tells of itself, as CloudWatch names it."""

from __future__ import annotations

from elasticache_kit.emulator.metric.memcached_reading import COUNTERS, GAUGES, MemcachedReading, values
from elasticache_kit.model.metric import Scope, metrics
from elasticache_kit.model.node_type import NodeType

TYPE = NodeType.of("cache.m7g.large")
FIRST = {
    "pid": "7",
    "bytes": "100",
    "limit_maxbytes": "1000",
    "get_hits": "1",
    "rusage_user": "1",
    "rusage_system": "0",
}
SECOND = {**FIRST, "get_hits": "5", "rusage_user": "2"}


def test_every_name_is_one_of_aws() -> None:
    """A metric that AWS has not got would be told to nobody."""
    assert {*GAUGES, *COUNTERS} <= {metric.name for metric in metrics(Scope.MEMCACHED)}


def test_what_is_so_and_what_was_added() -> None:
    """Memory at once, hits and processors from the second time on."""
    first = MemcachedReading(0, FIRST)

    assert values(None, first, TYPE) == {"BytesUsedForCacheItems": 100, "UnusedMemory": 900}
    found = values(first, MemcachedReading(10, SECOND), TYPE)
    assert (found["GetHits"], found["CPUUtilization"]) == (4, 5)


def test_another_process_counts_anew() -> None:
    """A rebooted node has nothing to be compared with."""
    found = values(MemcachedReading(0, FIRST), MemcachedReading(10, {**SECOND, "pid": "8"}), TYPE)

    assert "GetHits" not in found
