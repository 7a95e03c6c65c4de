"""Quotas: whether an account and Region has room for more."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sized
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fault import Fault
from elasticache_kit.errors import EmulatorError
from elasticache_kit.model import quota

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

# On AWS this quota is raised in Service Quotas.
VARIABLE = "ELASTICACHE_KIT_NODES_PER_REGION"
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
    limit = nodes_per_region()
    if present + more > limit:
        raise Fault(
            "NodeQuotaForCustomerExceeded",
            f"There are {present} nodes, and {more} more would be above the quota of {limit} in a Region; "
            f"{VARIABLE} raises it here, as Service Quotas does on AWS.",
        )


def nodes_per_region(environment: Mapping[str, str] | None = None) -> int:
    """Say how many nodes a Region may have: what a variable says, else AWS's default quota.

    Args:
        environment: the variables; those of this process when omitted.

    Raises:
        EmulatorError: the variable is no number.
    """
    given = (os.environ if environment is None else environment).get(VARIABLE)
    if given is None:
        return quota.quotas()["nodes-per-region"].value
    if not given.isdecimal():
        raise EmulatorError(f"{VARIABLE} is {given!r}: give the number of nodes that a Region may have, 0 or more.")
    return int(given)
