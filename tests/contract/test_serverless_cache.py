"""A serverless cache and its snapshots, on the emulator and with --aws on AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import unique

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network


@pytest.fixture(scope="module")
def cache(place: Place, elasticache: Any, network: Network) -> Iterator[str]:
    """The name of a cache of valkey 8."""
    cache = unique()
    made = create(elasticache, network, cache)
    assert (made["Status"], "Endpoint" in made) == ("creating", False)
    show(place, cache)
    yield cache
    if there(elasticache, cache):
        show(place, cache)
        elasticache.delete_serverless_cache(ServerlessCacheName=cache)
        gone(place, cache)


def create(elasticache: Any, network: Network, cache: str) -> dict[str, Any]:
    """Ask for a cache."""
    return elasticache.create_serverless_cache(
        ServerlessCacheName=cache,
        Engine="valkey",
        MajorEngineVersion="8",
        SubnetIds=list(network.subnets),
        SecurityGroupIds=[network.security_group],
        Tags=[{"Key": "team", "Value": "orders"}],
    )["ServerlessCache"]


def there(elasticache: Any, cache: str) -> bool:
    """Tell whether there is a cache of a name."""
    pages = elasticache.get_paginator("describe_serverless_caches").paginate()
    return cache in [item["ServerlessCacheName"] for page in pages for item in page["ServerlessCaches"]]


def show(place: Place, cache: str) -> dict[str, Any]:
    """Wait for a cache, and describe it."""
    api = place.client("elasticache")
    return place.until(
        lambda: api.describe_serverless_caches(ServerlessCacheName=cache)["ServerlessCaches"][0],
        lambda seen: seen["Status"] == "available",
    )


def gone(place: Place, cache: str) -> None:
    """Wait for the end of a cache."""
    api = place.client("elasticache")
    place.gone(
        lambda: api.describe_serverless_caches(ServerlessCacheName=cache), api.exceptions.ServerlessCacheNotFoundFault
    )


def taken(place: Place, name: str) -> dict[str, Any]:
    """Wait for a snapshot, and describe it."""
    api = place.client("elasticache")
    return place.until(
        lambda: api.describe_serverless_cache_snapshots(ServerlessCacheSnapshotName=name)["ServerlessCacheSnapshots"][
            0
        ],
        lambda seen: seen["Status"] == "available",
    )


def remove_snapshot(place: Place, name: str) -> None:
    """Remove a snapshot; afterwards it is not found."""
    api = place.client("elasticache")
    taken(place, name)
    api.delete_serverless_cache_snapshot(ServerlessCacheSnapshotName=name)
    place.gone(
        lambda: api.describe_serverless_cache_snapshots(ServerlessCacheSnapshotName=name),
        api.exceptions.ServerlessCacheSnapshotNotFoundFault,
    )


def snapshots(elasticache: Any, **filters: str) -> set[str]:
    """Return the names of the snapshots that a listing has."""
    pages = elasticache.get_paginator("describe_serverless_cache_snapshots").paginate(**filters)
    return {item["ServerlessCacheSnapshotName"] for page in pages for item in page["ServerlessCacheSnapshots"]}


def test_a_cache_and_its_endpoints(place: Place, elasticache: Any, network: Network, cache: str) -> None:
    """One that writes and one that reads; where it was put, and what it was tagged with."""
    found = show(place, cache)
    tags = elasticache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"]

    assert (found["Engine"], found["MajorEngineVersion"]) == ("valkey", "8")
    assert found["FullEngineVersion"].startswith("8.")
    assert (found["Endpoint"]["Port"], found["ReaderEndpoint"]["Port"]) == (6379, 6380)
    assert (set(found["SubnetIds"]), found["SecurityGroupIds"]) == (set(network.subnets), [network.security_group])
    assert found["ARN"].split(":")[5:] == ["serverlesscache", cache]
    assert {"Key": "team", "Value": "orders"} in tags


def test_a_cache_is_there_once(place: Place, elasticache: Any, network: Network, cache: str, name: str) -> None:
    """It is found in any case of letters, and what never was is not; each with boto3's class of error."""
    show(place, cache)
    (found,) = elasticache.describe_serverless_caches(ServerlessCacheName=cache.upper())["ServerlessCaches"]
    assert found["ServerlessCacheName"] == cache
    with pytest.raises(elasticache.exceptions.ServerlessCacheAlreadyExistsFault):
        create(elasticache, network, cache)
    for call in (
        lambda: elasticache.describe_serverless_caches(ServerlessCacheName=name),
        lambda: elasticache.modify_serverless_cache(ServerlessCacheName=name, Description="none"),
        lambda: elasticache.delete_serverless_cache(ServerlessCacheName=name),
        lambda: elasticache.create_serverless_cache_snapshot(
            ServerlessCacheName=name, ServerlessCacheSnapshotName=name
        ),
    ):
        with pytest.raises(elasticache.exceptions.ServerlessCacheNotFoundFault):
            call()


