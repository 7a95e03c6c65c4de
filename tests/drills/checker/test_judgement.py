"""Judging a history."""

from __future__ import annotations

from elasticache_kit.drills.checker.judgement import guarded, judge
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.verdict import Finding, Verdict, compose
from tests.drills.story import GROUP, Story, failover_story


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    """Return the verdicts by checker."""
    return {finding.checker: finding.verdict for finding in findings}


def test_a_good_failover_passes_every_checker() -> None:
    """The control for all that follow."""
    found = verdicts(judge(failover_story().history, [GROUP], Limits(), GROUP))

    assert set(found.values()) == {Verdict.PASSED}
    assert set(found) == {
        "write outage",
        "read outage",
        "lost acknowledged writes",
        "stale reads",
        "ghost writes",
        "monotonic reads",
        "promotion",
        "client recovery",
        "goodput",
        "full redundancy",
        "instrument",
    }


def test_only_the_group_that_failed_over_must_promote() -> None:
    """A neighbour is asked whether it went on working, not whether it was replaced."""
    found = judge(failover_story().history, [GROUP], Limits(), None)

    assert "promotion" not in verdicts(found)


def test_a_neighbour_of_what_was_struck_is_asked_for_the_blast_radius() -> None:
    """And only then: without a fault nobody is a neighbour."""
    history = failover_story().history

    assert "blast radius" in verdicts(judge(history, [GROUP], Limits(), "0002"))
    assert "goodput" not in verdicts(judge(history, [GROUP], Limits(), "0002"))
    assert "goodput" in verdicts(judge(history, [GROUP], Limits(), struck=[GROUP]))
    assert "blast radius" not in verdicts(judge(history, [GROUP], Limits()))


def test_a_checker_that_crashes_is_unknown() -> None:
    """A defect of ours is not a pass, and not the cache's failure."""

    def broken_checker(_history: History, _node_group: str, _limits: Limits) -> Finding:
        raise ZeroDivisionError("by zero")

    finding = guarded(broken_checker, History(), GROUP, Limits())

    assert finding.verdict is Verdict.UNKNOWN
    assert (finding.checker, finding.sentence) == (
        "broken checker",
        "the checker crashed: ZeroDivisionError: by zero",
    )


def test_a_stalled_instrument_makes_every_time_unknown() -> None:
    """An outage that the drill itself may have caused is neither passed nor failed."""
    story = failover_story()
    story.operation(Action.READ, 9.0, number=10**9, late=0.5, took=0.6)

    findings = judge(story.history, [GROUP], Limits(max_write_outage_seconds=0.1), GROUP)

    found = verdicts(findings)
    for timeless in ("lost acknowledged writes", "ghost writes", "monotonic reads"):
        assert found.pop(timeless) is Verdict.PASSED
    assert set(found.values()) == {Verdict.UNKNOWN}
    assert compose(findings) is Verdict.UNKNOWN
    assert "its times cannot be trusted: the drill itself was at most 500 ms late" in findings[0].sentence


def test_a_loss_fails_even_if_the_instrument_stalled() -> None:
    """What is gone is gone, whatever the clock says."""
    story = Story()
    story.writes(0, 1)
    story.operation(Action.READ, 1.0, number=10**9, late=0.5, took=0.6)
    story.held(set(range(2, 101)))

    assert compose(judge(story.history, [GROUP], Limits())) is Verdict.FAILED
