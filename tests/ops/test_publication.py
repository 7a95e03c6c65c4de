"""Publishing a report and its outcome, in S3 and CloudWatch of an account inside this process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError, ValidationError
from elasticache_kit.model.drill import OUTCOMES
from elasticache_kit.model.permission import NAMESPACE
from elasticache_kit.ops import execution, publication
from elasticache_kit.ops.plan import Plan, show
from tests.ops.report_folder import write_report

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

PLACE = "drills/orders/2026-11-24T040007Z-failover-0a1b2c3d"


def planned(folder: Path, **more: Any) -> Plan:
    """Plan the publication of a folder."""
    return publication.plan(publication.read(folder), bucket="reports", prefix="drills/", **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report that has passed."""
    return write_report(tmp_path / "report")


@pytest.mark.parametrize(
    ("verdict", "exit_code", "expected"),
    [
        ("passed", None, "Passed"),
        ("failed", None, "Failed"),
        ("unknown", None, "Unknown"),
        ("passed", 0, "Passed"),
        # A trial before the last one has failed, or the instrument was late in one.
        ("passed", 1, "Failed"),
        ("passed", 3, "Unknown"),
        ("passed", 4, "Unknown"),
    ],
)
def test_the_exit_code_speaks_of_all_trials(tmp_path: Path, verdict: str, exit_code: int | None, expected: str) -> None:
    """And the report of the last one."""
    report = publication.read(write_report(tmp_path / "report", verdict))

    assert publication.outcome(report, exit_code) == expected


@pytest.mark.parametrize(("exit_code", "expected"), [(None, "Unknown"), (0, "Unknown"), (1, "Failed"), (4, "Unknown")])
def test_without_a_report_nothing_has_passed(tmp_path: Path, exit_code: int | None, expected: str) -> None:
    """Whatever the exit code says."""
    assert publication.outcome(publication.read(tmp_path / "none"), exit_code) == expected


def test_the_files_go_to_the_bucket_and_the_outcome_to_cloudwatch(account: Session, folder: Path) -> None:
    """Under a name of the run, with types that a browser shows; one of three metrics is 1."""
    s3, cloudwatch = account.changing("s3"), account.reading("cloudwatch")
    s3.create_bucket(Bucket="reports")

    execution.run(planned(folder), account, lambda _: None)

    stored = {item["Key"] for item in s3.list_objects_v2(Bucket="reports")["Contents"]}
    assert stored == {f"{PLACE}/report.html", f"{PLACE}/report.json"}
    page = s3.get_object(Bucket="reports", Key=f"{PLACE}/report.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert page["Body"].read() == b"<!doctype html>"
    now = datetime.now(UTC)
    sums = {
        name: cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": "Drill", "Value": "failover"}, {"Name": "ReplicationGroupId", "Value": "orders"}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=7200,
            Statistics=["Sum"],
        )["Datapoints"]
        for name in OUTCOMES
    }
    assert {name: [point["Sum"] for point in points] for name, points in sums.items()} == {
        "Passed": [1.0], "Failed": [0.0], "Unknown": [0.0],
    }  # fmt: skip


def test_a_bucket_that_is_not_there_is_a_sentence(account: Session, folder: Path) -> None:
    """And nothing is told to CloudWatch: what is told of has its report stored."""
    with pytest.raises(RefusedError, match="PutObject answered NoSuchBucket"):
        execution.run(planned(folder), account, lambda _: None)

    assert account.reading("cloudwatch").list_metrics(Namespace=NAMESPACE)["Metrics"] == []


def test_a_plan_shows_what_it_stores_and_tells(folder: Path) -> None:
    """Each file by its size, and the outcome last."""
    lines = show(planned(folder)).splitlines()

    assert lines[0] == "publication of failover on orders: passed"
    assert lines[1] == (
        f"  1. call PutObject of s3 with Bucket=reports, Key={PLACE}/report.html, "
        "ContentType=text/html; charset=utf-8, Body=(15 bytes of report.html)"
    )
    assert "call PutMetricData of cloudwatch with Namespace=elasticache-kit/drills" in lines[3]


def test_a_run_without_a_report_is_told_all_the_same(tmp_path: Path) -> None:
    """A drill that was refused has no file, and counts."""
    nothing = planned(tmp_path, drill="failover", replication_group_id="orders", exit_code=4)

    assert nothing.operation == "publication of failover on orders: unknown"
    assert len(nothing.steps) == 1
    assert nothing.notes == ("there is no report: the drill did not get so far, and nothing is stored",)


def test_who_it_is_about_must_be_known(tmp_path: Path) -> None:
    """By the report or by options; what is missing is said at once."""
    with pytest.raises(ValidationError, match=r"the folder has no report\.json .*: give --drill and --group, or"):
        planned(tmp_path)


def test_a_report_about_something_else_is_refused(folder: Path) -> None:
    """A build that finds the report of another drill tells no lies."""
    with pytest.raises(ValidationError, match=r"--group is 'carts', and the report is about 'orders'"):
        planned(folder, replication_group_id="carts")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"drill": "failover", "replication_group": []}'])
def test_what_is_no_report_is_a_sentence(tmp_path: Path, content: str) -> None:
    """With the path."""
    (tmp_path / "report.json").write_text(content)

    with pytest.raises(ValidationError, match=r"report\.json is no report of a drill"):
        publication.read(tmp_path)
