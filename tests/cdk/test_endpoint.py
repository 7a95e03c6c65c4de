"""Endpoints as values."""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack, Token
from aws_cdk.assertions import Template

from elasticache_kit.cdk.endpoint import Endpoint, attribute_endpoint


def test_socket_address() -> None:
    """An address and a known port are joined."""
    assert Endpoint("cache.example.com", 6380).socket_address == "cache.example.com:6380"


def test_port_of_a_resource_is_a_number_token() -> None:
    """CloudFormation has the port as text; a security group rule wants a number."""
    endpoint = attribute_endpoint("cache.example.com", Token.as_string({"Fn::GetAtt": ["Group", "Port"]}))

    assert isinstance(endpoint.port, int | float)
    assert Token.is_unresolved(endpoint.port)


def test_socket_address_of_a_resource(stack: Stack) -> None:
    """A port that only a deployment knows ends up in the template as a reference, not as a number."""
    endpoint = attribute_endpoint("cache.example.com", Token.as_string({"Fn::GetAtt": ["Group", "Port"]}))
    CfnOutput(stack, "Address", value=endpoint.socket_address)

    Template.from_stack(stack).has_output(
        "Address", {"Value": {"Fn::Join": ["", ["cache.example.com:", {"Fn::GetAtt": ["Group", "Port"]}]]}}
    )


def test_endpoints_are_values() -> None:
    """Two endpoints with the same address and port are equal."""
    assert Endpoint("a", 6379) == Endpoint("a", 6379)
    assert Endpoint("a", 6379) != Endpoint("a", 6380)
