"""What a scheduled drill's build runs, run: the commands of the construct, against a local ElastiCache, S3, CloudWatch.

CodeBuild itself is AWS's; here a shell has the variables that a build has.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from elasticache_kit.cdk.scheduled_drill.build import DrillBuild
from elasticache_kit.model.drill import OUTCOMES
from elasticache_kit.model.permission import NAMESPACE
from tests.cli.local import KEYS, REGION

if TYPE_CHECKING:
    from tests.cli.local import Local

# A build takes as long as a drill with all its defaults.
pytestmark = [pytest.mark.engine, pytest.mark.calm, pytest.mark.prove]


def client(local: Local, service: str) -> Any:
    """Return a client of a service of the emulator."""
    made: Any = boto3.client
    return made(
        service,
        endpoint_url=local.emulator.endpoint_url,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def built(local: Local, folder: Path, group: str, build: DrillBuild) -> int:
    """Run the commands of a build in a folder of its own, and return how it ended."""
    folder.mkdir()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {"GROUP": group, "BUCKET": "reports", "PREFIX": "Drill/", "PATH": path}
    done = subprocess.run(
        ["sh", "-c", build.script()],  # noqa: S607 - the shell of a build
        cwd=folder,
        env={**local.environment, **variables},
        timeout=200,
        check=False,
    )
    return done.returncode


def outcomes(local: Local, drill: str, group: str) -> dict[str, float]:
    """Return what CloudWatch was told of a group."""
    now = datetime.now(UTC)
    told = {
        name: client(local, "cloudwatch").get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": "Drill", "Value": drill}, {"Name": "ReplicationGroupId", "Value": group}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=7200,
            Statistics=["Sum"],
        )["Datapoints"]
        for name in OUTCOMES
    }
    return {name: sum(point["Sum"] for point in points) for name, points in told.items()}


def test_a_drill_that_passes_and_one_that_fails(local: Local, tmp_path: Path) -> None:
    """The report is in the bucket, and the outcome in CloudWatch; an objective that nobody can meet fails the build."""
    s3 = client(local, "s3")
    s3.create_bucket(Bucket="reports")
    name = local.group("nightly")

    passed = built(
        local, tmp_path / "first", name, DrillBuild(drill="failover", objectives={"write_outage_max": "60s"})
    )
    first = outcomes(local, "failover", name)
    failed = built(
        local, tmp_path / "second", name, DrillBuild(drill="failover", objectives={"write_outage_max": "1ms"})
    )

    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="reports")["Contents"]]
    assert passed == 0
    assert first == {"Passed": 1.0, "Failed": 0.0, "Unknown": 0.0}
    assert failed == 1
    assert outcomes(local, "failover", name) == {"Passed": 1.0, "Failed": 1.0, "Unknown": 0.0}
    assert len([key for key in keys if key.startswith("Drill/nightly/") and key.endswith("/report.html")]) == 2


def test_a_drill_that_is_refused_is_told_of(local: Local, tmp_path: Path) -> None:
    """It has no report, and could not tell."""
    code = built(local, tmp_path / "build", "nobody", DrillBuild(drill="failover"))

    assert code == 4
    assert outcomes(local, "failover", "nobody") == {"Passed": 0.0, "Failed": 0.0, "Unknown": 1.0}
