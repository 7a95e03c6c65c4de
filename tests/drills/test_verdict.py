"""Composing verdicts."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.verdict import Finding, Verdict, compose, distrust

PASSED, FAILED, UNKNOWN = Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN


def finding(verdict: Verdict, *, timed: bool = True) -> Finding:
    """Return a finding of no consequence."""
    return Finding(checker="x", node_group="0001", verdict=verdict, sentence="seen", timed=timed)


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ([PASSED, PASSED], PASSED),
        ([PASSED, UNKNOWN], UNKNOWN),
        ([UNKNOWN, FAILED, PASSED], FAILED),
        ([], UNKNOWN),
    ],
)
def test_failed_beats_unknown_beats_passed(verdicts: list[Verdict], whole: Verdict) -> None:
    """A drill passes only when everything passed, and something was asked."""
    assert compose(finding(verdict) for verdict in verdicts) is whole


def test_distrust_spares_what_does_not_depend_on_time() -> None:
    """The reason is added to those that do."""
    timed, timeless = distrust([finding(PASSED), finding(PASSED, timed=False)], "it slept")

    assert (timed.verdict, timed.sentence) == (UNKNOWN, "seen; but it slept")
    assert timeless.verdict is PASSED
