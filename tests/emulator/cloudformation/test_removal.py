"""What moto's CloudFormation makes and never removes goes with its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.cloudformation.stack_of import StackOf

if TYPE_CHECKING:
    from tests.emulator.wire import Client


def test_a_network_with_a_way_out_goes(client: Client) -> None:
    """As the CDK's Vpc makes it: a NAT gateway at an address of its own; nothing of it is left."""
    vpc, subnet = {"Ref": "Vpc"}, {"Ref": "Subnet"}
    resources: dict[str, Any] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc, "CidrBlock": "10.9.0.0/24"}},
        "Gateway": {"Type": "AWS::EC2::InternetGateway", "Properties": {}},
        "Attachment": {
            "Type": "AWS::EC2::VPCGatewayAttachment",
            "Properties": {"VpcId": vpc, "InternetGatewayId": {"Ref": "Gateway"}},
        },
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
        "Nat": {
            "Type": "AWS::EC2::NatGateway",
            "Properties": {"SubnetId": subnet, "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]}},
            "DependsOn": ["Attachment"],
        },
    }
    stack, ec2 = StackOf(client, "network"), client("ec2")
    stack.deploy(resources)
    (address,) = ec2.describe_addresses()["Addresses"]
    assert address["PublicIp"] == stack.id_of("Address")

    assert stack.destroy() == "DELETE_COMPLETE"

    assert ec2.describe_addresses()["Addresses"] == []
    assert ec2.describe_internet_gateways()["InternetGateways"] == []
    assert {item["State"] for item in ec2.describe_nat_gateways()["NatGateways"]} <= {"deleted"}
