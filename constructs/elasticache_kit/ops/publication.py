"""Publishing what became of a drill: its report to S3, and its outcome to CloudWatch, from which an alarm tells.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.drill import OUTCOMES
from elasticache_kit.model.permission import NAMESPACE
from elasticache_kit.ops.plan import Call, Deferred, Plan, Step

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

PASSED, FAILED, UNKNOWN = OUTCOMES
# What the exit codes of `drill run` say; with any other it did not get as far as a verdict.
_OUTCOMES = {0: PASSED, 1: FAILED}
_VERDICTS = {"passed": PASSED, "failed": FAILED}
_TYPES = {
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The report of a drill in a folder, as far as it tells of itself.

    Args:
        files: its files; none where the drill was refused, or broke off before it had a report.
        drill: the drill; None where there is no report.
        replication_group_id: the group; None where there is no report.
        run_id: the id of the run; None where there is no report.
        started: when it began, in ISO 8601; None where there is no report.
        verdict: `passed`, `failed` or `unknown`, of the last trial; None where there is no report.
    """

    files: tuple[Path, ...] = ()
    drill: str | None = None
    replication_group_id: str | None = None
    run_id: str | None = None
    started: str | None = None
    verdict: str | None = None


def read(folder: Path) -> Report:
    """Read the report in a folder; a folder that is not there has none.

    Raises:
        ValidationError: `report.json` is not one of a drill.
    """
    path = folder / "report.json"
    if not path.is_file():
        return Report()
    try:
        told = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        return Report(
            files=tuple(sorted(item for item in folder.iterdir() if item.is_file())),
            drill=str(told["drill"]),
            replication_group_id=str(told["replication_group"]["id"]),
            run_id=str(told["run_id"]),
            started=str(told["started"]),
            verdict=str(told["verdict"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValidationError(f"{path} is no report of a drill: {type(error).__name__} {error}") from error


def outcome(report: Report, exit_code: int | None) -> str:
    """Return what became of a drill: one of `model.drill.OUTCOMES`.

    Args:
        report: its report.
        exit_code: what `drill run` ended with, which speaks of all trials; None leaves it to the report, which
            speaks of the last one.
    """
    if report.verdict is None:
        return FAILED if exit_code == 1 else UNKNOWN
    return _VERDICTS.get(report.verdict, UNKNOWN) if exit_code is None else _OUTCOMES.get(exit_code, UNKNOWN)


def plan(
    report: Report,
    *,
    bucket: str,
    prefix: str = "",
    drill: str | None = None,
    replication_group_id: str | None = None,
    exit_code: int | None = None,
    now: datetime | None = None,
) -> Plan:
    """Plan to store a report, and to tell CloudWatch what became of the drill.

    The outcome is told last: whoever hears of it finds the report.

    Args:
        report: the report, which may have nothing.
        bucket: where its files go.
        prefix: what their keys begin with; nothing when omitted.
        drill: the drill; as the report has it when omitted.
        replication_group_id: the group; as the report has it when omitted.
        exit_code: see `outcome`.
        now: the moment that a run without a report is told at; the present one when omitted.

    Raises:
        ValidationError: neither the report nor the arguments say which drill it was and on what, or they differ.
    """
    named, group = _about(
        ("--drill", drill, report.drill), ("--group", replication_group_id, report.replication_group_id)
    )
    became = outcome(report, exit_code)
    place = f"{prefix}{group}/{_moment(report, now)}-{named}{f'-{report.run_id}' if report.run_id else ''}/"
    steps: list[Step] = [_put(path, bucket, f"{place}{path.name}") for path in report.files]
    steps.append(_tell(named, group, became))
    notes = () if report.files else ("there is no report: the drill did not get so far, and nothing is stored",)
    return Plan(f"publication of {named} on {group}: {became.lower()}", tuple(steps), notes)


def _about(*names: tuple[str, str | None, str | None]) -> tuple[str, ...]:
    """Return what was given or else told, of each option; the message of the error has all that is wrong."""
    wrong = [
        f"{option} is {given!r}, and the report is about {told!r}: publish them apart"
        for option, given, told in names
        if given is not None and told is not None and given != told
    ]
    if missing := [option for option, given, told in names if not (given or told)]:
        wrong.append(
            f"the folder has no report.json that tells what the drill was: give {' and '.join(missing)}, or the folder "
            "that `drill run --report` wrote"
        )
    if wrong:
        raise ValidationError("\n".join(wrong))
    return tuple(given or told or "" for _, given, told in names)


def _moment(report: Report, now: datetime | None) -> str:
    at = datetime.fromisoformat(report.started) if report.started else now or datetime.now(UTC)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")


def _put(path: Path, bucket: str, key: str) -> Call:
    def content(session: Session) -> object:
        del session
        return path.read_bytes()

    return Call(
        "PutObject",
        (
            ("Bucket", bucket),
            ("Key", key),
            ("ContentType", _TYPES.get(path.suffix, "application/octet-stream")),
            ("Body", Deferred(f"{path.stat().st_size} bytes of {path.name}", content)),
        ),
        service="s3",
    )


def _tell(drill: str, group: str, became: str) -> Call:
    dimensions = [{"Name": "Drill", "Value": drill}, {"Name": "ReplicationGroupId", "Value": group}]
    data = [
        {"MetricName": name, "Dimensions": dimensions, "Unit": "Count", "Value": float(name == became)}
        for name in OUTCOMES
    ]
    return Call("PutMetricData", (("Namespace", NAMESPACE), ("MetricData", data)), service="cloudwatch")
