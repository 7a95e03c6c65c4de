"""Groups made by hand, with the real CDK CLI: looked up by an app, and adopted without a change."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import QUIET
from tests.contract.network import Network, make_network, remove_network

if TYPE_CHECKING:
    from tests.contract.conftest import Target

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


@pytest.fixture(scope="module")
def network(target: Target) -> Iterator[Network]:
    """The network of the groups; on AWS it goes again."""
    made = make_network(target.client, "adopt")
    yield made
    if target.name == "aws":
        remove_network(target.client, made)


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


@pytest.mark.prove
def test_an_app_looks_groups_up_once(
    target: Target,
    by_hand: dict[str, Any],
    network: Network,
    tmp_path: Path,
) -> None:
    """The first synth asks and remembers what it was told; the second has no question left."""
    app = Path(__file__).with_name("lookup_app.py")
    first = target.run(["synth", "--app", f'python3 "{app}"', "--quiet", *QUIET], cwd=tmp_path)
    assert first.code == 0, first.text
    kept = (tmp_path / "cdk.context.json").read_text()
    account = by_hand["adopt-enabled"]["group"]["ARN"].split(":")[4]
    # What the CLI would hand to the app. In a process of its own: jsii keeps the environment that it was started with.
    handed = {
        "CDK_CONTEXT_JSON": kept,
        "CDK_DEFAULT_ACCOUNT": account,
        "CDK_DEFAULT_REGION": target.client("elasticache").meta.region_name,
        "CDK_OUTDIR": str(tmp_path / "second"),
    }
    subprocess.run([sys.executable, str(app)], env={**os.environ, **handed}, check=True)

    assert "missing" not in json.loads((tmp_path / "second" / "manifest.json").read_text())
    assert len([key for key in json.loads(kept) if key.startswith("cc-api-provider:")]) == 6
    template = json.loads((tmp_path / "cdk.out" / "lookup.template.json").read_text())
    group, sharded = (by_hand[name]["group"] for name in BY_HAND)
    primary, configuration = group["NodeGroups"][0]["PrimaryEndpoint"], sharded["ConfigurationEndpoint"]
    assert {name: output["Value"] for name, output in template["Outputs"].items()} == {
        "Primary": f"{primary['Address']}:{primary['Port']}",
        "Configuration": f"{configuration['Address']}:{configuration['Port']}",
    }
    resources = list(template["Resources"].values())
    rules = [item["Properties"] for item in resources if item["Type"] == "AWS::EC2::SecurityGroupIngress"]
    assert [(rule["GroupId"], rule["FromPort"]) for rule in rules] == [(network.security_group, 6379)]
    assert len([item for item in resources if item["Type"] == "AWS::CloudWatch::Alarm"]) == 2


@pytest.mark.parametrize("name", ["adopt-disabled", pytest.param("adopt-enabled", marks=pytest.mark.prove)])
def test_a_group_made_by_hand_is_adopted_without_a_change(
    target: Target, by_hand: dict[str, Any], tmp_path: Path, name: str
) -> None:
    """The command that adopt prints imports it; then nothing differs, and a deployment changes nothing."""
    told = command(target, "adopt", name, "--output", "json", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    to_import = json.loads(told.stdout)["commands"][0]

    imported = target.run([*shlex.split(to_import)[1:], *QUIET], cwd=tmp_path)
    assert imported.code == 0, imported.text
    # The assembly that the import has made: the app itself need not run again.
    difference = target.cdk("diff", tmp_path / "cdk.out", name, "--fail", "--method=template")
    deployed = target.cdk("deploy", tmp_path / "cdk.out", name, "--require-approval", "never")

    assert difference.code == 0, difference.text
    assert deployed.code == 0, deployed.text
    events = target.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    of_group = [item for item in events if item["ResourceType"] == "AWS::ElastiCache::ReplicationGroup"]
    assert {item["ResourceStatus"] for item in of_group} == {"IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"}
    assert of_group[0]["PhysicalResourceId"] == name
    assert seen(target, name) == by_hand[name]
