"""AWS::ElastiCache::ServerlessCache and AWS::ElastiCache::ServerlessCacheSnapshot in a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.cloudformation.stack_of import resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf


def cache(name: str, **properties: Any) -> dict[str, Any]:
    """Return a serverless cache."""
    return resource("ServerlessCache", {"ServerlessCacheName": name, "Engine": "valkey", **properties})


def snapshots(stack: StackOf, name: str) -> list[str]:
    """Name the snapshots of a cache."""
    api = stack.client("elasticache")
    found = api.describe_serverless_cache_snapshots()["ServerlessCacheSnapshots"]
    return [
        item["ServerlessCacheSnapshotName"]
        for item in found
        if item["ServerlessCacheConfiguration"]["ServerlessCacheName"] == name
    ]


def test_limits_and_description_follow_the_template(stack: StackOf) -> None:
    """Also when they leave it."""
    api = stack.client("elasticache")
    limits = {"DataStorage": {"Maximum": "2", "Unit": "GB"}, "ECPUPerSecond": {"Maximum": "2000"}}
    stack.deploy({"C": cache("limited", Description="d", CacheUsageLimits=limits)})
    before = api.describe_serverless_caches(ServerlessCacheName="limited")["ServerlessCaches"][0]
    stack.deploy({"C": cache("limited")})
    after = api.describe_serverless_caches(ServerlessCacheName="limited")["ServerlessCaches"][0]

    assert before["CacheUsageLimits"]["DataStorage"]["Maximum"] == 2
    assert before["Description"] == "d"
    assert not after["CacheUsageLimits"].get("DataStorage", {}).get("Maximum")
    assert not after["Description"]


def test_the_final_snapshot_has_the_name_of_the_template(stack: StackOf) -> None:
    """FinalSnapshotName is what DeletionPolicy Snapshot is elsewhere."""
    stack.deploy({"C": cache("ending", FinalSnapshotName="ending-last")})

    assert stack.destroy() == "DELETE_COMPLETE"
    assert snapshots(stack, "ending") == ["ending-last"]


def test_a_rollback_takes_no_final_snapshot(stack: StackOf) -> None:
    """A cache that was never in use leaves nothing."""
    broken = {**resource("UserGroup", {"UserGroupId": "g", "Engine": "valkey", "UserIds": ["none"]}), "DependsOn": "C"}

    ended = stack.attempt({"C": cache("begun", FinalSnapshotName="begun-last"), "Broken": broken})

    names = [
        item["ServerlessCacheName"]
        for item in stack.client("elasticache").describe_serverless_caches()["ServerlessCaches"]
    ]
    assert ended["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "begun" not in names
    assert snapshots(stack, "begun") == []


def test_users_come_and_go(stack: StackOf) -> None:
    """A user group is attached, and taken away where it leaves the template."""
    user = {"UserId": "reader", "UserName": "reader", "Engine": "valkey", "AccessString": "on ~* +@read"}
    users = {
        "U": resource("User", {**user, "AuthenticationMode": {"Type": "iam"}}),
        "G": resource("UserGroup", {"UserGroupId": "readers", "Engine": "valkey", "UserIds": [{"Ref": "U"}]}),
    }
    api = stack.client("elasticache")
    stack.deploy({**users, "C": cache("shared", UserGroupId={"Ref": "G"})})
    before = api.describe_serverless_caches(ServerlessCacheName="shared")["ServerlessCaches"][0]
    stack.deploy({**users, "C": cache("shared")})
    after = api.describe_serverless_caches(ServerlessCacheName="shared")["ServerlessCaches"][0]

    assert before["UserGroupId"] == "readers"
    assert "UserGroupId" not in after


def test_a_snapshot_comes_and_goes_with_its_stack(stack: StackOf) -> None:
    """Ref is its ARN."""
    properties = {"ServerlessCacheSnapshotName": "kept", "ServerlessCacheName": {"Ref": "C"}}
    stack.deploy({"C": cache("filmed"), "S": resource("ServerlessCacheSnapshot", properties)})
    arn = stack.id_of("S")
    before = snapshots(stack, "filmed")
    stack.deploy({"C": cache("filmed")})

    assert arn.endswith(":serverlesscachesnapshot:kept")
    assert before == ["kept"]
    assert snapshots(stack, "filmed") == []
