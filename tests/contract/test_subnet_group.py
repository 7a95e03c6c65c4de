"""Subnet groups, on the emulator and with --aws on AWS, where they cost nothing; each is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.contract.network import Network


def show(elasticache: Any, name: str) -> dict[str, Any]:
    """Describe a subnet group."""
    (found,) = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"]
    return found


def test_a_group_knows_its_network(elasticache: Any, network: Network) -> None:
    """VPC, subnets and zones are EC2's; it is found in any case of letters."""
    found = show(elasticache, network.subnet_group.upper())
    places = {item["SubnetIdentifier"]: item["SubnetAvailabilityZone"]["Name"] for item in found["Subnets"]}

    assert (found["CacheSubnetGroupName"], found["VpcId"]) == (network.subnet_group, network.vpc)
    assert places == dict(zip(network.subnets, network.zones, strict=True))
    assert found["ARN"].split(":")[5:] == ["subnetgroup", network.subnet_group]


def test_a_group_is_changed_and_goes(elasticache: Any, network: Network, name: str) -> None:
    """Its name is kept in lower case, and afterwards it is not found."""
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=name.upper(), CacheSubnetGroupDescription="d", SubnetIds=list(network.subnets[:1])
    )
    elasticache.modify_cache_subnet_group(
        CacheSubnetGroupName=name, CacheSubnetGroupDescription="new", SubnetIds=list(network.subnets)
    )
    changed = show(elasticache, name)
    elasticache.delete_cache_subnet_group(CacheSubnetGroupName=name)

    assert changed["CacheSubnetGroupName"] == name
    assert (changed["CacheSubnetGroupDescription"], len(changed["Subnets"])) == ("new", len(network.subnets))
    for call in (
        lambda: show(elasticache, name),
        lambda: elasticache.delete_cache_subnet_group(CacheSubnetGroupName=name),
        lambda: elasticache.modify_cache_subnet_group(CacheSubnetGroupName=name, CacheSubnetGroupDescription="d"),
    ):
        with pytest.raises(elasticache.exceptions.CacheSubnetGroupNotFoundFault):
            call()


def test_a_name_is_there_once(elasticache: Any, network: Network) -> None:
    """A second one of the name is refused, with boto3's class of error."""
    with pytest.raises(elasticache.exceptions.CacheSubnetGroupAlreadyExistsFault):
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=network.subnet_group,
            CacheSubnetGroupDescription="again",
            SubnetIds=list(network.subnets),
        )


def test_a_subnet_that_there_is_not(elasticache: Any, name: str) -> None:
    """Nothing is made of it."""
    with pytest.raises(elasticache.exceptions.InvalidSubnet):
        elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=["subnet-0123456789abcdef0"]
        )
    with pytest.raises(elasticache.exceptions.CacheSubnetGroupNotFoundFault):
        show(elasticache, name)
