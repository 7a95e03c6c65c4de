"""What an operator is told to look at, from records alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from elasticache_kit.ops.finding import even, findings
from elasticache_kit.ops.inventory import Member, NodeGroup, ReplicationGroup
from elasticache_kit.ops.pressure import Pressure
from elasticache_kit.ops.region import CacheCluster, Region, ServerlessCache, UpdateDue

TODAY = date(2026, 11, 26)
PRIMARY = Member("orders-001", "0001", "primary", "available", None, "us-east-1a", "8.1.0")
REPLICA = Member("orders-002", "0001", "replica", "available", None, "us-east-1b", "8.1.0")
SHARD = NodeGroup("0001", "available", None, None, None, (PRIMARY, REPLICA))
SOUND = ReplicationGroup(
    replication_group_id="orders",
    status="available",
    engine="valkey",
    engine_version="8.1.0",
    cache_node_type="cache.m7g.large",
    cluster_enabled=False,
    automatic_failover="enabled",
    multi_az="enabled",
    transit_encryption=True,
    auth_token_enabled=False,
    user_group_ids=("readers",),
    configuration_endpoint=None,
    node_groups=(SHARD,),
    transit_encryption_mode="required",
    at_rest_encryption=True,
    snapshot_retention_limit=7,
)


def rules(region: Region) -> list[tuple[str, str]]:
    """Return level and name of what is found."""
    return [(item.level, item.rule) for item in findings(region, TODAY)]


def of_group(**changes: Any) -> list[tuple[str, str]]:
    """Return what is found in a sound group that was changed so."""
    return rules(Region("us-east-1", (replace(SOUND, **changes),)))


def slots(*ranges: str) -> tuple[NodeGroup, ...]:
    """Return node groups with slots."""
    return tuple(replace(SHARD, node_group_id=f"{number:04}", slots=text) for number, text in enumerate(ranges, 1))


def test_in_a_sound_group_nothing_is_found() -> None:
    """The control of all that follows."""
    assert of_group() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"node_groups": (replace(SHARD, members=(PRIMARY,)),)}, ("risk", "no-replica")),
        (
            {"node_groups": (replace(SHARD, members=(PRIMARY, replace(REPLICA, availability_zone="us-east-1a"))),)},
            ("risk", "single-az"),
        ),
        ({"multi_az": "disabled"}, ("note", "multi-az-off")),
        ({"automatic_failover": "disabled"}, ("risk", "no-failover")),
        ({"snapshot_retention_limit": 0}, ("risk", "no-backup")),
        ({"transit_encryption": False}, ("risk", "no-tls")),
        ({"transit_encryption_mode": "preferred"}, ("note", "tls-optional")),
        ({"at_rest_encryption": False}, ("note", "no-encryption")),
        ({"user_group_ids": ()}, ("risk", "no-sign-in")),
        ({"node_groups": slots("0-9999", "10000-16383")}, ("note", "uneven-slots")),
    ],
)
def test_one_thing_is_wrong_and_one_is_found(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    """Each finding by what causes it, and no other beside it."""
    assert of_group(**changes) == [expected]


@pytest.mark.parametrize(
    ("engine", "version", "found"),
    [
        ("redis", "5.0.6", True),
        ("redis", "3.2.10", True),
        ("redis", "6.2.6", True),
        ("redis", "7.1.0", False),
        ("valkey", "9.1.0", False),
        ("valkey", "99.0.0", False),
    ],
)
def test_an_engine_whose_support_ends_within_a_year_is_found(engine: str, version: str, found: bool) -> None:
    """Redis OSS 6 is supported until 2027-01-31; what nobody knows is no finding."""
    members = tuple(replace(item, engine_version=version) for item in (PRIMARY, REPLICA))

    told = of_group(engine=engine, node_groups=(replace(SHARD, members=members),))

    assert told == ([("risk", "engine-support")] if found else [])


def test_support_that_ends_later_than_in_a_year_is_not_found() -> None:
    """The day counts, not the word."""
    members = tuple(replace(item, engine_version="6.2.6") for item in (PRIMARY, REPLICA))
    region = Region("us-east-1", (replace(SOUND, engine="redis", node_groups=(replace(SHARD, members=members),)),))

    assert findings(region, date(2025, 1, 1)) == ()


def test_updates_are_as_grave_as_aws_says() -> None:
    """A critical one is a risk."""
    due = [
        UpdateDue("orders", "u", severity, "not-applied", datetime(2027, 1, 1, tzinfo=UTC))
        for severity in ("medium", "critical")
    ]

    assert rules(Region("us-east-1", updates=tuple(due))) == [("risk", "update-due"), ("note", "update-due")]


def test_pressure_is_a_risk() -> None:
    """With the value and the threshold."""
    region = Region(
        "us-east-1", pressures=(Pressure("orders-001", "EngineCPUUtilization", 95, 90, "the engine is busy"),)
    )

    (found,) = findings(region, TODAY)

    assert (found.level, found.resource) == ("risk", "orders-001")
    assert "EngineCPUUtilization was 95 within the last hour, AWS recommends an alarm at 90" in found.message


def test_clusters_and_serverless_caches_have_findings_of_their_own() -> None:
    """Memcached needs no backup, and everything else does."""
    words = CacheCluster(
        "words", "available", "memcached", "1.6.22", "cache.m7g.large",
        (("0001", "us-east-1a", "available"), ("0002", "us-east-1a", "available")), True, False, 0, "",
    )  # fmt: skip
    carts = ServerlessCache("carts", "available", "valkey", "8.1", None, 0, None, "")

    assert rules(Region("us-east-1", cache_clusters=(words,), serverless_caches=(carts,))) == [
        ("risk", "no-backup"),
        ("risk", "no-sign-in"),
        ("risk", "single-az"),
    ]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (("0-8191", "8192-16383"), True),
        (("0-8190", "8191-16383"), False),
        ((), True),
        (("0-5461", "5462-10922", "10923-16383"), True),
    ],
)
def test_slots_are_even_within_one(ranges: tuple[str, ...], expected: bool) -> None:
    """16384 slots do not divide by three."""
    assert even(replace(SOUND, node_groups=slots(*ranges))) is expected
