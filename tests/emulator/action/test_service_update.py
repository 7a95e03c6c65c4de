"""Service updates over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, until

NAME = "elasticache-local-update-1"


@pytest.fixture
def orders(elasticache: Any, group: Create) -> Any:
    """A client of a region where the group `orders` is available."""
    group()
    available(elasticache)
    return elasticache


def status(api: Any) -> str:
    """Say how far the update is on `orders`."""
    return api.describe_update_actions(ReplicationGroupIds=["orders"])["UpdateActions"][0]["UpdateActionStatus"]


def test_the_update_says_that_it_is_local(orders: Any) -> None:
    """Its name and its text: nobody takes it for one of AWS's."""
    (update,) = orders.describe_service_updates(ServiceUpdateStatus=["available"])["ServiceUpdates"]

    assert (update["ServiceUpdateName"], "makes up" in update["ServiceUpdateDescription"]) == (NAME, True)
    assert orders.describe_service_updates(ServiceUpdateStatus=["expired"])["ServiceUpdates"] == []


def test_an_update_is_applied(orders: Any) -> None:
    """Waiting at first, then complete; a second time there is nothing to apply."""
    assert status(orders) == "not-applied"

    applied = orders.batch_apply_update_action(ServiceUpdateName=NAME, ReplicationGroupIds=["orders", "none"])

    assert [item["UpdateActionStatus"] for item in applied["ProcessedUpdateActions"]] == ["waiting-to-start"]
    assert [item["ReplicationGroupId"] for item in applied["UnprocessedUpdateActions"]] == ["none"]
    until(lambda: status(orders), lambda seen: seen == "complete")
    again = orders.batch_apply_update_action(ServiceUpdateName=NAME, ReplicationGroupIds=["orders"])
    assert again["ProcessedUpdateActions"] == []
    stopped = orders.batch_stop_update_action(ServiceUpdateName=NAME, ReplicationGroupIds=["orders"])
    assert stopped["UnprocessedUpdateActions"][0]["ErrorType"] == "InvalidState"


def test_filters(orders: Any) -> None:
    """By engine, by status, by cluster."""

    def count(**filters: Any) -> int:
        return len(orders.describe_update_actions(**filters)["UpdateActions"])

    assert (count(), count(Engine="valkey"), count(Engine="redis")) == (1, 1, 0)
    assert (count(UpdateActionStatus=["not-applied"]), count(UpdateActionStatus=["complete"])) == (1, 0)
    assert (count(CacheClusterIds=["none"]), count(ServiceUpdateName="other")) == (0, 0)


def test_an_unknown_update_is_not_found(orders: Any) -> None:
    """AWS's code, for every operation that names one."""
    for call in (orders.batch_apply_update_action, orders.batch_stop_update_action):
        with pytest.raises(ClientError) as caught:
            call(ServiceUpdateName="other", ReplicationGroupIds=["orders"])
        assert code(caught) == "ServiceUpdateNotFoundFault"
