"""What caches that a test makes by hand live in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ZONES = 2


@dataclass(frozen=True, slots=True)
class Network:
    """A VPC with a subnet in each of two zones.

    Args:
        vpc: its id.
        subnets: the subnet of each zone.
        zones: the zones.
        security_group: a security group without rules.
        subnet_group: the name of a subnet group with the subnets.
    """

    vpc: str
    subnets: tuple[str, ...]
    zones: tuple[str, ...]
    security_group: str
    subnet_group: str


def make_network(client: Callable[[str], Any], name: str) -> Network:
    """Make a network, all of which has one name."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:ZONES]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=name, CacheSubnetGroupDescription=name, SubnetIds=subnets
    )
    return Network(vpc, tuple(subnets), tuple(zones), group, name)


def remove_network(client: Callable[[str], Any], network: Network) -> None:
    """Remove a network that nothing lives in any more."""
    client("elasticache").delete_cache_subnet_group(CacheSubnetGroupName=network.subnet_group)
    ec2 = client("ec2")
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=network.security_group)
    ec2.delete_vpc(VpcId=network.vpc)
