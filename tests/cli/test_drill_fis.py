"""The drills `az-loss` by an experiment of AWS FIS, and `reboot`, with real engines behind FIS and ElastiCache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from elasticache_kit.drills.experiment_template import ACTION
from tests.cli.local import KEYS, REGION

if TYPE_CHECKING:
    from tests.cli.local import Local

pytestmark = [pytest.mark.engine, pytest.mark.calm]

SHORT = ("--rate", "100", "--baseline", "0.5", "--duration", "1.5", "--settle", "0.5", "--max-stall", "60")
WATCHED = ("--stop-outage", "60")


def fis(local: Local) -> Any:
    """Return a client of FIS."""
    client: Any = boto3.client  # pyright: ignore[reportUnknownMemberType] - the stubs know three services
    return client(
        "fis",
        endpoint_url=local.emulator.endpoint_url,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def template(local: Local, zone: str, name: str) -> str:
    """Make an experiment template for a group with the tag `drill`, and return its id."""
    made = fis(local).create_experiment_template(
        clientToken=name,
        description="takes the power",
        roleArn="arn:aws:iam::123456789012:role/fis",
        stopConditions=[{"source": "none"}],
        targets={
            "groups": {
                "resourceType": "aws:elasticache:replicationgroup",
                "resourceTags": {"drill": name},
                "selectionMode": "ALL",
                "parameters": {"availabilityZoneIdentifier": zone},
            }
        },
        actions={
            "power": {
                "actionId": ACTION,
                "parameters": {"duration": "PT10M"},
                "targets": {"ReplicationGroups": "groups"},
            }
        },
    )
    return str(made["experimentTemplate"]["id"])


def zone_of_primary(local: Local, name: str) -> str:
    """Return where the primary is."""
    (group,) = local.client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    members: Any = group.get("NodeGroups", [])[0].get("NodeGroupMembers", [])
    return next(item["PreferredAvailabilityZone"] for item in members if item["CurrentRole"] == "primary")


def group(local: Local, name: str) -> str:
    """Make a group over two zones that the template of its name is about."""
    zones = [f"{REGION}a", f"{REGION}b"]
    tags = [{"Key": "drill", "Value": name}]
    return local.group(name, PreferredCacheClusterAZs=zones, MultiAZEnabled=True, Tags=tags)


def test_an_experiment_takes_the_power_and_a_replica_takes_over(local: Local) -> None:
    """FIS is asked, the primary is really killed, and the drill sees a promotion."""
    name = group(local, "powerless")
    made = template(local, zone_of_primary(local, name), name)

    done = local.run("drill", "run", "az-loss", name, *SHORT, *WATCHED, "--fis-template", made, "--output", "json")

    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert "start an experiment of AWS FIS by" in told["fault"]
    (promotion,) = [item for item in told["findings"] if item["checker"] == "promotion"]
    assert promotion["figures"]["promotion_seconds"] > 0
    (experiment,) = fis(local).list_experiments(experimentTemplateId=made)["experiments"]
    assert experiment["state"]["status"] == "completed"
    assert experiment["tags"]["elasticache-kit:drill-run"] == told["run_id"]


def test_a_template_of_another_zone_is_refused_before_anything_breaks(local: Local) -> None:
    """Nothing is started."""
    name = group(local, "elsewhere")
    made = template(local, f"{REGION}f", name)

    done = local.run("drill", "run", "az-loss", name, *SHORT, "--fis-template", made)

    assert done.returncode == 4
    assert f"is about the zone {REGION}f, and nodes of the group are in {REGION}a, {REGION}b" in done.stderr
    assert "has no stop condition, and neither has the drill" in done.stderr
    assert fis(local).list_experiments(experimentTemplateId=made)["experiments"] == []


def test_the_primary_is_rebooted_under_load(local: Local) -> None:
    """The node comes back; what it held and nobody had kept is told of."""
    name = group(local, "rebooted")

    done = local.run("drill", "run", "reboot", name, *SHORT, "--allow-lost", "100000", "--output", "json")

    told = json.loads(done.stdout)
    assert "call RebootCacheCluster with CacheClusterId=rebooted-001" in told["fault"]
    assert told["verdict"] == "passed", done.stdout
    (outage,) = [item for item in told["findings"] if item["checker"] == "write outage"]
    assert outage["figures"]["failed"] + outage["figures"]["indeterminate"] > 0
