"""SubnetGroup: the subnets that the nodes of a cache live in."""

import re
from abc import ABC, abstractmethod
from typing import cast
from weakref import WeakKeyDictionary

from aws_cdk import Resource
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.subnet_group import SubnetGroupSpec, check
from elasticache_kit.model.unknown import UNKNOWN

# The CDK takes a dozen questions to say which subnets a VPC has, and many caches share one VPC.
_PRIVATE_SUBNETS: WeakKeyDictionary[ec2.IVpc, ec2.SelectedSubnets] = WeakKeyDictionary()


class ISubnetGroup(Resource, ABC):
    """A subnet group, made here or imported."""

    @property
    @abstractmethod
    def cache_subnet_group_name(self) -> str:
        """The name that a cache refers to."""

    @property
    @abstractmethod
    def availability_zones(self) -> tuple[str, ...] | None:
        """The zones of the subnets; None where the subnet group is imported or the CDK has yet to look them up."""

    @property
    @abstractmethod
    def supported_network_types(self) -> tuple[str, ...] | None:
        """The network types of a cache in the subnets; None where the subnets or their group are imported."""


class SubnetGroup(ISubnetGroup):
    """Makes an AWS::ElastiCache::SubnetGroup of the private subnets of a VPC.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        vpc: the VPC.
        vpc_subnets: which subnets. Default: every isolated subnet, and where the VPC has none every private subnet with
            egress; never a public one.
        cache_subnet_group_name: the name. Default: CloudFormation makes one up.
        description: what it is for. Default: the path of the construct.

    Raises:
        ValidationError: the VPC has no private subnet, or ElastiCache would refuse the subnet group.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        cache_subnet_group_name: str | None = None,
        description: str | None = None,
    ) -> None:
        path = construct_path(scope, construct_id)
        subnets = select_subnets(path, vpc, vpc_subnets)
        text = description if description is not None else f"Subnets of {path}"
        warnings = refuse(
            path,
            check(
                SubnetGroupSpec(
                    cache_subnet_group_name=at_synth(cache_subnet_group_name),
                    description=at_synth(text),
                    subnet_ids=UNKNOWN if subnets.is_pending_lookup else at_synth(tuple(subnets.subnet_ids)),
                )
            ),
        )

        super().__init__(scope, construct_id)
        self._availability_zones = known_zones(subnets)
        self._subnets = subnets
        self._resource = elasticache.CfnSubnetGroup(
            self,
            "Resource",
            cache_subnet_group_name=lower_case(cache_subnet_group_name),
            description=text,
            subnet_ids=subnets.subnet_ids,
        )
        warn(self, warnings)

    @staticmethod
    @typed
    def from_cache_subnet_group_name(scope: Construct, construct_id: str, cache_subnet_group_name: str) -> ISubnetGroup:
        """Import a subnet group that exists."""
        return _ImportedSubnetGroup(scope, construct_id, cache_subnet_group_name)

    @property
    def cache_subnet_group_name(self) -> str:
        """The name that a cache refers to."""
        return self._resource.ref

    @property
    def availability_zones(self) -> tuple[str, ...] | None:
        """The zones of the subnets, tokens in a stack without a fixed Region; None until the CDK looked them up."""
        return self._availability_zones

    @property
    def supported_network_types(self) -> tuple[str, ...] | None:
        """The network types that a cache in the subnets may have; None where one of them is imported."""
        return known_network_types(self._subnets)


def own_subnet_group(scope: Construct, subnets: ec2.SelectedSubnets, description: str) -> elasticache.CfnSubnetGroup:
    """Make the subnet group of one cache, which nobody else gets to see.

    It is what SubnetGroup would make, under the same logical id. A construct of our own costs as much as the resource,
    and an app may have hundreds.
    """
    return elasticache.CfnSubnetGroup(
        Construct(scope, "SubnetGroup"), "Resource", description=description, subnet_ids=subnets.subnet_ids
    )


class _ImportedSubnetGroup(ISubnetGroup):
    def __init__(self, scope: Construct, construct_id: str, cache_subnet_group_name: str) -> None:
        super().__init__(scope, construct_id)
        self._name = lower_case(cache_subnet_group_name)

    @property
    def cache_subnet_group_name(self) -> str:
        return self._name

    @property
    def availability_zones(self) -> tuple[str, ...] | None:
        return None

    @property
    def supported_network_types(self) -> tuple[str, ...] | None:
        return None


def select_subnets(path: str, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None) -> ec2.SelectedSubnets:
    """Return the subnets asked for, else the isolated ones, else the private ones with egress.

    Raises:
        ValidationError: nothing was asked for and the VPC has only public subnets.
    """
    if vpc_subnets is not None:
        return _asked_for(path, vpc, vpc_subnets)
    if vpc not in _PRIVATE_SUBNETS:
        _PRIVATE_SUBNETS[vpc] = _private(path, vpc)
    return _PRIVATE_SUBNETS[vpc]


def known_zones(subnets: ec2.SelectedSubnets) -> tuple[str, ...] | None:
    """Return the zones of subnets, None before the CDK looked them up."""
    zones = tuple(subnets.availability_zones)
    # An app runs twice where the CLI has something to look up. The first time the CDK fills in zones of this name, and
    # a rule that fails on them would keep the CLI from looking up the real ones.
    return None if subnets.is_pending_lookup or any(zone.startswith("dummy") for zone in zones) else zones


def known_network_types(subnets: ec2.SelectedSubnets) -> tuple[str, ...] | None:
    """Return the network types that a cache in subnets may have, None where the CDK knows a subnet by its id only.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/network-type.html
    """
    resources = [subnet.node.default_child for subnet in subnets.subnets]
    if not resources or not all(isinstance(resource, ec2.CfnSubnet) for resource in resources):
        return None
    made = cast("list[ec2.CfnSubnet]", resources)
    if all(resource.ipv6_native is True for resource in made):
        return ("ipv6",)
    if any(resource.ipv6_native for resource in made):
        return ()
    dual = all(resource.ipv6_cidr_block is not None or resource.ipv6_ipam_pool_id is not None for resource in made)
    return ("ipv4", "dual_stack") if dual else ("ipv4",)


def _private(path: str, vpc: ec2.IVpc) -> ec2.SelectedSubnets:
    if vpc.isolated_subnets:
        return vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    if vpc.private_subnets:
        return vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
    raise ValidationError(
        f"{path}: the VPC {vpc.node.path} has no private subnet, and a cache does not belong in a public one; "
        "give the VPC isolated subnets, or say which subnets to use with vpc_subnets"
    )


def _asked_for(path: str, vpc: ec2.IVpc, selection: ec2.SubnetSelection) -> ec2.SelectedSubnets:
    try:
        return vpc.select_subnets(
            availability_zones=selection.availability_zones,
            one_per_az=selection.one_per_az,
            subnet_filters=selection.subnet_filters,
            subnet_group_name=selection.subnet_group_name,
            subnets=selection.subnets,
            subnet_type=selection.subnet_type,
        )
    except RuntimeError as error:
        # The CDK's own sentence is clear once its error code is off, and the JavaScript trace behind it is no help.
        sentence = re.sub(r"^\w+: ", "", str(error).splitlines()[0])
        raise ValidationError(f"{path}: vpc_subnets selects nothing in the VPC {vpc.node.path}: {sentence}") from None
