"""The stack of a store for sessions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stacks.conftest import resources, templates


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The stack in the small environment."""
    return templates()["session-store"]


def test_nothing_is_evicted_and_a_zone_may_fail(template: dict[str, Any]) -> None:
    """The cache takes the parameter group that says so, and its size from the settings."""
    (parameters,) = resources(template, "AWS::ElastiCache::ParameterGroup")
    (cache,) = resources(template, "AWS::ElastiCache::ReplicationGroup")

    assert parameters["Properties"] == {"maxmemory-policy": "noeviction"}
    assert "Ref" in cache["CacheParameterGroupName"]
    assert (cache["MultiAZEnabled"], cache["NumCacheClusters"], cache["SnapshotRetentionLimit"]) == (True, 3, 1)


def test_applications_sign_in_with_iam(template: dict[str, Any]) -> None:
    """There is no password, and the user is an output."""
    (user,) = resources(template, "AWS::ElastiCache::User")

    assert user["AuthenticationMode"] == {"Type": "iam"}
    assert set(template["Outputs"]) >= {"ReplicationGroupId", "UserName"}
