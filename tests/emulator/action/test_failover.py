"""TestFailover over the wire, without engines: roles, events, refusals, the quota."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, until


def settle(elasticache: Any, ended: int = 1) -> list[dict[str, Any]]:
    """Wait for the end of so many recoveries and return all events."""
    return until(
        lambda: elasticache.describe_events()["Events"],
        lambda events: sum(event["Message"].startswith("Finished recovery") for event in events) >= ended,
    )


@pytest.fixture
def orders(elasticache: Any, group: Create) -> Any:
    """A client of a region where the group `orders` is available."""
    group()
    available(elasticache)
    return elasticache


def test_roles_swap_and_the_events_come_in_order(orders: Any) -> None:
    """What AWS writes of a failover, in its words and its order, from its sources."""
    orders.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
    called, *_ = events = settle(orders)[4::-1]

    assert called["Message"].startswith("Test Failover API called")
    assert [(event["SourceType"], event["SourceIdentifier"], event["Message"]) for event in events] == [
        ("replication-group", "orders", "Test Failover API called for node group 0001"),
        ("cache-cluster", "orders-002", "Failover from primary node orders-001 to replica node orders-002 completed"),
        ("replication-group", "orders", "Failover from primary node orders-001 to replica node orders-002 completed"),
        ("cache-cluster", "orders-001", "Recovering cache nodes 0001"),
        ("cache-cluster", "orders-001", "Finished recovery for cache nodes 0001"),
    ]
    members = orders.describe_replication_groups()["ReplicationGroups"][0]["NodeGroups"][0]["NodeGroupMembers"]
    assert [item["CurrentRole"] for item in members] == ["replica", "primary", "replica"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"ReplicationGroupId": "none", "NodeGroupId": "0001"}, "ReplicationGroupNotFoundFault"),
        ({"ReplicationGroupId": "orders", "NodeGroupId": "0009"}, "NodeGroupNotFoundFault"),
    ],
)
def test_what_does_not_exist_is_named(orders: Any, request_: dict[str, str], expected: str) -> None:
    """AWS's codes for a group and a node group that are not there."""
    with pytest.raises(ClientError) as caught:
        orders.test_failover(**request_)

    assert code(caught) == expected


def test_a_group_without_automatic_failover_is_refused(elasticache: Any, group: Create) -> None:
    """There is nothing to test where nothing fails over."""
    group(AutomaticFailoverEnabled=False, MultiAZEnabled=False)
    available(elasticache)

    with pytest.raises(ClientError, match="Automatic failover is not enabled"):
        elasticache.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")


def test_the_quota_of_a_day_is_fifteen(orders: Any) -> None:
    """The sixteenth call in 24 hours is refused with AWS's code."""
    for number in range(15):
        orders.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
        settle(orders, number + 1)

    with pytest.raises(ClientError) as caught:
        orders.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")

    assert code(caught) == "APICallRateForCustomerExceeded"
