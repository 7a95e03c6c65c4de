"""Cache subnet groups over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, code


def test_a_subnet_group_names_its_vpc_and_zones(elasticache: Any, subnets: list[str]) -> None:
    """VPC and Availability Zones come from EC2."""
    described = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName="NET")["CacheSubnetGroups"][0]

    assert described["VpcId"].startswith("vpc-")
    assert [item["SubnetIdentifier"] for item in described["Subnets"]] == subnets
    zones = [item["SubnetAvailabilityZone"]["Name"] for item in described["Subnets"]]
    assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]


def test_a_subnet_that_does_not_exist_is_refused(elasticache: Any) -> None:
    """Stock moto takes any id and invents a VPC for it."""
    with pytest.raises(ClientError) as caught:
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName="x", CacheSubnetGroupDescription="d", SubnetIds=["subnet-none"]
        )

    assert code(caught) == "InvalidSubnet"


def test_a_subnet_group_in_use_stays(elasticache: Any, group: Create) -> None:
    """The group that uses it is named."""
    group()

    with pytest.raises(ClientError, match="currently in use by orders") as caught:
        elasticache.delete_cache_subnet_group(CacheSubnetGroupName="net")

    assert code(caught) == "CacheSubnetGroupInUse"


def test_a_subnet_group_can_be_changed_and_removed(elasticache: Any, subnets: list[str]) -> None:
    """Description and subnets change; afterwards the name is free."""
    elasticache.modify_cache_subnet_group(
        CacheSubnetGroupName="net", CacheSubnetGroupDescription="new", SubnetIds=subnets[:1]
    )
    described = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName="net")["CacheSubnetGroups"][0]
    assert (described["CacheSubnetGroupDescription"], len(described["Subnets"])) == ("new", 1)

    elasticache.delete_cache_subnet_group(CacheSubnetGroupName="net")

    assert elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"] == []
