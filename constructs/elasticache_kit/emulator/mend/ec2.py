"""EC2, which takes long to import, and whose types of CloudFormation know little of IPv6.

moto makes three sessions while it is imported, and each of them reads EC2's whole model. Its VPC does not tell its IPv6
blocks, its subnets forget theirs and whether they give addresses out, its routes where IPv6 goes.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import boto3
from moto.core.base_backend import AccountSpecificBackend

IPV6_BLOCKS = "Ipv6CidrBlocks"
# The properties of a subnet that moto's CloudFormation does not read, and moto's name of each.
GIVES_OUT = {
    "AssignIpv6AddressOnCreation": "assign_ipv6_address_on_creation",
    "MapPublicIpOnLaunch": "map_public_ip_on_launch",
}
# The targets of a route, and what CreateRoute of moto's backend calls them.
TARGETS = {"GatewayId": "gateway_id", "EgressOnlyInternetGatewayId": "egress_only_igw_id"}


def install() -> Callable[[], None]:
    """Import it with the session that moto has already, let CloudFormation know IPv6, and return what undoes that."""
    models: Any = _imported()
    create = "create_from_cloudformation_json"
    vpc, subnet, route = models.vpcs.VPC, models.subnets.Subnet, models.route_tables.Route
    before = [(vpc, "get_cfn_attribute"), (subnet, create), (route, create)]
    kept: list[tuple[Any, str, Any]] = [(kind, name, vars(kind)[name]) for kind, name in before]
    vpc.get_cfn_attribute = _attribute(vpc.get_cfn_attribute)
    subnet.create_from_cloudformation_json = staticmethod(_subnet(getattr(subnet, create), models))
    route.create_from_cloudformation_json = staticmethod(_route(getattr(route, create), models))

    def undo() -> None:
        for kind, name, stock in kept:
            setattr(kind, name, stock)

    return undo


def _imported() -> Any:
    shared = AccountSpecificBackend.get_session()
    sessions: Any = boto3
    stock, sessions.Session = sessions.Session, lambda: shared
    try:
        return import_module("moto.ec2.models")
    finally:
        sessions.Session = stock


def _attribute(stock: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def get_cfn_attribute(vpc: Any, attribute_name: str) -> Any:
        if attribute_name == IPV6_BLOCKS:
            return [item["cidr_block"] for item in vpc.get_cidr_block_association_set(ipv6=True)]
        return stock(vpc, attribute_name)

    return get_cfn_attribute


def _subnet(stock: Callable[..., Any], models: Any) -> Callable[..., Any]:
    def create(name: str, definition: dict[str, Any], account_id: str, region_name: str, **more: Any) -> Any:
        made, given = stock(name, definition, account_id, region_name, **more), definition["Properties"]
        backend = models.ec2_backends[account_id][region_name]
        if given.get("Ipv6CidrBlock"):
            backend.associate_subnet_cidr_block(made.id, given["Ipv6CidrBlock"])
        for property_, attribute in GIVES_OUT.items():
            if property_ in given:
                backend.modify_subnet_attribute(made.id, attribute, str(given[property_]).lower() == "true")
        return made

    return create


def _route(stock: Callable[..., Any], models: Any) -> Callable[..., Any]:
    def create(name: str, definition: dict[str, Any], account_id: str, region_name: str, **more: Any) -> Any:
        given = definition["Properties"]
        if "DestinationIpv6CidrBlock" not in given:
            return stock(name, definition, account_id, region_name, **more)
        return models.ec2_backends[account_id][region_name].create_route(
            route_table_id=given["RouteTableId"],
            destination_cidr_block=None,
            destination_ipv6_cidr_block=given["DestinationIpv6CidrBlock"],
            **{member: given.get(target) for target, member in TARGETS.items()},
        )

    return create
