"""Calls that are throttled or blocked, and replacements that do not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.emulator.outage.member import members, primary_of, whole
from tests.emulator.wire import code, until

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine


@pytest.fixture
def once(emulator: Any) -> Any:
    """Give the API through a client that never tries again."""
    import boto3  # noqa: PLC0415 - the client of `api` retries

    return boto3.client(
        "elasticache",
        endpoint_url=emulator.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id="ELASTICACHEKITLOCAL0",
        aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.mark.parametrize("named", ["Throttling", "RequestLimitExceeded"])
def test_a_share_of_calls_is_throttled(once: Any, ask: Asking, end: Ending, named: str) -> None:
    """Exactly the share, of the operations that were named only, and until the fault ends."""
    begun = ask("api-throttling", Operations=["DescribeEvents"], Rate=0.25, Code=named)

    def refused() -> bool:
        try:
            once.describe_events()
        except ClientError as error:
            return error.response.get("Error", {}).get("Code") == named
        return False

    assert [refused() for _ in range(8)] == [False, False, False, True] * 2
    once.describe_users()
    end(begun)
    assert not any(refused() for _ in range(4))


def test_an_sdk_rides_out_throttling(api: Any, ask: Asking) -> None:
    """It knows the error for one to wait and try again at."""
    ask("api-throttling", Operations=["DescribeEvents"], Rate=0.5)
    answers = [api.describe_events()["ResponseMetadata"]["RetryAttempts"] for _ in range(3)]

    assert answers == [0, 1, 1]


@pytest.mark.parametrize("given", [{}, {"Code": "InvalidReplicationGroupState"}])
def test_test_failover_is_blocked_until_the_fault_ends(
    api: Any, ask: Asking, end: Ending, given: dict[str, str]
) -> None:
    """AWS may block it; the primary stays, and no call is counted against the quota."""
    before = primary_of(api)
    begun = ask("blocked-failover", ReplicationGroupId="orders", **given)
    with pytest.raises(ClientError) as caught:
        api.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")

    assert code(caught) == given.get("Code", "TestFailoverNotAvailableFault")
    assert primary_of(api) == before
    end(begun)
    api.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
    whole(api)
    assert primary_of(api) != before


def test_a_replacement_does_not_come_until_the_fault_ends(api: Any, ask: Asking, end: Ending) -> None:
    """A replica has taken over, the lost node is being recovered, and no event says that it has been."""
    begun = ask("failed-recovery", ReplicationGroupId="orders")
    before = primary_of(api)
    ask("kill", CacheClusterId=before)
    until(lambda: members(api)[before].status, "rebooting cache cluster nodes".__eq__)

    def events() -> list[str]:
        found = api.describe_events(SourceIdentifier=before, SourceType="cache-cluster", Duration=60)["Events"]
        return [item["Message"] for item in found]

    seen = events()
    assert primary_of(api) != before
    assert seen.count("Recovering cache nodes 0001") == seen.count("Finished recovery for cache nodes 0001") + 1
    end(begun)
    whole(api)
    assert events().count("Finished recovery for cache nodes 0001") == seen.count("Recovering cache nodes 0001")
