"""Examples that ask more of the local CloudFormation than others do, deployed."""

from __future__ import annotations

import ipaddress
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App

from elasticache_kit.pytest_plugin import ClusterFactory, ElastiCacheHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.emulator.account import LocalAccount

FOLDER = Path(__file__).parents[2] / "examples" / "constructs"


@pytest.fixture(scope="module")
def elasticache_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ElastiCacheHost]:
    """Hold the emulator for these tests only: others of this process start their own, and there is one at a time."""
    host = ElastiCacheHost(tmp_path_factory)
    yield host
    host.close()


def synthesized(name: str, folder: Path) -> Path:
    """Synthesize an example and return its cloud assembly."""
    app = App(outdir=str(folder / "cdk.out"))
    runpy.run_path(str(FOLDER / f"{name}.py"))["define"](app)
    return Path(app.synth().directory)


def test_ipv6(elasticache: LocalAccount, tmp_path: Path) -> None:
    """The subnets have blocks of the network's, their routes lead IPv6 out, and all of it goes again."""
    ec2 = elasticache.client("ec2")
    before = {item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"]}

    deployed = elasticache.deploy(synthesized("ipv6", tmp_path))

    (vpc,) = [item for item in ec2.describe_vpcs()["Vpcs"] if item["VpcId"] not in before]
    (whole,) = [ipaddress.IPv6Network(item["Ipv6CidrBlock"]) for item in vpc["Ipv6CidrBlockAssociationSet"]]
    mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = ec2.describe_subnets(Filters=mine)["Subnets"]
    parts = [
        ipaddress.IPv6Network(item["Ipv6CidrBlock"])
        for subnet in subnets
        for item in subnet["Ipv6CidrBlockAssociationSet"]
    ]
    assert len(subnets) == len(set(parts)) == 4
    assert all(part.prefixlen == 64 and part.subnet_of(whole) for part in parts)
    assert all(subnet["AssignIpv6AddressOnCreation"] for subnet in subnets)
    routes = [route for table in ec2.describe_route_tables(Filters=mine)["RouteTables"] for route in table["Routes"]]
    out = [route for route in routes if route.get("DestinationIpv6CidrBlock") == "::/0"]
    # Of the public subnets: the others are isolated where there is no gateway for NAT.
    assert [route["GatewayId"][:4] for route in out] == ["igw-", "igw-"]
    (group,) = elasticache.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert (group["NetworkType"], group["IpDiscovery"]) == ("dual_stack", "ipv6")

    deployed.destroy()

    assert {item["VpcId"] for item in ec2.describe_vpcs()["Vpcs"]} == before


@pytest.mark.engine
def test_seeded_from_s3(elasticache_cluster: ClusterFactory, tmp_path: Path) -> None:
    """The bucket is deployed and filled, then the cache: it has the keys of the group that the files are of."""
    old = elasticache_cluster(num_node_groups=2, ReplicationGroupId="old")
    values = {f"key:{number}": str(number) for number in range(50)}
    with_keys = old.client()
    for key, value in values.items():
        with_keys.set(key, value)
    account, assembly = elasticache_cluster.account, synthesized("seeded_from_s3", tmp_path)
    bucket = next(
        name for name in account.deploy(assembly, name="Seeds").physical_ids.values() if name.startswith("seeds-")
    )
    api = account.client("elasticache")
    api.create_snapshot(ReplicationGroupId="old", SnapshotName="taken")
    old.await_status()
    api.copy_snapshot(SourceSnapshotName="taken", TargetSnapshotName="orders", TargetBucket=bucket)

    account.deploy(assembly, name="SeededCache")

    (name,) = [
        item["ReplicationGroupId"]
        for item in api.describe_replication_groups()["ReplicationGroups"]
        if item["ReplicationGroupId"] != "old"
    ]
    seeded = elasticache_cluster.group(name).client()
    assert {key: seeded.get(key) for key in values} == values
