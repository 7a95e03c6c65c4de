"""The other Region of a drill, and what keeps it from taking the writes; inside this process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.drills import guard
from elasticache_kit.drills.world import LAG_METRIC, lag, other
from elasticache_kit.errors import RefusedError
from elasticache_kit.model.metric import NAMESPACE
from elasticache_kit.ops import inventory
from tests.ops.completed import make_sharded
from tests.ops.conftest import account, world

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

__all__ = ["account", "world"]

HERE, FAR = "us-east-1", "eu-west-1"


@pytest.fixture
def datastore(account: Session) -> Session:
    """An account with the global datastore of `here` and, far away, `there`; and with `alone`."""
    make_sharded(account, "here")
    make_sharded(account, "alone")
    client: Any = account.act
    made = client.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="world", PrimaryReplicationGroupId="here"
    )["GlobalReplicationGroup"]
    account.elsewhere(FAR).act.create_replication_group(
        ReplicationGroupId="there",
        ReplicationGroupDescription="of a test",
        GlobalReplicationGroupId=made["GlobalReplicationGroupId"],
    )
    return account


@pytest.mark.parametrize("region", [None, FAR])
def test_the_secondary_is_found(datastore: Session, region: str | None) -> None:
    """The first one, or that of the Region that was named."""
    found = other(datastore, inventory.replication_group(datastore, "here"), region)

    assert (found.region, found.group.replication_group_id) == (FAR, "there")


@pytest.mark.parametrize(
    ("at", "name", "region", "reason"),
    [
        (HERE, "alone", None, "it is no member of a global datastore"),
        (HERE, "here", "us-west-2", "has no secondary in us-west-2: it has eu-west-1"),
        (FAR, "there", None, "it is not the primary of .*, that is here in us-east-1: run the drill there"),
    ],
)
def test_what_is_no_primary_with_such_a_secondary_is_refused(
    datastore: Session, at: str, name: str, region: str | None, reason: str
) -> None:
    """With where to look."""
    session = datastore.elsewhere(at)

    with pytest.raises(RefusedError, match=reason):
        other(session, inventory.replication_group(session, name), region)


def test_a_secondary_that_is_far_behind_or_not_allowed_does_not_take_the_writes(datastore: Session) -> None:
    """It has a tag of its own; the lag is what CloudWatch has of its nodes, and unknown without data."""
    found = other(datastore, inventory.replication_group(datastore, "here"), None)
    far: Any = datastore.elsewhere(FAR)
    behind = "there in eu-west-1: it is 7 s behind its primary, and at most 2 s are allowed: wait, or raise --max-lag"

    untold = guard.elsewhere(datastore, found)
    far.act.add_tags_to_resource(ResourceName=found.group.arn, Tags=[{"Key": guard.TAG, "Value": guard.ALLOWED}])
    far.changing("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": LAG_METRIC,
                "Dimensions": [{"Name": "CacheClusterId", "Value": found.group.members[0].cache_cluster_id}],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                "Value": 7.0,
            }
        ],
    )

    assert untold[-1] == f"there in eu-west-1: CloudWatch does not tell how far it is behind ({LAG_METRIC})"
    assert any("its owner has not allowed drills" in reason for reason in untold)
    assert lag(datastore, found) == 7
    assert behind in guard.elsewhere(datastore, found)
    assert behind not in guard.elsewhere(datastore, found, max_lag_seconds=8)
    assert not any("allowed drills" in reason for reason in guard.elsewhere(datastore, found))
    assert lag(datastore, replace(found, group=replace(found.group, node_groups=()))) is None
