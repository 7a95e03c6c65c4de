"""Checkers of goodput: that the load becomes what it was, and that what was left alone stays what it is."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from elasticache_kit.drills.checker.recovery import called_at
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import longest
from elasticache_kit.drills.verdict import Figure, Finding, Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Limits

# Goodput is counted in windows of this length that begin every fifth of it.
WINDOW_SECONDS = 0.25
_STEPS = 5
# Less than this share of what was due before the fault is a client that had not got going.
GOING = 0.5
# An answer after so long is of no use to anybody.
TOO_LATE_SECONDS = 1.0
# Less than this share of what was acknowledged before the fault is not what it was.
BACK = 0.95


def goodput(history: History, node_group: str, limits: Limits) -> Finding:
    """Find when as many writes as before the fault were acknowledged again, and stayed so until the end.

    A client that is connected again and stays at half its rate is not well: redis-py has been seen so.
    """
    checker = "goodput"
    called = called_at(history, node_group)
    writes = history.operations(Action.WRITE, node_group)
    if called is None or not writes:
        return _finding(checker, node_group, Verdict.UNKNOWN, "there was no fault to come back from", {})
    # By when they were due: what the instrument itself sent late is not the cache's loss.
    moments = sorted(w.intended for w in writes if w.outcome is Kind.OK and w.latency <= TOO_LATE_SECONDS)
    start, end = writes[0].intended, writes[-1].intended
    before = _rate(moments, start, called)
    if not before or end - called < WINDOW_SECONDS:
        sentence = "there was too little load before or after the fault to compare"
        return _finding(checker, node_group, Verdict.UNKNOWN, sentence, {})
    due = _rate([write.intended for write in writes], start, called) or 0.0
    if before < GOING * due:
        sentence = (
            f"of {due:,.0f} writes a second {before:,.0f} were acknowledged before the fault: nothing to come back to"
        )
        return _finding(checker, node_group, Verdict.UNKNOWN, sentence, {"goodput_before": before})
    back = _back(moments, called, end, BACK * before)
    after = _rate(moments, end - WINDOW_SECONDS, end)
    figures: dict[str, Figure] = {
        "goodput_before": before,
        "goodput_after": after,
        "goodput_seconds": None if back is None else back - called,
    }
    if back is None:
        sentence = f"never again what it was: {before:,.0f} writes a second before, {after or 0:,.0f} at the end"
        return _finding(checker, node_group, Verdict.FAILED, sentence, figures)
    limit = limits.max_goodput_seconds
    passed = limit is None or back - called <= limit
    judged = f" (limit {spoken(limit)})" if limit is not None else ""
    sentence = f"{before:,.0f} writes a second again {spoken(back - called)} after the fault{judged}"
    return _finding(checker, node_group, Verdict.PASSED if passed else Verdict.FAILED, sentence, figures)


def blast_radius(history: History, node_group: str, limits: Limits) -> Finding:
    """Find what a fault did to a node group that it was not meant for."""
    checker = "blast radius"
    called = called_at(history)
    if called is None:
        return _finding(checker, node_group, Verdict.UNKNOWN, "the fault was not accepted", {})
    writes = [w for w in history.operations(Action.WRITE, node_group) if w.intended >= called]
    gap = longest(writes)
    if gap is None:
        return _finding(checker, node_group, Verdict.UNKNOWN, "nothing was tried after the fault", {})
    failed = sum(write.outcome is not Kind.OK for write in writes)
    figures: dict[str, Figure] = {"longest_gap_seconds": gap.seconds, "failed": failed, "writes": len(writes)}
    limit = limits.max_healthy_outage_seconds
    sentence = (
        f"nothing was done to it: the longest gap was {spoken(gap.seconds)} (limit {spoken(limit)}), "
        f"{failed} of {len(writes)} writes failed"
    )
    return _finding(checker, node_group, Verdict.PASSED if gap.seconds <= limit else Verdict.FAILED, sentence, figures)


def _back(moments: list[float], called: float, end: float, enough: float) -> float | None:
    """Return the first moment from which every window until the end has enough acknowledgements."""
    step = WINDOW_SECONDS / _STEPS
    count = int((end - called - WINDOW_SECONDS) / step + 1e-6) + 1
    back: float | None = None
    for number in range(count):
        start = called + number * step
        # One less for the edges of the window.
        if (_rate(moments, start, start + WINDOW_SECONDS) or 0.0) < enough - 1 / WINDOW_SECONDS:
            back = None
        elif back is None:
            back = start
    return back


def _rate(moments: list[float], start: float, end: float) -> float | None:
    seconds = end - start
    return (bisect_left(moments, end) - bisect_left(moments, start)) / seconds if seconds > 0 else None


def _finding(checker: str, node_group: str, verdict: Verdict, sentence: str, figures: dict[str, Figure]) -> Finding:
    return Finding(checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)
