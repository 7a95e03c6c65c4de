"""In which zones the nodes of a Memcached cluster are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.cdk.token import is_token

if TYPE_CHECKING:
    from collections.abc import Sequence

SINGLE_AZ = "single-az"
CROSS_AZ = "cross-az"

_LIST_MARK = "#{"


@dataclass(frozen=True, slots=True)
class Placement:
    """The AZMode and the zone of each node.

    Zones are named wherever they are known, because CloudFormation replaces a cluster, and so empties it, when the
    number of its nodes changes and it was never told a zone.

    Args:
        az_mode: `single-az` or `cross-az`.
        preferred_availability_zones: the zone of each node; None leaves them to ElastiCache.
    """

    az_mode: str
    preferred_availability_zones: tuple[str, ...] | None


def place(
    num_cache_nodes: int, az_mode: str | None, asked_for: Sequence[str] | None, subnet_zones: Sequence[str]
) -> Placement:
    """Place nodes: where they are asked for, else one zone of the subnets after the other.

    Args:
        num_cache_nodes: the number of nodes; a token counts as several.
        az_mode: the mode asked for. Default: several zones where there are several nodes and several zones.
        asked_for: the zones asked for. Default: those of the subnets.
        subnet_zones: the zones of the subnets, by token in a stack without a fixed Region; empty where unknown.
    """
    if asked_for is not None:
        return Placement(az_mode or (CROSS_AZ if len(set(asked_for)) > 1 else SINGLE_AZ), tuple(asked_for))
    # A list that only a deployment knows is one token, of which no item can be named.
    zones = [zone for zone in dict.fromkeys(subnet_zones) if not zone.startswith(_LIST_MARK)]
    if is_token(num_cache_nodes):
        return Placement(az_mode or CROSS_AZ, None)
    mode = az_mode or (CROSS_AZ if num_cache_nodes > 1 and len(zones) != 1 else SINGLE_AZ)
    if not zones:
        return Placement(mode, None)
    used = zones if mode == CROSS_AZ else zones[:1]
    return Placement(mode, tuple(used[number % len(used)] for number in range(num_cache_nodes)))
