"""AWS::EC2::EIP, released by the stack that allocated it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.wire import client_of

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator
    from tests.emulator.cloudformation.stack_of import StackOf


def test_an_address_of_a_nat_gateway_goes_after_it(account: Emulator, stack: StackOf) -> None:
    """Ref is the address, and AllocationId what the gateway takes."""
    api: Any = client_of(account.endpoint_url)("ec2")
    subnet = api.describe_subnets()["Subnets"][0]["SubnetId"]
    allocation = {"Fn::GetAtt": ["Out", "AllocationId"]}
    gateway = {"Type": "AWS::EC2::NatGateway", "Properties": {"AllocationId": allocation, "SubnetId": subnet}}
    stack.deploy({"Out": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}, "Gateway": gateway})
    (made,) = api.describe_addresses()["Addresses"]

    assert made["PublicIp"] == stack.id_of("Out")
    assert stack.destroy() == "DELETE_COMPLETE", stack.reasons()
    assert api.describe_addresses()["Addresses"] == []
    assert api.describe_network_interfaces()["NetworkInterfaces"] == []
