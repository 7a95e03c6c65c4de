"""Snapshots of serverless caches over the wire."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.clock import Clock


@pytest.fixture
def cart(client: Client) -> Any:
    """A client of a region with the serverless cache `cart`, which keeps snapshots for two days."""
    api = client("elasticache")
    api.create_serverless_cache(
        ServerlessCacheName="cart", Engine="valkey", SnapshotRetentionLimit=2, DailySnapshotTime="02:00"
    )
    rest(api)
    return api


def rest(api: Any) -> None:
    """Wait until the cache is available."""
    until(lambda: api.describe_serverless_caches()["ServerlessCaches"][0]["Status"], lambda seen: seen == "available")


def take(api: Any, name: str = "first") -> dict[str, Any]:
    """Take a snapshot of `cart` and wait until it is available."""
    made = api.create_serverless_cache_snapshot(ServerlessCacheSnapshotName=name, ServerlessCacheName="cart")
    rest(api)
    until(lambda: shown(api, ServerlessCacheSnapshotName=name)[0]["Status"], lambda seen: seen == "available")
    return made["ServerlessCacheSnapshot"]


def shown(api: Any, **filters: Any) -> list[dict[str, Any]]:
    """Describe the snapshots that filters leave."""
    return api.describe_serverless_cache_snapshots(**filters)["ServerlessCacheSnapshots"]


def names(api: Any, **filters: Any) -> list[str]:
    """Name them."""
    return [item["ServerlessCacheSnapshotName"] for item in shown(api, **filters)]


def test_a_snapshot_names_its_cache(cart: Any) -> None:
    """With engine and version; a manual one never expires."""
    made = take(cart)

    assert (made["Status"], made["SnapshotType"]) == ("creating", "manual")
    assert made["ServerlessCacheConfiguration"]["ServerlessCacheName"] == "cart"
    assert "ExpiryTime" not in shown(cart)[0]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"ServerlessCacheName": "none"}, "ServerlessCacheNotFoundFault"),
        ({"ServerlessCacheSnapshotName": "Capital"}, "InvalidParameterValue"),
    ],
)
def test_what_does_not_fit_is_refused(cart: Any, asked: dict[str, str], expected: str) -> None:
    """No such cache, a name that is none."""
    request = {"ServerlessCacheSnapshotName": "first", "ServerlessCacheName": "cart", **asked}
    with pytest.raises(ClientError) as caught:
        cart.create_serverless_cache_snapshot(**request)

    assert code(caught) == expected


def test_filters(cart: Any) -> None:
    """By cache, by type; a cache that is unknown and has no snapshots is not found."""
    take(cart)

    assert names(cart, ServerlessCacheName="cart", SnapshotType="manual") == ["first"]
    assert names(cart, SnapshotType="automated") == []
    with pytest.raises(cart.exceptions.ServerlessCacheNotFoundFault):
        shown(cart, ServerlessCacheName="none")


def test_a_copy_stays_when_the_original_goes(cart: Any) -> None:
    """It is a snapshot of its own."""
    take(cart)

    cart.copy_serverless_cache_snapshot(
        SourceServerlessCacheSnapshotName="first", TargetServerlessCacheSnapshotName="second"
    )
    until(lambda: {item["Status"] for item in shown(cart)}, lambda seen: seen == {"available"})
    cart.delete_serverless_cache_snapshot(ServerlessCacheSnapshotName="first")

    until(lambda: names(cart), lambda seen: seen == ["second"])


def test_a_cache_starts_with_a_snapshot_of_its_engine(cart: Any) -> None:
    """Valkey does not become Memcached."""
    arn = take(cart)["ARN"]

    with pytest.raises(ClientError):
        cart.create_serverless_cache(ServerlessCacheName="again", Engine="memcached", SnapshotArnsToRestore=[arn])
    cart.create_serverless_cache(ServerlessCacheName="again", Engine="valkey", SnapshotArnsToRestore=[arn])

    assert len(cart.describe_serverless_caches()["ServerlessCaches"]) == 2


def test_the_daily_snapshot_comes_and_goes(cart: Any, clock: Clock) -> None:
    """Kept for two days; it says when it goes."""
    clock.advance(dt.timedelta(days=1))
    first = names(cart, SnapshotType="automated")
    until(lambda: shown(cart)[0]["Status"], lambda seen: seen == "available")
    expiry = shown(cart)[0]["ExpiryTime"] - shown(cart)[0]["CreateTime"]
    clock.advance(dt.timedelta(days=3))

    last = names(cart, SnapshotType="automated")

    assert (len(first), len(last), expiry) == (1, 2, dt.timedelta(days=2))
    assert not set(first) & set(last)


def test_an_export_without_data_is_refused(cart: Any) -> None:
    """Without engines there are none."""
    take(cart)
    with pytest.raises(ClientError, match="first holds no data to export"):
        cart.export_serverless_cache_snapshot(ServerlessCacheSnapshotName="first", S3BucketName="exports")
