"""Serverless caches over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code, until


@pytest.fixture
def api(client: Client) -> Any:
    """A boto3 client of a region without anything in it."""
    return client("elasticache")


def make(api: Any, **request: Any) -> dict[str, Any]:
    """Create the serverless cache `cart` of valkey 8; arguments override or add, None takes away."""
    defaults: dict[str, Any] = {"ServerlessCacheName": "cart", "Engine": "valkey", "MajorEngineVersion": "8"}
    chosen = {name: value for name, value in {**defaults, **request}.items() if value is not None}
    return api.create_serverless_cache(**chosen)["ServerlessCache"]


def at_rest(api: Any, name: str = "cart") -> dict[str, Any]:
    """Wait until a cache is available and describe it."""
    return until(
        lambda: api.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"][0],
        lambda seen: seen["Status"] == "available",
    )


def test_a_new_cache_is_creating_and_then_has_endpoints(api: Any) -> None:
    """One to write to and one to read from, once it is available; always encrypted."""
    made = make(api, ServerlessCacheName="Cart")

    assert (made["ServerlessCacheName"], made["Status"], "Endpoint" in made) == ("cart", "creating", False)
    described = at_rest(api)
    assert (described["Endpoint"]["Port"], described["ReaderEndpoint"]["Port"]) == (6379, 6380)
    assert described["StorageEncryptionType"] == "sse-elasticache"
    assert described["FullEngineVersion"].startswith("8.")


def test_limits_are_shown_as_they_were_asked_for(api: Any) -> None:
    """Storage with its unit; processing units without."""
    made = make(
        api,
        CacheUsageLimits={"DataStorage": {"Maximum": 10, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 5000}},
    )

    assert made["CacheUsageLimits"] == {
        "DataStorage": {"Maximum": 10, "Unit": "GB"},
        "ECPUPerSecond": {"Maximum": 5000},
    }


def test_a_time_that_is_none_harms_nothing(api: Any) -> None:
    """No source says that AWS refuses it: the cache is made, and the Region goes on answering."""
    make(api, DailySnapshotTime="24:00", SnapshotRetentionLimit=1)

    assert at_rest(api)["DailySnapshotTime"] == "24:00"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"Engine": "keydb"}, "InvalidParameterValue"),
        ({"MajorEngineVersion": "6"}, "InvalidParameterValue"),
        ({"CacheUsageLimits": {"ECPUPerSecond": {"Maximum": 999}}}, "InvalidParameterValue"),
        ({"UserGroupId": "none"}, "UserGroupNotFound"),
        ({"SubnetIds": ["subnet-none"]}, "InvalidParameterValue"),
        ({"SnapshotArnsToRestore": ["arn:aws:elasticache:eu-west-1:1:serverlesscachesnapshot:none"]},
         "ServerlessCacheSnapshotNotFoundFault"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(api: Any, asked: dict[str, Any], expected: str) -> None:
    """AWS's codes, from the rulebook and from what is there."""
    with pytest.raises(ClientError) as caught:
        make(api, **asked)

    assert code(caught) == expected
    assert api.describe_serverless_caches()["ServerlessCaches"] == []


def test_a_name_is_used_once(api: Any) -> None:
    """In any case of letters."""
    make(api)

    with pytest.raises(api.exceptions.ServerlessCacheAlreadyExistsFault):
        make(api, ServerlessCacheName="CART")


def test_a_change_is_seen_when_it_is_done(api: Any) -> None:
    """A newer version, a description; a version that goes down is refused."""
    make(api)
    at_rest(api)
    with pytest.raises(ClientError, match="never goes down"):
        api.modify_serverless_cache(ServerlessCacheName="cart", MajorEngineVersion="7")

    changing = api.modify_serverless_cache(ServerlessCacheName="cart", Description="new", MajorEngineVersion="9")

    assert changing["ServerlessCache"]["Status"] == "modifying"
    changed = at_rest(api)
    assert (changed["Description"], changed["MajorEngineVersion"]) == ("new", "9")
    assert changed["FullEngineVersion"].startswith("9.")


def test_users_come_and_go(api: Any) -> None:
    """Both sides show each other; the group stays while the cache uses it."""
    api.create_user_group(UserGroupId="team", Engine="redis", UserIds=["default"])
    make(api, Engine="redis", MajorEngineVersion="7", UserGroupId="team")
    at_rest(api)
    assert api.describe_user_groups(UserGroupId="team")["UserGroups"][0]["ServerlessCaches"] == ["cart"]
    with pytest.raises(ClientError, match="still attached to cart"):
        api.delete_user_group(UserGroupId="team")

    api.modify_serverless_cache(ServerlessCacheName="cart", RemoveUserGroup=True)

    assert "UserGroupId" not in at_rest(api)


def test_a_cache_that_is_busy_takes_no_change(api: Any) -> None:
    """A cache that is gone is not found, and neither is one that never was."""
    make(api)
    at_rest(api)
    api.delete_serverless_cache(ServerlessCacheName="cart", FinalSnapshotName="last")

    until(lambda: api.describe_serverless_caches()["ServerlessCaches"], lambda caches: caches == [])
    with pytest.raises(api.exceptions.ServerlessCacheNotFoundFault):
        api.modify_serverless_cache(ServerlessCacheName="cart", Description="new")
    snapshots = api.describe_serverless_cache_snapshots()["ServerlessCacheSnapshots"]
    assert [item["ServerlessCacheSnapshotName"] for item in snapshots] == ["last"]


def test_events_and_tags(api: Any) -> None:
    """A serverless cache is a source of events of its own, and its ARN takes tags."""
    made = make(api, Tags=[{"Key": "team", "Value": "shop"}])
    at_rest(api)

    told = api.describe_events(SourceType="serverless-cache")["Events"]
    assert [event["SourceIdentifier"] for event in told] == ["cart"]
    assert api.list_tags_for_resource(ResourceName=made["ARN"])["TagList"] == [{"Key": "team", "Value": "shop"}]


def test_caches_come_in_pages(api: Any) -> None:
    """NextToken leads to the next page."""
    for number in range(3):
        make(api, ServerlessCacheName=f"c{number}")

    pages = list(api.get_paginator("describe_serverless_caches").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["ServerlessCaches"]) for page in pages] == [2, 1]
