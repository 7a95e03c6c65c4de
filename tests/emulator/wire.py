"""What tests over the wire share: clients, patience, error codes, and what a replication group needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3

if TYPE_CHECKING:
    import pytest
    from botocore.exceptions import ClientError

Client = Callable[[str], Any]
Create = Callable[..., dict[str, Any]]
Seen = TypeVar("Seen")

PATIENCE_SECONDS = 120
POLL_SECONDS = 0.02


def client_of(endpoint_url: str, region: str = "eu-west-1") -> Client:
    """Return a maker of boto3 clients that talk to a Region of an emulator."""

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id="ELASTICACHEKITLOCAL0",
            aws_secret_access_key="not-a-secret",  # noqa: S106 - moto takes any
        )

    return client


def until(look: Callable[[], Seen], done: Callable[[Seen], bool], patience_seconds: float = PATIENCE_SECONDS) -> Seen:
    """Look again and again until what is seen will do, and return it."""
    deadline = time.monotonic() + patience_seconds
    while not done(seen := look()):
        assert time.monotonic() < deadline, f"it never came: {seen}"
        time.sleep(POLL_SECONDS)
    return seen


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the error code that a client sees."""
    return _response(caught)["Error"]["Code"]


def retries(caught: pytest.ExceptionInfo[ClientError]) -> int:
    """Return how often the SDK tried again before it gave up."""
    return _response(caught)["ResponseMetadata"]["RetryAttempts"]


def _response(caught: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    return cast("dict[str, Any]", caught.value.response)


def make_subnets(client: Client, zones: str) -> list[str]:
    """Make a VPC with a subnet in each zone, which are named by their letters, and return the subnets' ids."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{ec2.meta.region_name}{letter}"
        )
        for number, letter in enumerate(zones)
    ]
    return [item["Subnet"]["SubnetId"] for item in made]


def make_subnet_group(client: Client, subnets: Sequence[str]) -> None:
    """Make the subnet group `net`."""
    client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName="net", CacheSubnetGroupDescription="d", SubnetIds=subnets
    )


def make_group(client: Client, **request: Any) -> dict[str, Any]:
    """Create the replication group `orders` in `net`; arguments override or add, None takes away."""
    defaults: dict[str, Any] = {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "d",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.t4g.small",
        "CacheSubnetGroupName": "net",
        "TransitEncryptionEnabled": True,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "NumCacheClusters": 3,
    }
    chosen = {name: value for name, value in {**defaults, **request}.items() if value is not None}
    return client("elasticache").create_replication_group(**chosen)["ReplicationGroup"]


def available(elasticache: Any, group: str = "orders") -> dict[str, Any]:
    """Wait until a replication group is available and describe it."""
    return until(
        lambda: elasticache.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0],
        lambda described: described["Status"] == "available",
    )


def at_rest(client: Client, stack: str, patience_seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """Wait until a stack is at rest and describe it."""
    return until(
        lambda: client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0],
        lambda described: not described["StackStatus"].endswith("IN_PROGRESS"),
        patience_seconds,
    )
