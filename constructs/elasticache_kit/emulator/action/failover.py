"""TestFailover."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import replication_group
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_state, invalid_value
from elasticache_kit.emulator.provision import failover as provision_failover
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model import quota

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

DAY = dt.timedelta(hours=24)


@taking_turns
def test_failover(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Kill the primary of a node group and promote a replica, as AWS does when a node dies."""
    group = region.replication_group(request["ReplicationGroupId"])
    if not request.get("NodeGroupId"):
        raise invalid_value("NodeGroupId must be given.")
    node_group = group.node_group(request["NodeGroupId"])
    if group.status != "available":
        raise invalid_state(
            f"Replication group {group.replication_group_id} is not available: its status is {group.status}."
        )
    busy = [item.node_group_id for item in group.node_groups if item.status != "available"]
    if busy:
        raise invalid_state(f"A failover of node group {busy[0]} of {group.replication_group_id} has not ended yet.")
    if not group.spec.automatic_failover_enabled:
        raise invalid_combination(
            f"Automatic failover is not enabled for replication group {group.replication_group_id}."
        )
    if not node_group.replicas:
        raise invalid_combination(
            f"Node group {node_group.node_group_id} of {group.replication_group_id} has no replica to fail over to."
        )
    runtime.current().interference.judge_failover(region.fleet_key(group.replication_group_id))
    _count(region)
    node_group.status = "modifying"
    region.record(
        provision.GROUP,
        group.replication_group_id,
        f"Test Failover API called for node group {node_group.node_group_id}",
    )
    answer = {"ReplicationGroup": replication_group.describe(region, group)}
    runtime.current().lifecycle.start(
        f"failover {group.replication_group_id} {node_group.node_group_id}",
        lambda: provision_failover.fail_over(region, group, node_group),
        settle=lambda _: provision_failover.end_fail_over(region, node_group),
    )
    return answer


def _count(region: Region) -> None:
    limit = quota.TEST_FAILOVERS_PER_DAY
    while region.test_failovers and region.test_failovers[0] < now() - DAY:
        region.test_failovers.popleft()
    if len(region.test_failovers) >= limit:
        raise Fault(
            "APICallRateForCustomerExceeded",
            f"TestFailover has been called for {limit} node groups in the last 24 hours, which is the limit.",
        )
    region.test_failovers.append(now())
