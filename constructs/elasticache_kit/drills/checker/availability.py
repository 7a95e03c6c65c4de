"""Checkers of availability: how long writes and reads were not possible, and whether the instrument kept time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind, Operation
from elasticache_kit.drills.outage import longest, outages, quantile
from elasticache_kit.drills.verdict import Figure, Finding, Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.calibration import Calibration
    from elasticache_kit.drills.experiment import Limits


def write_outage(history: History, node_group: str, limits: Limits) -> Finding:
    """Find the longest time in which no write was acknowledged."""
    operations = history.operations(Action.WRITE, node_group)
    return _outage("write outage", node_group, operations, limits.max_write_outage_seconds)


def read_outage(history: History, node_group: str, limits: Limits) -> Finding:
    """Find the longest time in which no read was answered."""
    operations = history.operations(Action.READ, node_group)
    return _outage("read outage", node_group, operations, limits.max_read_outage_seconds)


def instrument(history: History, node_group: str, limits: Limits) -> Finding:
    """Find how late the drill itself was: what it did not send in time says nothing about the cache."""
    operations = [o for action in (Action.WRITE, Action.READ) for o in history.operations(action, node_group)]
    late = [operation.invoked - operation.intended for operation in operations]
    worst = max(late, default=None)
    figures: dict[str, Figure] = {"stall_max_seconds": worst, "stall_p99_seconds": quantile(late, 0.99)}
    if worst is None:
        return _finding("instrument", node_group, Verdict.UNKNOWN, "nothing was sent", figures)
    limit = limits.max_stall_seconds
    sentence = f"the drill itself was at most {spoken(worst)} late (limit {spoken(limit)})"
    return _finding("instrument", node_group, Verdict.PASSED if worst <= limit else Verdict.UNKNOWN, sentence, figures)


def calibrated(calibration: Calibration | None, limits: Limits) -> Finding:
    """Find how far off the instrument was where the truth is known."""
    if calibration is None:
        return _finding("instrument", "", Verdict.UNKNOWN, "it was not held against a known stall", {})
    figures: dict[str, Figure] = {
        "error_bar_seconds": calibration.error_seconds,
        "null_gap_seconds": calibration.null_gap_seconds,
        "known_stalls": len(calibration.stalls),
    }
    good = calibration.error_seconds <= limits.max_stall_seconds
    return _finding("instrument", "", Verdict.PASSED if good else Verdict.UNKNOWN, str(calibration), figures)


def errors(operations: Sequence[Operation]) -> Counter[str]:
    """Count the operations that were not acknowledged, by kind of error."""
    return Counter(operation.error or "unknown" for operation in operations if operation.outcome is not Kind.OK)


def _outage(checker: str, node_group: str, operations: Sequence[Operation], limit: float) -> Finding:
    gap = longest(operations)
    if gap is None:
        return _finding(checker, node_group, Verdict.UNKNOWN, "nothing was tried", {})
    broken = outages(operations)
    latencies = [operation.latency for operation in operations if operation.outcome is Kind.OK]
    outcomes = Counter(operation.outcome for operation in operations)
    figures: dict[str, Figure] = {
        "longest_gap_seconds": gap.seconds,
        "outage_seconds": sum(outage.seconds for outage in broken),
        "outages": len(broken),
        "ok": outcomes[Kind.OK],
        "failed": outcomes[Kind.FAIL],
        "indeterminate": outcomes[Kind.INFO],
        "latency_p50_seconds": quantile(latencies, 0.5),
        "latency_p99_seconds": quantile(latencies, 0.99),
        "latency_max_seconds": max(latencies, default=None),
    }
    verdict = Verdict.PASSED if gap.seconds <= limit else Verdict.FAILED
    unanswered = outcomes[Kind.FAIL] + outcomes[Kind.INFO]
    sentence = f"the longest gap was {spoken(gap.seconds)} (limit {spoken(limit)}), {unanswered} operations failed"
    if not outcomes[Kind.OK]:
        verdict, sentence = Verdict.FAILED, f"none of {len(operations)} operations was acknowledged"
    return _finding(checker, node_group, verdict, sentence, figures)


def _finding(checker: str, node_group: str, verdict: Verdict, sentence: str, figures: dict[str, Figure]) -> Finding:
    return Finding(checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)
