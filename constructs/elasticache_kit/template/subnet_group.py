"""AWS::ElastiCache::SubnetGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.subnet_group import SubnetGroupSpec
from elasticache_kit.model.unknown import UNKNOWN, Unknown
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Value
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::SubnetGroup"

_SUBNET = "AWS::EC2::Subnet"


def spec(scope: Scope, resource: Resource) -> SubnetGroupSpec:
    """Describe a subnet group to the rulebook."""
    properties = Properties.of(scope, resource)
    subnets = properties.texts("SubnetIds")
    if isinstance(subnets, tuple):
        # How many there are is what is asked about them.
        subnets = tuple("a subnet" if isinstance(item, Unknown) else item for item in subnets)
    return SubnetGroupSpec(
        cache_subnet_group_name=properties.text("CacheSubnetGroupName"),
        description=properties.text("Description"),
        subnet_ids=subnets,
    )


def named_zones(scope: Scope, value: Value) -> tuple[str, ...] | Unknown:
    """Return the zones that the subnet group of a cache covers, where the template tells them all."""
    group = scope.linked(value, TYPE)
    zones = subnet_zones(scope, group.properties.get("SubnetIds")) if group is not None else UNKNOWN
    return zones if isinstance(zones, Unknown) else tuple(sorted(set(zones)))


def subnet_zones(scope: Scope, subnets: Value) -> tuple[str, ...] | Unknown:
    """Return the zone of each subnet in a list, where the template tells them all."""
    zones: list[str] = []
    for item in subnets if isinstance(subnets, list) else [None]:
        subnet = scope.linked(item, _SUBNET)
        zone = scope.resolve(subnet.properties.get("AvailabilityZone")) if subnet is not None else None
        if not isinstance(zone, str):
            return UNKNOWN
        zones.append(zone)
    return tuple(zones)
