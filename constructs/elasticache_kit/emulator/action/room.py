"""Quotas: whether an account and Region has room for more."""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fault import Fault
from elasticache_kit.model import quota

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

# The resources that every account has are not counted.
_BUILT_IN = {"users-per-region": 2, "user-groups-per-region": 1}


def for_one(present: Sized, quota_id: str, code: str) -> None:
    """Make sure that there is room for one more.

    Args:
        present: what there is.
        quota_id: the quota's id in the model's data.
        code: the code for too many.

    Raises:
        Fault: there is no room.
    """
    limit = quota.quotas()[quota_id]
    if len(present) - _BUILT_IN.get(quota_id, 0) >= limit.value:
        raise Fault(code, f"There are {limit.value} {limit.what} already, which is the quota.")


def for_nodes(region: Region, more: int) -> None:
    """Make sure that there is room for more nodes.

    Raises:
        Fault: NodeQuotaForCustomerExceeded.
    """
    present = sum(len(list(group.members)) for group in region.replication_groups.values())
    present += sum(len(cluster.nodes) for cluster in region.cache_clusters.values())
    limit = quota.quotas()["nodes-per-region"].value
    if present + more > limit:
        raise Fault(
            "NodeQuotaForCustomerExceeded",
            f"There are {present} nodes, and {more} more would be above the quota of {limit} in a Region.",
        )
