"""A VPC with a subnet group, as every replication group needs one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[[str], Any]


@pytest.fixture
def subnets(client: Client) -> list[str]:
    """Three subnets of one VPC, each in a zone of its own."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{letter}")["Subnet"][
            "SubnetId"
        ]
        for number, letter in enumerate("abc")
    ]


@pytest.fixture
def elasticache(client: Client, subnets: list[str]) -> Any:
    """A boto3 client of a region that has the subnet group `net`."""
    made = client("elasticache")
    made.create_cache_subnet_group(CacheSubnetGroupName="net", CacheSubnetGroupDescription="d", SubnetIds=subnets)
    return made


@pytest.fixture
def group(elasticache: Any) -> Callable[..., dict[str, Any]]:
    """Create a replication group that passes the rulebook; arguments override or add."""

    def create(**request: Any) -> dict[str, Any]:
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
        return elasticache.create_replication_group(**chosen)["ReplicationGroup"]

    return create
