"""How resources go whose types moto's CloudFormation makes and never removes: by the calls of their services."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.service_resource import Place

# Of EC2: the operation, and the member that takes the physical id; a list where it ends in an s.
BY_ID: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # Ref of an address is the address itself.
        "AWS::EC2::EIP": ("release_address", "PublicIp"),
        "AWS::EC2::FlowLog": ("delete_flow_logs", "FlowLogIds"),
        "AWS::EC2::InternetGateway": ("delete_internet_gateway", "InternetGatewayId"),
        "AWS::EC2::RouteTable": ("delete_route_table", "RouteTableId"),
        "AWS::EC2::VPCEndpoint": ("delete_vpc_endpoints", "VpcEndpointIds"),
    }
)
# Of EC2: the operation, and the members that it takes from the properties.
BY_PROPERTIES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "AWS::EC2::Route": ("delete_route", ("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock")),
        "AWS::EC2::VPCGatewayAttachment": ("detach_internet_gateway", ("InternetGatewayId", "VpcId")),
    }
)
TYPES = frozenset({*BY_ID, *BY_PROPERTIES, "AWS::EC2::NatGateway"})


def remove(type_name: str, physical_id: str, properties: Mapping[str, Any], place: Place) -> None:
    """Remove a resource of one of these types.

    Raises:
        ServiceRefusedError: EC2 refuses, for example because something still needs it.
    """
    if type_name == "AWS::EC2::NatGateway":
        _remove_gateway(physical_id, place)
        return
    if type_name in BY_ID:
        operation, member = BY_ID[type_name]
        place.call("ec2", operation, **{member: [physical_id] if member.endswith("s") else physical_id})
        return
    operation, members = BY_PROPERTIES[type_name]
    place.call("ec2", operation, **{name: properties.get(name) for name in members})


def _remove_gateway(physical_id: str, place: Place) -> None:
    """Remove a NAT gateway with the network interface that moto made for it."""
    (gateway,) = place.call("ec2", "describe_nat_gateways", NatGatewayIds=[physical_id])["NatGateways"]
    place.call("ec2", "delete_nat_gateway", NatGatewayId=physical_id)
    for address in gateway["NatGatewayAddresses"]:
        place.call("ec2", "delete_network_interface", NetworkInterfaceId=address["NetworkInterfaceId"])
