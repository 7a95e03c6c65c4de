"""The calendar: when windows begin, and what a pending change waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from elasticache_kit.emulator.clock import Clock
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.emulator.upkeep import next_maintenance, snapshots_due
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets

WEDNESDAY = dt.datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - the emulator's moments have no zone


@pytest.mark.parametrize(
    ("window", "days", "hour"),
    [
        ("wed:13:00-wed:14:00", 0, 13),
        ("wed:11:00-wed:13:00", 7, 11),
        ("sun:07:00-sun:08:00", 4, 7),
        ("tue:23:00-wed:13:00", 6, 23),
        ("sat:23:00-sun:01:00", 3, 23),
    ],
)
def test_a_weekly_window_begins(window: str, days: int, hour: int) -> None:
    """The next time after a moment, today, this week or the next; inside of it the one after."""
    expected = WEDNESDAY.replace(hour=hour) + dt.timedelta(days=days)

    assert next_maintenance(window, WEDNESDAY) == expected


def test_a_daily_window_begins_every_day() -> None:
    """Each beginning in a span, without its first moment and with its last."""
    due = list(snapshots_due("12:00-13:00", WEDNESDAY, WEDNESDAY + dt.timedelta(days=2)))

    assert due == [WEDNESDAY + dt.timedelta(days=1), WEDNESDAY + dt.timedelta(days=2)]
    assert list(snapshots_due("12:30-13:30", WEDNESDAY, WEDNESDAY)) == []


def test_a_clock_is_not_put_back() -> None:
    """What has happened would be to come."""
    with pytest.raises(ValueError, match="not back"):
        Clock().advance(dt.timedelta(seconds=-1))


@pytest.fixture
def clock() -> Clock:
    """The clock of the emulator."""
    return Clock()


@pytest.fixture
def client(tmp_path: Path, clock: Clock) -> Iterator[Client]:
    """Clients of a control plane where `orders` is available."""
    with Emulator(tmp_path, timing=INSTANT, engines=False, clock=clock) as emulator:
        made = client_of(emulator.endpoint_url)
        make_subnet_group(made, make_subnets(made, "abc"))
        make_group(made, PreferredMaintenanceWindow="sun:03:00-sun:04:00")
        available(made("elasticache"))
        yield made


def test_a_change_of_a_group_waits_for_its_window(client: Client, clock: Clock) -> None:
    """The node type waits and is shown on the nodes; the retention does not."""
    elasticache = client("elasticache")

    def change(**request: object) -> None:
        elasticache.modify_replication_group(ReplicationGroupId="orders", **request)
        available(elasticache)

    change(CacheNodeType="cache.t4g.medium", SnapshotRetentionLimit=5)
    node = elasticache.describe_cache_clusters(CacheClusterId="orders-001")["CacheClusters"][0]
    waiting = available(elasticache)
    clock.advance(dt.timedelta(days=7))
    elasticache.describe_events()
    changed = available(elasticache)

    assert node["PendingModifiedValues"] == {"CacheNodeType": "cache.t4g.medium"}
    assert (waiting["CacheNodeType"], waiting["SnapshotRetentionLimit"]) == ("cache.t4g.small", 5)
    assert changed["CacheNodeType"] == "cache.t4g.medium"


def test_a_change_at_once_makes_what_waits_too(client: Client) -> None:
    """As the API says of ApplyImmediately."""
    elasticache = client("elasticache")
    for request in ({"CacheNodeType": "cache.t4g.medium"}, {"SnapshotRetentionLimit": 5, "ApplyImmediately": True}):
        elasticache.modify_replication_group(ReplicationGroupId="orders", **request)
        changed = available(elasticache)

    assert (changed["CacheNodeType"], changed["SnapshotRetentionLimit"]) == ("cache.t4g.medium", 5)


def test_events_are_kept_for_fourteen_days(client: Client, clock: Clock) -> None:
    """Older ones are gone."""
    elasticache = client("elasticache")
    fortnight = 14 * 24 * 60
    before = elasticache.describe_events(Duration=fortnight)["Events"]

    clock.advance(dt.timedelta(days=15))

    assert before
    assert elasticache.describe_events(Duration=10 * fortnight)["Events"] == []
