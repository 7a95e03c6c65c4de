"""SubnetGroup: which subnets it takes."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import SubnetGroup
from elasticache_kit.errors import ValidationError

TYPE = "AWS::ElastiCache::SubnetGroup"


def _vpc(stack: Stack, *types: ec2.SubnetType) -> ec2.Vpc:
    return ec2.Vpc(
        stack,
        "Mixed",
        max_azs=2,
        subnet_configuration=[ec2.SubnetConfiguration(name=kind.value, subnet_type=kind) for kind in types],
        restrict_default_security_group=False,
    )


def _references(stack: Stack, subnets: list[ec2.ISubnet]) -> list[object]:
    return [stack.resolve(subnet.subnet_id) for subnet in subnets]


def test_isolated_subnets_only(stack: Stack, vpc: ec2.Vpc) -> None:
    """A VPC without a way out is enough for a cache."""
    SubnetGroup(stack, "Subnets", vpc=vpc)

    Template.from_stack(stack).has_resource_properties(TYPE, {"SubnetIds": _references(stack, vpc.isolated_subnets)})


def test_isolated_subnets_before_private_ones(stack: Stack) -> None:
    """A cache needs no egress, so it takes the subnets without."""
    vpc = _vpc(stack, ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_WITH_EGRESS, ec2.SubnetType.PRIVATE_ISOLATED)
    SubnetGroup(stack, "Subnets", vpc=vpc)

    Template.from_stack(stack).has_resource_properties(TYPE, {"SubnetIds": _references(stack, vpc.isolated_subnets)})


def test_private_subnets_where_none_is_isolated(stack: Stack) -> None:
    """The CDK's own default VPC has public subnets and private ones with egress."""
    vpc = _vpc(stack, ec2.SubnetType.PUBLIC, ec2.SubnetType.PRIVATE_WITH_EGRESS)
    SubnetGroup(stack, "Subnets", vpc=vpc)

    Template.from_stack(stack).has_resource_properties(TYPE, {"SubnetIds": _references(stack, vpc.private_subnets)})


def test_public_subnets_are_never_taken_by_themselves(stack: Stack) -> None:
    """A VPC of public subnets is refused with what to do."""
    vpc = _vpc(stack, ec2.SubnetType.PUBLIC)

    with pytest.raises(ValidationError) as error:
        SubnetGroup(stack, "Subnets", vpc=vpc)

    assert str(error.value) == (
        "Stack/Subnets: the VPC Stack/Mixed has no private subnet, and a cache does not belong in a public one; "
        "give the VPC isolated subnets, or say which subnets to use with vpc_subnets"
    )


def test_public_subnets_on_demand(stack: Stack) -> None:
    """What is asked for by name is done."""
    vpc = _vpc(stack, ec2.SubnetType.PUBLIC)
    SubnetGroup(stack, "Subnets", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC))

    Template.from_stack(stack).has_resource_properties(TYPE, {"SubnetIds": _references(stack, vpc.public_subnets)})


def test_selection_that_selects_nothing(stack: Stack, vpc: ec2.Vpc) -> None:
    """The CDK's sentence arrives without the JavaScript trace behind it."""
    with pytest.raises(ValidationError) as error:
        SubnetGroup(stack, "Subnets", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC))

    assert str(error.value) == (
        "Stack/Subnets: vpc_subnets selects nothing in the VPC Stack/Vpc: "
        "There are no 'Public' subnet groups in this VPC. Available types: Isolated,Deprecated_Isolated"
    )


def test_subnets_of_an_imported_vpc(stack: Stack) -> None:
    """A VPC that exists works as one that is made here."""
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Imported",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        isolated_subnet_ids=["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    )
    group = SubnetGroup(stack, "Subnets", vpc=vpc)

    assert group.availability_zones == ("eu-west-1a", "eu-west-1b")
    Template.from_stack(stack).has_resource_properties(
        TYPE, {"SubnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]}
    )


def test_name_and_description_omitted(stack: Stack, vpc: ec2.Vpc) -> None:
    """CloudFormation makes up the name, the description is the path."""
    group = SubnetGroup(stack, "Subnets", vpc=vpc)
    properties = dict(Template.from_stack(stack).find_resources(TYPE)).popitem()[1]["Properties"]

    assert "CacheSubnetGroupName" not in properties
    assert properties["Description"] == "Subnets of Stack/Subnets"
    assert stack.resolve(group.cache_subnet_group_name) == {"Ref": "Subnets73841C2A"}


def test_name_and_description_given(stack: Stack, vpc: ec2.Vpc) -> None:
    """Both arrive in the template."""
    SubnetGroup(stack, "Subnets", vpc=vpc, cache_subnet_group_name="orders", description="Subnets of the orders")

    Template.from_stack(stack).has_resource_properties(
        TYPE, {"CacheSubnetGroupName": "orders", "Description": "Subnets of the orders"}
    )


def test_imported_by_name(stack: Stack) -> None:
    """An imported subnet group has its name, and does not pretend to know its zones."""
    group = SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "orders")

    assert group.cache_subnet_group_name == "orders"
    assert group.availability_zones is None
    assert not Template.from_stack(stack).find_resources(TYPE)


def test_a_vpc_that_is_yet_to_be_looked_up() -> None:
    """The first run of an app with a lookup passes, so that the CLI can look up; the zones are not known yet."""
    stack = Stack(App(), "Stack", env={"account": "123456789012", "region": "eu-west-1"})
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0")
    chosen = ec2.SubnetSelection(subnet_group_name="Cache")

    assert SubnetGroup(stack, "Subnets", vpc=vpc).availability_zones is None
    assert SubnetGroup(stack, "Chosen", vpc=vpc, vpc_subnets=chosen).availability_zones is None


def test_too_many_subnets(stack: Stack) -> None:
    """A quota that AWS raises on request is a warning."""
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Imported",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        isolated_subnet_ids=[f"subnet-0123456789abcde{number}" for number in range(10, 31)],
    )
    SubnetGroup(stack, "Subnets", vpc=vpc)

    (warning,) = Annotations.from_stack(stack).find_warning("/Stack/Subnets", Match.any_value())
    assert "[ack: elasticache-kit:sg-subnets-quota]" in str(warning.entry.data)


def test_a_wrong_name(stack: Stack, vpc: ec2.Vpc) -> None:
    """The rulebook is asked before jsii is called."""
    with pytest.raises(ValidationError) as error:
        SubnetGroup(stack, "Subnets", vpc=vpc, cache_subnet_group_name="a b")

    assert str(error.value).splitlines() == [
        "Stack/Subnets: 1 problem",
        "  cache_subnet_group_name = 'a b': the name holds something else than ASCII letters, digits and hyphens",
        "    take ASCII letters, digits and single hyphens, a letter first and no hyphen last   [sg-name]",
    ]
    assert stack.node.try_find_child("Subnets") is None
