"""Service updates, on the emulator and with --aws on AWS: what there is, and what nobody has heard of."""

from __future__ import annotations

from typing import Any

import pytest

STATUSES = ("available", "cancelled", "expired")


def updates(elasticache: Any, **request: Any) -> list[dict[str, Any]]:
    """Return the service updates of a listing."""
    pages = elasticache.get_paginator("describe_service_updates").paginate(**request)
    return [update for page in pages for update in page["ServiceUpdates"]]


def test_updates_by_status_and_by_name(elasticache: Any) -> None:
    """Every update has one of three statuses, and is found by its name."""
    found = updates(elasticache)
    by_status = [update for status in STATUSES for update in updates(elasticache, ServiceUpdateStatus=[status])]

    assert found
    assert {item["ServiceUpdateName"] for item in by_status} == {item["ServiceUpdateName"] for item in found}
    name = found[0]["ServiceUpdateName"]
    assert {item["ServiceUpdateName"] for item in updates(elasticache, ServiceUpdateName=name)} == {name}


def test_an_update_that_nobody_has_heard_of(elasticache: Any, name: str) -> None:
    """It is not found, whatever shall be done with it."""
    for call in (elasticache.batch_apply_update_action, elasticache.batch_stop_update_action):
        with pytest.raises(elasticache.exceptions.ServiceUpdateNotFoundFault):
            call(ServiceUpdateName=name, CacheClusterIds=[name])
    with pytest.raises(elasticache.exceptions.ServiceUpdateNotFoundFault):
        elasticache.describe_service_updates(ServiceUpdateName=name)


def test_a_cache_that_there_is_not_is_not_updated(elasticache: Any, name: str) -> None:
    """The answer says of which cache nothing was done; the others would be."""
    update = updates(elasticache)[0]["ServiceUpdateName"]
    answer = elasticache.batch_apply_update_action(ServiceUpdateName=update, ReplicationGroupIds=[name])

    assert answer.get("ProcessedUpdateActions", []) == []
    assert [item["ReplicationGroupId"] for item in answer["UnprocessedUpdateActions"]] == [name]
