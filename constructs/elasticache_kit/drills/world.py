"""The other Region of a drill: the member of a global datastore that takes the writes meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import RefusedError
from elasticache_kit.model.metric import NAMESPACE
from elasticache_kit.ops import global_datastore, inventory
from elasticache_kit.ops.session import reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session

# The secondary Region tells it, for the node that leads it there.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
LAG_METRIC = "GlobalDatastoreReplicationLag"
_LOOK_BACK = timedelta(minutes=10)
_PERIOD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Other:
    """A member of a global datastore in another Region.

    Args:
        region: the Region.
        group: the member as it was observed there.
        global_replication_group_id: the global datastore.
    """

    region: str
    group: ReplicationGroup
    global_replication_group_id: str


def other(session: Session, group: ReplicationGroup, region: str | None) -> Other:
    """Look at the secondary that is to take the writes of a primary.

    Args:
        session: where the primary is.
        group: the primary as it was observed.
        region: the Region of the secondary; the first one when None.

    Raises:
        RefusedError: the group is not the primary of a global datastore, or has no such secondary.
        NotFoundError: the global datastore is gone.
        ConnectionFailedError: the API cannot be reached.
    """
    operation = f"a drill on {group.replication_group_id}"
    global_id = group.global_replication_group_id
    if global_id is None:
        raise RefusedError(operation, ["it is no member of a global datastore: see docs/global-datastore.md"])
    world = global_datastore.observe(session, global_id)
    primary = next((member for member in world.members if member.role == global_datastore.PRIMARY), None)
    if primary is None or (primary.region, primary.replication_group_id) != (
        session.region,
        group.replication_group_id,
    ):
        told = f"that is {primary.replication_group_id} in {primary.region}" if primary else "there is none"
        raise RefusedError(operation, [f"it is not the primary of {global_id}, {told}: run the drill there"])
    found = [member for member in world.members if member is not primary and region in {None, member.region}]
    if not found:
        there = ", ".join(member.region for member in world.members if member is not primary) or "no Region"
        raise RefusedError(operation, [f"{global_id} has no secondary in {region or 'any Region'}: it has {there}"])
    member = found[0]
    seen = inventory.replication_group(session.elsewhere(member.region), member.replication_group_id)
    return Other(member.region, seen, global_id)


def lag(session: Session, found: Other, now: datetime | None = None) -> float | None:
    """Return how far a secondary was behind in the last ten minutes, as CloudWatch has it; None without data.

    Args:
        session: any Region of the account.
        found: the secondary.
        now: the end of the ten minutes; the present when omitted.

    Raises:
        ConnectionFailedError: CloudWatch cannot be reached, or does not permit it.
    """
    client: Any = session.elsewhere(found.region).reading("cloudwatch")
    end = now or datetime.now(UTC)
    queries = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": LAG_METRIC,
                    "Dimensions": [{"Name": "CacheClusterId", "Value": member.cache_cluster_id}],
                },
                "Period": _PERIOD_SECONDS,
                "Stat": "Maximum",
            },
        }
        for number, member in enumerate(found.group.members)
    ]
    with reaching():
        answer = client.get_metric_data(MetricDataQueries=queries, StartTime=end - _LOOK_BACK, EndTime=end)
    return max((value for item in answer["MetricDataResults"] for value in item["Values"]), default=None)
