"""DnsRecord: a name of one's own for an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack
from aws_cdk import aws_route53 as route53
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import Endpoint, ReplicationGroup
from elasticache_kit.cdk.dns_record import DnsRecord
from elasticache_kit.errors import ValidationError
from tests.cdk.conftest import isolated_vpc
from tests.cdk.lint import findings

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

RECORD = "AWS::Route53::RecordSet"
ENDPOINT = Endpoint("master.orders.abcdef.euw1.cache.amazonaws.com", 6379)


@pytest.fixture
def zone(stack: Stack) -> route53.IHostedZone:
    """A zone that exists."""
    return route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com"
    )


def test_a_record_leads_to_the_endpoint(stack: Stack, zone: route53.IHostedZone) -> None:
    """It is a CNAME that a resolver keeps for a minute."""
    DnsRecord(stack, "Record", zone=zone, record_name="cache", endpoint=ENDPOINT)

    Template.from_stack(stack).has_resource_properties(
        RECORD,
        {
            "HostedZoneId": "Z0123456789ABCDEFGHIJ",
            "Name": "cache.example.com.",
            "Type": "CNAME",
            "TTL": "60",
            "ResourceRecords": [ENDPOINT.address],
        },
    )
    assert findings(stack) == []


def test_an_owned_group_and_an_owned_zone(stack: Stack, vpc: ec2.Vpc) -> None:
    """The address of an owned group is known to the deployment only."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    zone = route53.PrivateHostedZone(stack, "Zone", vpc=vpc, zone_name="internal")
    record = DnsRecord(stack, "Record", zone=zone, record_name="orders", endpoint=cache.reader_endpoint)

    Template.from_stack(stack).has_resource_properties(
        RECORD, {"Name": "orders.internal.", "ResourceRecords": [stack.resolve(cache.reader_endpoint.address)]}
    )
    assert record.endpoint.address == "orders.internal"
    assert stack.resolve(record.endpoint.port) == stack.resolve(cache.reader_endpoint.port)
    assert findings(stack) == []


def test_over_a_cache_of_another_stack() -> None:
    """The record may live in a stack of its own, with the zone."""
    app = App()
    maker, user = Stack(app, "Maker"), Stack(app, "User")
    vpc = isolated_vpc(maker)
    cache = ReplicationGroup(maker, "Cache", vpc=vpc)
    zone = route53.PrivateHostedZone(user, "Zone", vpc=vpc, zone_name="internal")
    DnsRecord(user, "Record", zone=zone, record_name="orders", endpoint=cache.primary_endpoint)
    (record,) = Template.from_stack(user).find_resources(RECORD).values()

    assert list(record["Properties"]["ResourceRecords"][0]) == ["Fn::ImportValue"]


@pytest.mark.parametrize("name", ["cache", "cache.example.com", "cache.example.com."])
def test_the_endpoint_under_the_name(stack: Stack, zone: route53.IHostedZone, name: str) -> None:
    """Whether the zone is said or not, the name is the same, and has no dot at its end."""
    record = DnsRecord(stack, "Record", zone=zone, record_name=name, endpoint=ENDPOINT)

    assert record.endpoint == Endpoint("cache.example.com", 6379)
    Template.from_stack(stack).has_resource_properties(RECORD, {"Name": "cache.example.com."})


def test_how_long_it_is_kept(stack: Stack, zone: route53.IHostedZone) -> None:
    """The time can be chosen."""
    DnsRecord(stack, "Record", zone=zone, record_name="cache", endpoint=ENDPOINT, ttl=Duration.seconds(5))

    Template.from_stack(stack).has_resource_properties(RECORD, {"TTL": "5"})


def test_a_certificate_does_not_name_the_record(stack: Stack, zone: route53.IHostedZone) -> None:
    """Clients that use TLS hear it before they fail to connect; those without need not."""
    DnsRecord(stack, "Encrypted", zone=zone, record_name="cache", endpoint=ENDPOINT)
    DnsRecord(stack, "Plain", zone=zone, record_name="plain", endpoint=ENDPOINT, transit_encryption_enabled=False)
    annotations = Annotations.from_stack(stack)

    annotations.has_warning("/Stack/Encrypted", Match.string_like_regexp("the certificate of the cache does not name"))
    annotations.has_no_warning("/Stack/Plain", Match.any_value())


@pytest.mark.parametrize("name", ["", "example.com", "example.com."])
def test_the_top_of_a_zone(stack: Stack, zone: route53.IHostedZone, name: str) -> None:
    """DNS allows no CNAME there, and the message says where to go."""
    with pytest.raises(ValidationError) as error:
        DnsRecord(stack, "Record", zone=zone, record_name=name, endpoint=ENDPOINT)

    assert "at the top of a zone there can be no CNAME" in str(error.value)
    assert "take a name below it, such as 'cache'   [cdk-dns-apex]" in str(error.value)


def test_a_name_that_only_a_deployment_knows(stack: Stack, zone: route53.IHostedZone) -> None:
    """No rule fires on it."""
    name = CfnParameter(stack, "Name").value_as_string
    DnsRecord(stack, "Record", zone=zone, record_name=name, endpoint=ENDPOINT)

    Template.from_stack(stack).resource_count_is(RECORD, 1)


def test_wrong_type(stack: Stack, zone: route53.IHostedZone) -> None:
    """An address is no endpoint."""
    address: Any = ENDPOINT.address

    with pytest.raises(ValidationError, match=r"endpoint = .*: must be an Endpoint, not a str"):
        DnsRecord(stack, "Record", zone=zone, record_name="cache", endpoint=address)
