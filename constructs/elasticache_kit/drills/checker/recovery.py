"""Checkers of recovery: when a replica took over, and when the node group was whole again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import outages
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.ops.failover import timing

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Limits
    from elasticache_kit.drills.operation import Operation
    from elasticache_kit.ops.event import Event


def promotion(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find when another server than before acknowledged a write."""
    checker = "promotion"
    called = called_at(history, node_group)
    if called is None:
        return _finding(checker, node_group, Verdict.UNKNOWN, "the fault was not accepted", {})
    before = primary_before(history, node_group, called)
    if before is None:
        why = "which server acknowledged the last write before the fault is not known (may the user ask INFO?)"
        return _finding(checker, node_group, Verdict.UNKNOWN, why, {})
    promoted = first_write(history, node_group, called, before)
    figures: dict[str, Figure] = {
        "promotion_seconds": promoted,
        "reconnect_seconds": _first_connection(history, node_group, called, before),
        "wire_promotion_seconds": _seen_primary(history, node_group, called, before),
        "event_promotion_seconds": timing(events(history)).promotion_seconds,
    }
    if promoted is None:
        return _finding(checker, node_group, Verdict.FAILED, "no other server acknowledged a write", figures)
    sentence = f"{spoken(promoted)} from the API call to the first write that the new primary acknowledged"
    return _finding(checker, node_group, Verdict.PASSED, sentence, figures)


def client_recovery(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find when writes and reads of the clients failed for the last time because of the fault."""
    checker = "client recovery"
    called = called_at(history, node_group)
    if called is None:
        return _finding(checker, node_group, Verdict.UNKNOWN, "the fault was not accepted", {})
    ends = {
        action: max((g.end for g in outages(history.operations(action, node_group)) if g.end > called), default=called)
        for action in (Action.WRITE, Action.READ)
    }
    figures: dict[str, Figure] = {
        "write_recovery_seconds": ends[Action.WRITE] - called,
        "read_recovery_seconds": ends[Action.READ] - called,
    }
    unanswered = [a.value for a in ends if not _answered(history.operations(a, node_group), ends[a])]
    if unanswered:
        sentence = f"no {' and no '.join(unanswered)} was answered at the end"
        return _finding(checker, node_group, Verdict.FAILED, sentence, figures)
    sentence = (
        f"{spoken(ends[Action.WRITE] - called)} until the last outage of writes was over, "
        f"{spoken(ends[Action.READ] - called)} of reads"
    )
    return _finding(checker, node_group, Verdict.PASSED, sentence, figures)


def _answered(operations: Sequence[Operation], since: float) -> bool:
    return any(o.outcome is Kind.OK and o.completed is not None and o.completed >= since for o in operations)


def redundancy(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find when as many replicas were in sync as before the fault, and when AWS said that recovery was finished."""
    checker = "full redundancy"
    called = called_at(history, node_group)
    if called is None:
        return _finding(checker, node_group, Verdict.UNKNOWN, "the fault was not accepted", {})
    old_primary = primary_before(history, node_group, called)
    probes = [e for e in history.about(Action.REDUNDANCY, node_group=node_group) if e.number is not None]
    expected = max((probe.number or 0 for probe in probes if probe.at <= called), default=None)
    whole = next(
        (
            probe.at - called
            for probe in probes
            if probe.at > called and probe.node != old_primary and expected and (probe.number or 0) >= expected
        ),
        None,
    )
    recovered = timing(events(history)).recovery_seconds
    figures: dict[str, Figure] = {
        "redundancy_seconds": whole,
        "event_recovery_seconds": recovered,
        "replicas_before": expected,
        "replicas_after": probes[-1].number if probes else None,
    }
    if expected is None:
        sentence = "the primary did not tell how many replicas are in sync (INFO replication)"
        return _finding(checker, node_group, Verdict.UNKNOWN, sentence, figures)
    if whole is None:
        sentence = f"not seen: {expected} replicas in sync before, {figures['replicas_after']} at the end"
        return _finding(checker, node_group, Verdict.FAILED, sentence, figures)
    replicas = f"all {expected} replicas were" if expected > 1 else "the replica was"
    sentence = f"{spoken(whole)} from the API call until {replicas} in sync"
    unfinished = next((e.error for e in history.about(Action.FAULT) if e.kind is Kind.INFO and e.error), None)
    if unfinished is not None:
        return _finding(checker, node_group, Verdict.FAILED, f"{sentence}; but {unfinished}", figures)
    return _finding(checker, node_group, Verdict.PASSED, sentence, figures)


def called_at(history: History, node_group: str | None = None) -> float | None:
    """Return when the fault was asked for, or None if it was not accepted.

    Args:
        history: what happened.
        node_group: the node group that it struck; whichever came first when omitted, or where none is on record.
    """
    entries = history.about(Action.FAULT, node_group=node_group) or history.about(Action.FAULT)
    accepted = any(entry.kind is Kind.OK for entry in entries)
    return next((entry.at for entry in entries if entry.kind is Kind.INVOKE), None) if accepted else None


def events(history: History) -> tuple[Event, ...]:
    """Return AWS's events of the drill."""
    return tuple(entry.event for entry in history.about(Action.EVENT) if entry.event is not None)


def primary_before(history: History, node_group: str, called: float) -> str | None:
    """Return the server that acknowledged the last write before the fault."""
    acknowledged = (
        (write.completed, write.node)
        for write in history.operations(Action.WRITE, node_group)
        if write.outcome is Kind.OK and write.node and write.completed is not None and write.completed < called
    )
    return max(acknowledged, default=(0.0, None))[1]


def first_write(history: History, node_group: str, called: float, before: str) -> float | None:
    """Return how long after a call another server than before acknowledged a write; None if none did."""
    writes = history.operations(Action.WRITE, node_group)
    answers = (w.completed for w in writes if w.outcome is Kind.OK and w.node not in {None, before} and w.completed)
    return min((answer - called for answer in answers if answer > called), default=None)


def _first_connection(history: History, node_group: str, called: float, before: str) -> float | None:
    made = (e for e in history.about(Action.CONNECT, node_group=node_group) if e.kind is Kind.OK)
    return next((entry.at - called for entry in made if entry.at > called and entry.node not in {None, before}), None)


def _seen_primary(history: History, node_group: str, called: float, before: str) -> float | None:
    """Return when another node than before first said of itself that it is the primary."""
    seen = history.about(Action.OBSERVE, node_group=node_group)
    return next(
        (e.at - called for e in seen if e.at > called and e.role == "primary" and e.node not in {None, before}), None
    )


def _finding(checker: str, node_group: str, verdict: Verdict, sentence: str, figures: dict[str, Figure]) -> Finding:
    return Finding(checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)
