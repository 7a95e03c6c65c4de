"""AWS::EC2::SecurityGroupEgress."""

from __future__ import annotations

from typing import Any

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource


class SecurityGroupEgressResource(ServiceResource, CloudFormationModel):
    """A rule for what leaves a security group; every property but the description makes another rule."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset(
        {
            "CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId", "FromPort", "GroupId",
            "IpProtocol", "ToPort",
        }
    )  # fmt: skip

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::EC2::SecurityGroupEgress"

    def create(self) -> None:
        """Call AuthorizeSecurityGroupEgress; Ref is the id of the rule."""
        made = self.place.call(
            "ec2", "authorize_security_group_egress", GroupId=self.properties["GroupId"], IpPermissions=[self._rule()]
        )
        rules: list[dict[str, Any]] = made.get("SecurityGroupRules") or []
        self.physical_resource_id = rules[0]["SecurityGroupRuleId"] if rules else self.name
        self.attributes = {"Id": self.physical_resource_id}

    def update(self, old: Properties) -> None:
        """Change the description, by a rule with the new one in place of the old."""
        type(self)(self.place, self.name, old).delete(self.place.account_id, self.place.region)
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call RevokeSecurityGroupEgress."""
        del account_id, region_name
        self.place.call(
            "ec2", "revoke_security_group_egress", GroupId=self.properties["GroupId"], IpPermissions=[self._rule()]
        )

    def _rule(self) -> dict[str, Any]:
        given = self.properties
        ports = {name: int(given[name]) for name in ("FromPort", "ToPort") if name in given}
        said = {"Description": given["Description"]} if "Description" in given else {}
        targets = {
            "CidrIp": ("IpRanges", "CidrIp"),
            "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
            "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
            "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        }
        where = {member: [{field: given[name], **said}] for name, (member, field) in targets.items() if given.get(name)}
        return {"IpProtocol": str(given["IpProtocol"]), **ports, **where}
