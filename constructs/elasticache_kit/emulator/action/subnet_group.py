"""Cache subnet groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from elasticache_kit.emulator.action import page, room
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_value, refuse
from elasticache_kit.emulator.state.subnet_group import Subnet, SubnetGroup
from elasticache_kit.model import subnet_group as rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


@taking_turns
def create_cache_subnet_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a subnet group of subnets that exist and lie in one VPC."""
    name = str(request.get("CacheSubnetGroupName", "")).lower()
    spec = rulebook.SubnetGroupSpec(
        cache_subnet_group_name=name,
        description=request.get("CacheSubnetGroupDescription"),
        subnet_ids=tuple(request.get("SubnetIds", ())),
    )
    refuse(rulebook.check(spec))
    region.subnet_groups.refuse_taken(name)
    room.for_one(region.subnet_groups, "subnet-groups-per-region", "CacheSubnetGroupQuotaExceeded")
    vpc_id, subnets = _subnets(region, request.get("SubnetIds", ()))
    group = SubnetGroup(
        name=name,
        arn=region.arn("subnetgroup", name),
        description=str(request.get("CacheSubnetGroupDescription") or ""),
        vpc_id=vpc_id,
        subnets=subnets,
    )
    region.subnet_groups[name] = group
    region.tag([group.arn], request)
    return {"CacheSubnetGroup": describe(group)}


def describe_cache_subnet_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List subnet groups, or one by name."""
    groups = region.subnet_groups.listed(request.get("CacheSubnetGroupName"))
    items, marker = page.cut(groups, request, key=lambda group: group.name)
    return {"CacheSubnetGroups": [describe(group) for group in items], "Marker": marker}


@taking_turns
def modify_cache_subnet_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the description or the subnets; a subnet group that is in use keeps its VPC."""
    group = region.subnet_group(request["CacheSubnetGroupName"])
    if request.get("CacheSubnetGroupDescription") is not None:
        group.description = request["CacheSubnetGroupDescription"]
    if request.get("SubnetIds"):
        vpc_id, subnets = _subnets(region, request["SubnetIds"])
        if vpc_id != group.vpc_id:
            raise Fault("InvalidSubnet", f"The subnets must lie in the VPC of the group, {group.vpc_id}.")
        group.subnets = subnets
    return {"CacheSubnetGroup": describe(group)}


@taking_turns
def delete_cache_subnet_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a subnet group that no cache uses."""
    group = region.subnet_group(request["CacheSubnetGroupName"])
    users = [
        item.replication_group_id
        for item in region.replication_groups.values()
        if item.spec.cache_subnet_group_name == group.name
    ]
    users += [
        item.cache_cluster_id
        for item in region.cache_clusters.values()
        if item.spec.cache_subnet_group_name == group.name
    ]
    if users:
        raise Fault(
            "CacheSubnetGroupInUse", f"Cache subnet group {group.name} is currently in use by {', '.join(users)}."
        )
    del region.subnet_groups[group.name]
    return {}


def describe(group: SubnetGroup) -> dict[str, Any]:
    """Show a subnet group as the API does."""
    return {
        "CacheSubnetGroupName": group.name,
        "CacheSubnetGroupDescription": group.description,
        "VpcId": group.vpc_id,
        "Subnets": [
            {
                "SubnetIdentifier": subnet.subnet_id,
                "SubnetAvailabilityZone": {"Name": subnet.availability_zone},
                "SupportedNetworkTypes": ["ipv4"],
            }
            for subnet in group.subnets
        ],
        "ARN": group.arn,
        "SupportedNetworkTypes": ["ipv4"],
    }


def _subnets(region: Region, subnet_ids: Sequence[str]) -> tuple[str, tuple[Subnet, ...]]:
    backend: Any = get_backend("ec2")[region.account_id][region.name]
    found: list[Any] = []
    for subnet_id in subnet_ids:
        try:
            found.append(backend.get_subnet(subnet_id))
        except Exception as error:  # moto raises a class of EC2's own here
            raise Fault("InvalidSubnet", f"The subnet ID {subnet_id} does not exist.") from error
    vpcs = {subnet.vpc_id for subnet in found}
    if len(vpcs) > 1:
        raise invalid_value(f"The subnets lie in several VPCs: {', '.join(sorted(vpcs))}.")
    return vpcs.pop(), tuple(Subnet(subnet.id, subnet.availability_zone) for subnet in found)
