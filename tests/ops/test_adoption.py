"""Adoption: what is observed, what stands in the way, what the user is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotFoundError, RefusedError, ValidationError
from elasticache_kit.ops import adoption
from elasticache_kit.ops.adoption import Observed
from tests.ops.scripted import cache_cluster

if TYPE_CHECKING:
    from tests.ops.scripted import Api

ARN = "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:orders"
PLAIN = Observed(
    account="123456789012",
    region="us-east-1",
    properties={"ReplicationGroupId": "orders", "ClusterMode": "disabled"},
    vpc_id="vpc-1",
    availability_zones=("us-east-1a",),
)


def script(api: Api, **changes: Any) -> None:
    """Script the four questions about `orders`."""
    record = {"ReplicationGroupId": "orders", "Status": "available", "ARN": ARN, "Engine": "valkey", **changes}
    api.ask.add_response(
        "describe_replication_groups", {"ReplicationGroups": [record]}, {"ReplicationGroupId": "orders"}
    )
    if not record.get("MemberClusters"):
        api.ask.add_response("list_tags_for_resource", {"TagList": []}, {"ResourceName": ARN})
        return
    node = {**cache_cluster("orders-001", "available"), "CacheSubnetGroupName": "net"}
    api.ask.add_response("describe_cache_clusters", {"CacheClusters": [node]}, {"CacheClusterId": "orders-001"})
    subnets = [{"SubnetAvailabilityZone": {"Name": f"us-east-1{letter}"}} for letter in "bab"]
    group = {"CacheSubnetGroupName": "net", "VpcId": "vpc-1", "Subnets": subnets}
    api.ask.add_response(
        "describe_cache_subnet_groups", {"CacheSubnetGroups": [group]}, {"CacheSubnetGroupName": "net"}
    )
    tags = [{"Key": "team", "Value": "orders"}]
    api.ask.add_response("list_tags_for_resource", {"TagList": tags}, {"ResourceName": ARN})


def test_a_group_is_observed_with_what_is_around_it(api: Api) -> None:
    """One of its nodes, its subnet group, its tags; and nothing is called that changes something."""
    script(
        api, MemberClusters=["orders-001"], AuthTokenEnabled=True, PendingModifiedValues={"AuthTokenStatus": "ROTATING"}
    )

    observed = adoption.observe(api.session, "orders")

    assert (observed.account, observed.region, observed.vpc_id) == ("123456789012", "us-east-1", "vpc-1")
    assert observed.availability_zones == ("us-east-1a", "us-east-1b")
    assert observed.properties["EngineVersion"] == "8.1"
    assert observed.properties["Tags"] == [{"Key": "team", "Value": "orders"}]
    assert (observed.auth_token_enabled, observed.pending, observed.sharded) == (True, ("AuthTokenStatus",), False)


def test_a_group_that_is_still_made_is_refused_with_every_reason(api: Api) -> None:
    """It has no nodes yet, so nobody knows its VPC."""
    script(api, Status="creating")

    observed = adoption.observe(api.session, "orders")
    with pytest.raises(RefusedError) as caught:
        adoption.refuse(observed)

    assert str(caught.value).splitlines() == [
        "adoption of orders is refused:",
        "  - its status is 'creating', and it must be 'available': wait for it",
        "  - it is in no subnet group of a VPC, and the constructs make caches in a VPC only",
    ]


def test_a_group_that_does_not_exist_is_answered_with_those_that_do(api: Api) -> None:
    """As in the other operations."""
    api.ask.add_client_error("describe_replication_groups", "ReplicationGroupNotFoundFault")
    api.ask.add_response("describe_replication_groups", {"ReplicationGroups": [{"ReplicationGroupId": "sessions"}]})

    with pytest.raises(NotFoundError, match="there are: sessions"):
        adoption.observe(api.session, "orders")


def test_a_secondary_of_a_global_datastore_is_refused_and_a_primary_is_not() -> None:
    """A secondary is what its primary says."""
    primary = replace(PLAIN, global_replication_group_id="world", global_role="primary")

    with pytest.raises(RefusedError, match="secondary of the global datastore world"):
        adoption.refuse(replace(primary, global_role="secondary"))
    adoption.refuse(primary)
    assert "global datastore world, which is not adopted" in adoption.notes(primary)[0]


def test_the_user_is_told_what_the_api_does_not_tell() -> None:
    """And nothing where there is nothing to tell."""
    token = replace(PLAIN, auth_token_enabled=True)

    assert adoption.notes(PLAIN) == ()
    assert "the API does not tell it" in adoption.notes(token)[0]
    assert adoption.notes(token, secret="mine") == ()  # noqa: S106 - the name of a secret
    assert "ClusterMode" in adoption.notes(replace(PLAIN, pending=("ClusterMode",)))[0]


@pytest.mark.parametrize(
    ("stack", "construct_id", "named"),
    [
        ("1orders", "Cache", ["'1orders'"]),
        ("orders", "my-cache", ["'my-cache'"]),
        ("orders", "Resource", ["'Resource'"]),
        ("or ders", "Default", ["'or ders'", "'Default'"]),
    ],
)
def test_names_that_would_be_refused_later_are_refused_now(stack: str, construct_id: str, named: list[str]) -> None:
    """All of them at once."""
    with pytest.raises(ValidationError) as caught:
        adoption.check_names(stack, construct_id)

    assert len(str(caught.value).splitlines()) == len(named)
    assert all(name in str(caught.value) for name in named)


def test_names_that_are_good_pass() -> None:
    """The defaults, for example."""
    adoption.check_names("orders-cache", "Cache")