def test_settings_are_changed(place: Place, elasticache: Any, cache: str) -> None:
    """They hold when the cache is available again."""
    show(place, cache)
    changed = elasticache.modify_serverless_cache(
        ServerlessCacheName=cache,
        Description="changed",
        CacheUsageLimits={"DataStorage": {"Maximum": 2, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 2000}},
        SnapshotRetentionLimit=1,
        DailySnapshotTime="04:00",
    )["ServerlessCache"]
    found = show(place, cache)

    assert changed["Status"] == "modifying"
    assert (found["Description"], found["SnapshotRetentionLimit"], found["DailySnapshotTime"]) == (
        "changed",
        1,
        "04:00",
    )
    assert found["CacheUsageLimits"]["DataStorage"]["Maximum"] == 2
    assert found["CacheUsageLimits"]["ECPUPerSecond"]["Maximum"] == 2000


@pytest.mark.parametrize(
    "request_", [{"CacheUsageLimits": {"ECPUPerSecond": {"Maximum": 999}}}, {"SnapshotRetentionLimit": 36}]
)
def test_what_is_out_of_range(place: Place, elasticache: Any, cache: str, request_: dict[str, Any]) -> None:
    """It is refused, and the cache stays what it was."""
    before = show(place, cache)
    with pytest.raises(elasticache.exceptions.InvalidParameterValueException):
        elasticache.modify_serverless_cache(ServerlessCacheName=cache, **request_)

    assert show(place, cache) == before


def test_a_snapshot_and_its_copy(place: Place, elasticache: Any, cache: str, name: str) -> None:
    """Both are of the cache and asked for by somebody; each goes alone, and a name is there once."""
    show(place, cache)
    made = elasticache.create_serverless_cache_snapshot(ServerlessCacheName=cache, ServerlessCacheSnapshotName=name)
    assert made["ServerlessCacheSnapshot"]["Status"] == "creating"
    found = taken(place, name)
    elasticache.copy_serverless_cache_snapshot(
        SourceServerlessCacheSnapshotName=name, TargetServerlessCacheSnapshotName=f"{name}-2"
    )
    taken(place, f"{name}-2")

    assert found["ServerlessCacheConfiguration"]["ServerlessCacheName"] == cache
    assert (found["SnapshotType"], found["ARN"].split(":")[5:]) == ("manual", ["serverlesscachesnapshot", name])
    assert snapshots(elasticache, ServerlessCacheName=cache, SnapshotType="manual") == {name, f"{name}-2"}
    assert not snapshots(elasticache, SnapshotType="automated") & {name, f"{name}-2"}
    with pytest.raises(elasticache.exceptions.ServerlessCacheSnapshotAlreadyExistsFault):
        elasticache.copy_serverless_cache_snapshot(
            SourceServerlessCacheSnapshotName=name, TargetServerlessCacheSnapshotName=f"{name}-2"
        )

    remove_snapshot(place, name)
    assert snapshots(elasticache, ServerlessCacheName=cache) == {f"{name}-2"}
    remove_snapshot(place, f"{name}-2")


def test_a_final_snapshot_is_all_that_is_left(place: Place, elasticache: Any, network: Network, name: str) -> None:
    """Of a cache that goes with one."""
    create(elasticache, network, name)
    show(place, name)
    deleted = elasticache.delete_serverless_cache(ServerlessCacheName=name, FinalSnapshotName=f"{name}-last")
    assert deleted["ServerlessCache"]["Status"] == "deleting"
    gone(place, name)

    assert taken(place, f"{name}-last")["ServerlessCacheConfiguration"]["ServerlessCacheName"] == name
    assert not there(elasticache, name)
    remove_snapshot(place, f"{name}-last")
