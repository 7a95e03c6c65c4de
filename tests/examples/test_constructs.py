"""The example apps under examples/constructs/: each runs, is short, and shows what it says."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.template.check import check
from elasticache_kit.template.document import parse
from tests.cfn_lint import lint

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "constructs").glob("*.py"))
NAMES = [path.stem for path in EXAMPLES]
# The CDK's own constructs depend on what they refer to, and write the zones of subnets down where the Region is known.
USUAL = {"W3005", "W3010"}
LONGEST = 40

Templates = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def templates() -> dict[str, Templates]:
    """Run every example once, and return the templates of its stacks by name."""
    apps = {path.stem: runpy.run_path(str(path), run_name="__main__")["app"] for path in EXAMPLES}
    return {
        name: {stack.stack_name: stack.template for stack in app.synth().stacks_recursively}
        for name, app in apps.items()
    }


def _resources(templates: Templates, kind: str) -> list[dict[str, Any]]:
    found = [resource for template in templates.values() for resource in template["Resources"].values()]
    return [resource for resource in found if resource["Type"] == f"AWS::{kind}"]


def _properties(templates: Templates, kind: str) -> dict[str, Any]:
    return _resources(templates, kind)[0]["Properties"]


def test_there_is_one_for_each_common_wish() -> None:
    """These are the ten that people ask for first."""
    assert NAMES == [
        "durability_sync",
        "global_datastore",
        "ipv6",
        "memcached",
        "production_sharded",
        "seeded_from_s3",
        "serverless_public",
        "sessions",
        "smallest_cluster",
        "three_users",
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=NAMES)
def test_it_is_short(path: Path) -> None:
    """Who reads an example has a screen of it."""
    assert len(path.read_text().splitlines()) < LONGEST


@pytest.mark.parametrize("name", NAMES)
def test_cfn_lint_finds_nothing(name: str, templates: dict[str, Templates]) -> None:
    """No template of an example has anything that cfn-lint would say."""
    for template in templates[name].values():
        found = lint(json.dumps(template), regions=["us-east-1"])
        assert [str(match) for match in found if match.rule.id not in USUAL] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_check_of_templates_finds_nothing(name: str, templates: dict[str, Templates]) -> None:
    """No template of an example has anything that `elasticache-kit check` would say."""
    assert [problem for item in templates[name].values() for problem in check(parse(json.dumps(item), name))] == []


def test_smallest_cluster(templates: dict[str, Templates]) -> None:
    """One small node, without a replica."""
    group = _properties(templates["smallest_cluster"], "ElastiCache::ReplicationGroup")

    assert (group["NumCacheClusters"], group["CacheNodeType"]) == (1, "cache.t4g.micro")
    assert group["AutomaticFailoverEnabled"] is False


def test_production_sharded(templates: dict[str, Templates]) -> None:
    """Shards that are scaled, signed in to, logged and watched."""
    made = templates["production_sharded"]
    group = _properties(made, "ElastiCache::ReplicationGroup")

    assert (group["NumNodeGroups"], group["ReplicasPerNodeGroup"], group["MultiAZEnabled"]) == (3, 2, True)
    assert len(group["UserGroupIds"]) == 1
    assert len(group["LogDeliveryConfigurations"]) == len(_resources(made, "Logs::LogGroup")) == 2
    assert "NotificationTopicArn" in group
    target = _properties(made, "ApplicationAutoScaling::ScalableTarget")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 12)


def test_sessions(templates: dict[str, Templates]) -> None:
    """Nothing is evicted."""
    parameters = _properties(templates["sessions"], "ElastiCache::ParameterGroup")

    assert parameters["Properties"] == {"maxmemory-policy": "noeviction"}
    assert "CacheParameterGroupName" in _properties(templates["sessions"], "ElastiCache::ReplicationGroup")


def test_seeded_from_s3(templates: dict[str, Templates]) -> None:
    """The files are named, and ElastiCache may read them."""
    made = templates["seeded_from_s3"]

    assert len(_properties(made, "ElastiCache::ReplicationGroup")["SnapshotArns"]) == 2
    assert ".elasticache-snapshot.amazonaws.com" in json.dumps(_properties(made, "S3::BucketPolicy"))
    assert "ElastiCache" not in json.dumps(made["Seeds"]["Resources"])


def test_ipv6(templates: dict[str, Templates]) -> None:
    """Both families are spoken, and a client is let in."""
    group = _properties(templates["ipv6"], "ElastiCache::ReplicationGroup")

    assert (group["NetworkType"], group["IpDiscovery"]) == ("dual_stack", "ipv6")
    assert len(_resources(templates["ipv6"], "EC2::SecurityGroupIngress")) == 1


def test_durability_sync(templates: dict[str, Templates]) -> None:
    """Every write waits for the log."""
    assert _properties(templates["durability_sync"], "ElastiCache::ReplicationGroup")["Durability"] == "sync"


def test_three_users(templates: dict[str, Templates]) -> None:
    """Three users with rights of their own share one group."""
    made = templates["three_users"]
    users = _resources(made, "ElastiCache::User")

    assert len({user["Properties"]["AccessString"] for user in users}) == len(users) == 3
    assert len(_properties(made, "ElastiCache::UserGroup")["UserIds"]) == 3


def test_memcached(templates: dict[str, Templates]) -> None:
    """Three nodes in more than one zone."""
    cluster = _properties(templates["memcached"], "ElastiCache::CacheCluster")

    assert (cluster["Engine"], cluster["NumCacheNodes"], cluster["AZMode"]) == ("memcached", 3, "cross-az")


def test_serverless_public(templates: dict[str, Templates]) -> None:
    """Reached from everywhere, by those who may sign in."""
    made = templates["serverless_public"]

    assert _properties(made, "ElastiCache::ServerlessCache")["ConnectionType"] == "public"
    assert "elasticache:Connect" in json.dumps(_properties(made, "IAM::Policy"))


def test_global_datastore(templates: dict[str, Templates]) -> None:
    """The secondary joins, and each Region has a stack of its own."""
    made = templates["global_datastore"]

    assert "GlobalReplicationGroupId" in _properties({"": made["Frankfurt"]}, "ElastiCache::ReplicationGroup")
    assert len(_resources({"": made["Ireland"]}, "ElastiCache::GlobalReplicationGroup")) == 1
