"""A group made by hand comes under the CDK: adopted by the command, imported by the real CDK CLI, and unchanged."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import QUIET

if TYPE_CHECKING:
    from tests.contract.conftest import Done, Target

pytestmark = [pytest.mark.engine, pytest.mark.cli]

COMMON: dict[str, Any] = {
    "Engine": "valkey",
    "EngineVersion": "8.1",
    "CacheNodeType": "cache.t4g.small",
    "TransitEncryptionEnabled": True,
    "AtRestEncryptionEnabled": True,
    "AutomaticFailoverEnabled": True,
}
BY_HAND: dict[str, dict[str, Any]] = {
    "adopt-disabled": {
        "ReplicationGroupDescription": 'Orders, "by hand"',
        "NumCacheClusters": 2,
        "MultiAZEnabled": False,
        "SnapshotRetentionLimit": 3,
        "SnapshotWindow": "03:00-05:00",
        "PreferredMaintenanceWindow": "sat:01:00-sat:03:00",
        "AutoMinorVersionUpgrade": False,
        "Tags": [{"Key": "team", "Value": "orders"}],
    },
    "adopt-enabled": {
        "ReplicationGroupDescription": "Sessions",
        "NumNodeGroups": 2,
        "ReplicasPerNodeGroup": 1,
        "MultiAZEnabled": True,
        "CacheParameterGroupName": "default.valkey8.cluster.on",
    },
}


@dataclass(frozen=True, slots=True)
class Network:
    """What groups made by hand live in."""

    vpc: str
    subnets: list[str]
    security_group: str


@pytest.fixture(scope="module")
def network(target: Target) -> Iterator[Network]:
    """A VPC with two subnets, and the subnet group `adopt`; on AWS it goes again."""
    ec2, elasticache = target.client("ec2"), target.client("elasticache")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]][:2]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    group = ec2.create_security_group(GroupName="adopt", Description="adopt", VpcId=vpc)["GroupId"]
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName="adopt", CacheSubnetGroupDescription="adopt", SubnetIds=subnets
    )
    yield Network(vpc, subnets, group)
    if target.name == "emulator":
        return
    elasticache.delete_cache_subnet_group(CacheSubnetGroupName="adopt")
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)


@pytest.fixture(scope="module")
def by_hand(target: Target, network: Network) -> dict[str, Any]:
    """The groups, as the API shows them before anything is adopted."""
    elasticache = target.client("elasticache")
    for name, request in BY_HAND.items():
        elasticache.create_replication_group(
            ReplicationGroupId=name,
            CacheSubnetGroupName="adopt",
            SecurityGroupIds=[network.security_group],
            **COMMON,
            **request,
        )
    delay = 0.1 if target.name == "emulator" else 30
    for name in BY_HAND:
        elasticache.get_waiter("replication_group_available").wait(
            ReplicationGroupId=name, WaiterConfig={"Delay": delay, "MaxAttempts": 300}
        )
    return {name: seen(target, name) for name in BY_HAND}


def seen(target: Target, name: str) -> dict[str, Any]:
    """Return all that the API tells of a group: the group, its nodes, its tags."""
    elasticache = target.client("elasticache")
    group = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    nodes = [
        elasticache.describe_cache_clusters(CacheClusterId=node, ShowCacheNodeInfo=True)["CacheClusters"][0]
        for node in group["MemberClusters"]
    ]
    tags = elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
    return {"group": group, "nodes": nodes, "tags": [tag for tag in tags if not tag["Key"].startswith("aws:")]}


def command(target: Target, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `elasticache-kit` where the target is."""
    names = {
        "endpoint_url": "AWS_ENDPOINT_URL",
        "region_name": "AWS_REGION",
        "aws_access_key_id": "AWS_ACCESS_KEY_ID",
        "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    }
    environment = {**os.environ, **{names[name]: value for name, value in target.session.items()}}
    return subprocess.run(
        [sys.executable, "-m", "elasticache_kit.cli", *words],
        env=environment, cwd=folder, check=False, capture_output=True, text=True,
    )  # fmt: skip


def cdk(target: Target, line: str, *more: str) -> Done:
    """Run a command that adopt has printed."""
    return target.run([*shlex.split(line)[1:], *more, *QUIET])


@pytest.mark.parametrize("name", BY_HAND)
def test_a_group_made_by_hand_is_adopted_without_a_change(
    target: Target, by_hand: dict[str, Any], tmp_path: Path, name: str
) -> None:
    """The commands that adopt prints import it; then nothing differs, and a deployment changes nothing."""
    told = command(target, "adopt", name, "--out", str(tmp_path / "app.py"), "--output", "json", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    to_import, to_diff, to_deploy = json.loads(told.stdout)["commands"]

    imported = cdk(target, to_import)
    assert imported.code == 0, imported.text
    if name == "adopt-disabled":  # each run of the CLI costs seconds, and the deployment below would tell too
        difference = cdk(target, to_diff, "--fail")
        assert difference.code == 0, difference.text
    deployed = cdk(target, to_deploy, "--require-approval", "never")

    assert deployed.code == 0, deployed.text
    assert "(no changes)" in deployed.text
    held = target.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    caches = [item for item in held if item["ResourceType"] == "AWS::ElastiCache::ReplicationGroup"]
    assert [item["PhysicalResourceId"] for item in caches] == [name]
    assert seen(target, name) == by_hand[name]
