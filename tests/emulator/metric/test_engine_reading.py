"""What an engine tells of itself, as CloudWatch names it."""

from __future__ import annotations

import pytest

from elasticache_kit.emulator.metric.engine_reading import CATEGORIES, COUNTERS, GAUGES, EngineReading, kinds, values
from elasticache_kit.model.metric import Scope, metrics
from elasticache_kit.model.node_type import NodeType

TYPE = NodeType.of("cache.r7g.xlarge")
KINDS = kinds(
    [
        ["get", 2, ["readonly", "fast"], 1, 1, 1, ["@read", "@string", "@fast"]],
        ["set", -3, ["write", "denyoom"], 1, 1, 1, ["@write", "@string", "@slow"]],
        ["cluster", -2, [], 0, 0, 0, ["@slow"]],
        ["ping", -1, ["fast"], 0, 0, 0, ["@fast", "@connection"]],
    ]
)
FIRST = {
    "role": "master", "used_memory": "1000", "used_memory_rss": "2000", "maxmemory": "4000", "keyspace_hits": "10",
    "keyspace_misses": "10", "used_cpu_user": "1.0", "used_cpu_sys": "1.0", "used_cpu_user_main_thread": "0.5",
    "used_cpu_sys_main_thread": "0.5", "db0": "keys=3,expires=2,avg_ttl=1500", "db1": "keys=1,expires=0,avg_ttl=0",
    "cmdstat_get": "calls=10,usec=100,usec_per_call=10.00", "master_repl_offset": "100",
}  # fmt: skip
SECOND = {
    **FIRST, "keyspace_hits": "40", "keyspace_misses": "20", "used_cpu_user": "3.0", "used_cpu_user_main_thread": "1.5",
    "cmdstat_get": "calls=30,usec=500,usec_per_call=16.67", "cmdstat_set": "calls=4,usec=40,usec_per_call=10.00",
    "cmdstat_cluster|info": "calls=2,usec=8,usec_per_call=4.00", "cmdstat_ping": "calls=9,usec=9,usec_per_call=1.00",
    "connected_slaves": "1", "master_repl_offset": "150",
}  # fmt: skip


def reading(fields: dict[str, str], at: float = 0, process: int = 7) -> EngineReading:
    """Return a reading."""
    return EngineReading(at, process, fields)


def test_every_name_is_one_of_aws() -> None:
    """A metric that AWS has not got would be told to nobody."""
    known = {metric.name for metric in metrics(Scope.NODE)}

    assert {*GAUGES, *COUNTERS, *CATEGORIES.values()} <= known


def test_at_first_only_what_is_so_at_a_moment_is_told() -> None:
    """What adds up has nothing to be compared with."""
    found = values(None, reading(FIRST), TYPE, KINDS)

    assert found["BytesUsedForCache"] == 1000
    assert found["DatabaseMemoryUsagePercentage"] == 25
    assert (found["CurrItems"], found["CurrVolatileItems"], found["DB0AverageTTL"]) == (4, 2, 1500)
    assert found["FreeableMemory"] == pytest.approx(26.32 * 2**30 - 2000)
    assert found["IsMaster"] == 1
    assert not found.keys() & {*COUNTERS, "CacheHitRate", "CPUUtilization", "GetTypeCmds"}


def test_what_adds_up_is_what_was_added() -> None:
    """Hits and misses with their rate, and the work of the processors over the seconds between."""
    found = values(reading(FIRST), reading(SECOND, at=10), TYPE, KINDS)

    assert (found["CacheHits"], found["CacheMisses"], found["CacheHitRate"]) == (30, 10, 75)
    assert found["EngineCPUUtilization"] == 10
    assert found["CPUUtilization"] == 100 * 2 / (10 * 4)
    assert found["ReplicationBytes"] == 50


def test_commands_are_counted_by_the_categories_of_the_engine() -> None:
    """With the time that one took on average; a subcommand counts for its command."""
    found = values(reading(FIRST), reading(SECOND, at=10), TYPE, KINDS)

    assert (found["StringBasedCmds"], found["StringBasedCmdsLatency"]) == (24, 440 / 24)
    assert (found["GetTypeCmds"], found["SuccessfulReadRequestLatency"]) == (20, 20)
    assert (found["SetTypeCmds"], found["SuccessfulWriteRequestLatency"]) == (4, 10)
    assert found["ClusterBasedCmds"] == 2


def test_another_process_counts_anew() -> None:
    """Its numbers are no continuation of those of the process before."""
    found = values(reading(FIRST), reading(SECOND, at=10, process=8), TYPE, KINDS)

    assert "CacheHits" not in found


def test_numbers_that_were_reset_count_from_zero() -> None:
    """CONFIG RESETSTAT makes no negative metric."""
    found = values(reading(SECOND), reading({**SECOND, "keyspace_hits": "3"}, at=10), TYPE, KINDS)

    assert found["CacheHits"] == 3


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"master_link_status": "up", "master_last_io_seconds_ago": "2"},
            {"MasterLinkHealthStatus": 1, "ReplicationLag": 2},
        ),
        ({"master_link_status": "down", "master_last_io_seconds_ago": "-1"}, {"MasterLinkHealthStatus": 0}),
    ],
)
def test_a_replica_tells_how_far_it_is(fields: dict[str, str], expected: dict[str, float]) -> None:
    """Without its primary it has no lag to tell of, but that it has none."""
    found = values(None, reading({**FIRST, "role": "slave", **fields}), TYPE, KINDS)

    assert {name: found[name] for name in ("MasterLinkHealthStatus", "ReplicationLag") if name in found} == expected


def test_of_a_node_type_that_is_not_known_nothing_follows() -> None:
    """What the engine tells itself is told."""
    found = values(None, reading({**FIRST, "maxmemory": "0"}), None, KINDS)

    assert not found.keys() & {"FreeableMemory", "DatabaseMemoryUsagePercentage", "CPUUtilization"}
    assert found["BytesUsedForCache"] == 1000
