"""Types of arguments are checked before jsii sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pytest
from aws_cdk import CfnParameter, RemovalPolicy, Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from elasticache_kit.cdk import NodeType, ReplicationGroup
from elasticache_kit.cdk.argument import at_synth, construct_path, refuse_types, typed
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.unknown import UNKNOWN


def _mistakes(value: Any, hint: Any) -> str:
    with pytest.raises(ValidationError) as error:
        refuse_types("Cache", {"given": value}, {"given": hint})
    return str(error.value)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (3, int),
        (None, int | None),
        ("a", str),
        (True, bool),
        (["a", "b"], Sequence[str]),
        (("a",), Sequence[str] | None),
        ([], Sequence[str]),
        ("preferred", Literal["preferred", "required"] | None),
        (RemovalPolicy.DESTROY, RemovalPolicy),
        (NodeType.of("cache.t4g.small"), NodeType | None),
        (ec2.SubnetSelection(), ec2.SubnetSelection),
    ],
)
def test_what_fits(value: object, hint: Any) -> None:
    """A value of the type asked for passes."""
    refuse_types("Cache", {"given": value}, {"given": hint})


@pytest.mark.parametrize(
    ("value", "hint", "message", "remedy"),
    [
        ("3", int, "must be an int, not a str", "pass an int"),
        (True, int, "must be an int, not a bool", "pass an int"),
        (1, bool | None, "must be a bool, not an int", "pass a bool"),
        (None, str, "must be a str, not None", "pass a str"),
        ("a", Sequence[str] | None, "must be a list of str, not a str", "write ['a']"),
        ([1], Sequence[str], "must be a list of str, not a list with an int", "pass a list of str"),
        ("off", Literal["a", "b"] | None, "must be 'a' or 'b', not a str", "pass 'a' or 'b'"),
        ("cache.t4g.small", NodeType | None, "must be a NodeType, not a str", "write NodeType.of('cache.t4g.small')"),
        ("vpc-1", ec2.IVpc, "must be an IVpc, not a str", "pass an IVpc"),
        ({}, ec2.SubnetSelection, "must be a SubnetSelection, not a dict", "pass a SubnetSelection"),
    ],
)
def test_what_does_not_fit(value: object, hint: Any, message: str, remedy: str) -> None:
    """The sentence has the type asked for, the type got and how to write it."""
    assert _mistakes(value, hint).splitlines() == [
        "Cache: 1 problem",
        f"  given{' is not given' if value is None else f' = {value!r}'}: {message}",
        f"    {remedy}   [cdk-argument-type]",
    ]


def test_an_interface_of_the_cdk(stack: Stack, vpc: ec2.Vpc) -> None:
    """Something owned and something imported are both what the interface asks for; another construct is not."""
    imported = ec2.Vpc.from_vpc_attributes(
        stack, "Imported", vpc_id="vpc-0123456789abcdef0", availability_zones=["eu-west-1a"]
    )

    for fits in (vpc, imported):
        refuse_types("Cache", {"vpc": fits}, {"vpc": ec2.IVpc})
    assert "vpc = 'Stack/Group': must be an IVpc" in _mistakes_of(stack, ec2.SecurityGroup(stack, "Group", vpc=vpc))


def _mistakes_of(stack: Stack, vpc: Any) -> str:
    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Cache", vpc=vpc)
    return str(error.value)


def test_tokens_have_the_type_they_stand_for(stack: Stack) -> None:
    """A number of a CloudFormation parameter is a float to Python, and still the number that is asked for."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number

    refuse_types("Cache", {"given": number}, {"given": int | None})


def test_a_float_is_no_number_of_nodes() -> None:
    """Only a token may be a float."""
    assert "must be an int, not a float" in _mistakes(2.0, int)


def test_all_wrong_types_at_once(stack: Stack, vpc: ec2.Vpc) -> None:
    """One message names every argument, headed by the path of the construct."""
    wrong: dict[str, Any] = {"num_cache_clusters": "3", "cache_node_type": "cache.t4g.small", "security_groups": "sg-1"}

    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Cache", vpc=vpc, **wrong)

    assert str(error.value).splitlines() == [
        "Stack/Cache: 3 problems",
        "  security_groups = 'sg-1': must be a list of ISecurityGroup, not a str",
        "    pass a list of ISecurityGroup   [cdk-argument-type]",
        "  cache_node_type = 'cache.t4g.small': must be a NodeType, not a str",
        "    write NodeType.of('cache.t4g.small')   [cdk-argument-type]",
        "  num_cache_clusters = '3': must be an int, not a str",
        "    pass an int   [cdk-argument-type]",
    ]
    assert stack.node.try_find_child("Cache") is None


def test_a_scope_that_is_none(vpc: ec2.Vpc) -> None:
    """Also the scope is checked."""
    scope: Any = "Stack"

    with pytest.raises(ValidationError, match="must be a Construct, not a str"):
        ReplicationGroup(scope, "Cache", vpc=vpc)


def test_unknown_argument_names_the_class(stack: Stack, vpc: ec2.Vpc) -> None:
    """A misspelt keyword gets Python's own error, which names the class."""
    wrong: dict[str, Any] = {"num_cache_cluster": 3}

    with pytest.raises(TypeError, match=r"ReplicationGroup\.__init__\(\) got an unexpected keyword.*num_cache_cluster"):
        ReplicationGroup(stack, "Cache", vpc=vpc, **wrong)


def test_typed_keeps_the_signature() -> None:
    """`help` and editors show the arguments of what is checked."""

    @typed
    def make(scope: Construct, construct_id: str, *, size: int = 2) -> str:
        """Make."""
        return f"{scope}{construct_id}{size}"

    assert make.__doc__ == "Make."
    assert make.__name__ == "make"


def test_at_synth(stack: Stack) -> None:
    """A token is UNKNOWN, and so is a list that holds one; everything else is itself."""
    token = stack.region

    assert at_synth("eu-west-1") == "eu-west-1"
    assert at_synth(3) == 3
    assert at_synth(None) is None
    assert at_synth(("a", "b")) == ("a", "b")
    assert at_synth(token) is UNKNOWN
    assert at_synth(f"cache-{token}") is UNKNOWN
    assert at_synth(("a", token)) is UNKNOWN
    assert at_synth(Token.as_number({"Ref": "Number"})) is UNKNOWN
    assert at_synth(Token.as_list({"Ref": "List"})) is UNKNOWN


def test_path_before_a_construct_exists(stack: Stack) -> None:
    """The path is that which the construct will have."""
    assert construct_path(Construct(stack, "Outer"), "Cache") == "Stack/Outer/Cache"
