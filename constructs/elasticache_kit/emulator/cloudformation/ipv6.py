"""AWS::EC2::VPCCidrBlock and AWS::EC2::EgressOnlyInternetGateway, which a network with IPv6 needs."""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, retag_ec2

# How moto writes an association with an IPv6 block, and the others.
_FAMILIES = ("Ipv6CidrBlockAssociation", "CidrBlockAssociation")


class VpcCidrBlockResource(ServiceResource, CloudFormationModel):
    """A further block of addresses of a VPC; every property makes another one."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"AmazonProvidedIpv6CidrBlock", "CidrBlock", "Ipv6CidrBlock", "VpcId"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::EC2::VPCCidrBlock"

    def create(self) -> None:
        """Call AssociateVpcCidrBlock; Ref is the id of the association."""
        given = self.properties
        provided = given.get("AmazonProvidedIpv6CidrBlock")
        made = self.place.call(
            "ec2",
            "associate_vpc_cidr_block",
            VpcId=given["VpcId"],
            CidrBlock=given.get("CidrBlock"),
            Ipv6CidrBlock=given.get("Ipv6CidrBlock"),
            AmazonProvidedIpv6CidrBlock=None if provided is None else str(provided).lower() == "true",
        )
        found = next(made[family] for family in _FAMILIES if made.get(family, {}).get("AssociationId"))
        self.physical_resource_id = found["AssociationId"]
        self.attributes = {"Id": self.physical_resource_id}

    def update(self, old: Properties) -> None:
        """Leave it: nothing else can change."""

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DisassociateVpcCidrBlock."""
        del account_id, region_name
        self.place.call("ec2", "disassociate_vpc_cidr_block", AssociationId=self.physical_resource_id)


class EgressOnlyInternetGatewayResource(ServiceResource, CloudFormationModel):
    """What lets IPv6 traffic out of a VPC, and none in."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"VpcId"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::EC2::EgressOnlyInternetGateway"

    def create(self) -> None:
        """Call CreateEgressOnlyInternetGateway; Ref is its id."""
        made = self.place.call("ec2", "create_egress_only_internet_gateway", VpcId=self.properties["VpcId"])
        self.physical_resource_id = made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
        self.attributes = {"Id": self.physical_resource_id}
        retag_ec2(self, {})

    def update(self, old: Properties) -> None:
        """Change the tags: a gateway has nothing else."""
        retag_ec2(self, old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteEgressOnlyInternetGateway."""
        del account_id, region_name
        self.place.call(
            "ec2", "delete_egress_only_internet_gateway", EgressOnlyInternetGatewayId=self.physical_resource_id
        )
