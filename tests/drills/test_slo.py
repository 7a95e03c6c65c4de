"""Objectives over the trials of a drill."""

from __future__ import annotations

from pathlib import Path

import pytest

from elasticache_kit.drills import slo
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import objective as written
from tests.drills.forged import result
from tests.drills.story import Story, failover_story


def outage_of(seconds: float) -> Story:
    """Return a failover with an outage of so many seconds."""
    story = Story()
    number = story.writes(0, 3)
    story.fault(3)
    number = story.failing(Action.WRITE, 3, 3 + seconds, first=number)
    story.writes(3 + seconds, 6 + seconds, first=number, node="new")
    story.reads(0, 6)
    return story


def objective(tmp_path: Path, text: str) -> slo.Objective:
    """Read a file of one objective."""
    path = tmp_path / "slo.yaml"
    path.write_text(text)
    (found,) = slo.read(path)
    return found


def test_a_quantile_over_the_trials_is_held_against_its_limit(tmp_path: Path) -> None:
    """One bad trial of four is more than p95 forgives and less than p50 does; every trial is shown, and n."""
    trials = [result(outage_of(seconds)) for seconds in (1, 1, 1, 4)]

    half = objective(tmp_path, "write_outage_p50: 1100ms").judge(trials)
    most = objective(tmp_path, "write_outage_p95: 1100ms").judge(trials)

    assert (half.verdict, most.verdict) == (Verdict.PASSED, Verdict.FAILED)
    assert most.sentence == "4.01 s (limit 1.10 s) in n = 4: 1.01 s, 1.01 s, 1.01 s, 4.01 s"


def test_what_was_not_measured_is_unknown(tmp_path: Path) -> None:
    """A drill that promotes nothing says nothing of promotion; an invalid one says nothing of time."""
    unpromoted = result(failover_story(), failed_over=None)
    late = failover_story()
    late.operation(Action.READ, 9.0, number=10**9, late=0.5, took=0.6)

    assert objective(tmp_path, "promotion_max: 1min").judge([unpromoted]).verdict is Verdict.UNKNOWN
    assert objective(tmp_path, "write_outage_max: 1min").judge([result(late)]).verdict is Verdict.UNKNOWN
    assert objective(tmp_path, "lost_writes_max: 0").judge([result(late)]).verdict is Verdict.PASSED


def test_every_wrong_line_is_named_with_what_is_allowed(tmp_path: Path) -> None:
    """All at once."""
    path = tmp_path / "slo.yaml"
    path.write_text("write_outage_p96: 1s\nlost_writes_max: few\npromotion_max: 3\n")

    with pytest.raises(ValidationError) as caught:
        slo.read(path)

    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path}: 3 wrong"
    assert lines[1].startswith("  write_outage_p96: no such objective; a metric is one of write_outage, read_outage")
    assert lines[2:] == [
        "  lost_writes_max: 'few' is not a whole number",
        "  promotion_max: 3 is not a duration such as 500ms, 15s or 2min",
    ]


@pytest.mark.parametrize("content", ["", "- a", "{", None])
def test_a_file_without_objectives_is_said(tmp_path: Path, content: str | None) -> None:
    """Empty, of another shape, no YAML, not there."""
    path = tmp_path / "slo.yaml"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ValidationError):
        slo.read(path)


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    """A picture, for one."""
    path = tmp_path / "slo.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ValidationError, match=r"slo.yaml' cannot be read: .*utf-8"):
        slo.read(path)


def test_every_metric_can_be_written() -> None:
    """What is judged here and what the rulebook reads are the same, and in the same unit."""
    assert {name for name, metric in slo.METRICS.items() if metric.is_time} == set(written.TIMES)
    assert {name for name, metric in slo.METRICS.items() if not metric.is_time} == set(written.COUNTS)
