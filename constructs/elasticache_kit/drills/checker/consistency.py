"""Checkers of consistency: acknowledged writes that are gone, and reads that lag behind them.

ElastiCache replicates asynchronously, so both are allowed to happen; the drill shows how much.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from elasticache_kit.drills.checker.recovery import called_at
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind, Operation
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.verdict import Figure, Finding, Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Limits

# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Durability.html: with async a primary refuses writes before
# anything that it acknowledged is older than this and not yet in the log.
ASYNC_WINDOW_SECONDS = 10.0


def lost_writes(history: History, node_group: str, limits: Limits) -> Finding:
    """Find the writes that were acknowledged and that the primary did not hold at the end."""
    checker = "lost acknowledged writes"
    answers = history.about(Action.READ_BACK, node_group=node_group)
    if not answers or answers[-1].kind is not Kind.OK:
        why = f"the writes could not be read back: {answers[-1].error}" if answers else "the writes were not read back"
        return Finding(checker=checker, node_group=node_group, verdict=Verdict.UNKNOWN, sentence=why, timed=False)
    held = frozenset(answers[-1].numbers)
    writes = history.operations(Action.WRITE, node_group)
    acknowledged = [write.number for write in writes if write.outcome is Kind.OK and write.number is not None]
    lost = sorted(number for number in acknowledged if number not in held)
    ages = _ages(history, node_group, writes, frozenset(lost))
    figures: dict[str, Figure] = {
        "acknowledged": len(acknowledged),
        "lost": len(lost),
        "first_lost": lost[0] if lost else None,
        "last_lost": lost[-1] if lost else None,
        "oldest_lost_seconds": max(ages, default=None),
        "youngest_lost_seconds": min(ages, default=None),
        "durability": limits.durability,
    }
    if not acknowledged:
        verdict, sentence = Verdict.UNKNOWN, "no write was acknowledged, so none could be lost"
    else:
        allowed, said = _allowed(limits, ages)
        verdict = Verdict.PASSED if len(lost) <= allowed else Verdict.FAILED
        window = f", acknowledged from {_when(max(ages))} to {_when(min(ages))} the fault" if ages else ""
        found = f"{len(lost)} of {len(acknowledged)} lost{window}" if lost else f"none observed in {len(acknowledged)}"
        sentence = f"{found} ({said})"
    return Finding(
        checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures, timed=False
    )


def ghosts(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find the writes that were not acknowledged and that the primary held at the end.

    A write without an answer may have happened: a client that repeats it does it twice. One that the server refused
    must not have happened.
    """
    checker = "ghost writes"
    answers = history.about(Action.READ_BACK, node_group=node_group)
    if not answers or answers[-1].kind is not Kind.OK:
        why = "the writes were not read back"
        return Finding(checker=checker, node_group=node_group, verdict=Verdict.UNKNOWN, sentence=why, timed=False)
    held = frozenset(answers[-1].numbers)
    writes = history.operations(Action.WRITE, node_group)
    refused = sum(write.outcome is Kind.FAIL and write.number in held for write in writes)
    unanswered = sum(write.outcome is Kind.INFO and write.number in held for write in writes)
    open_ = sum(write.outcome is Kind.INFO for write in writes)
    figures: dict[str, Figure] = {"refused_yet_present": refused, "unanswered_yet_present": unanswered}
    sentence = f"of {open_} writes without an answer {unanswered} are there" if open_ else "every write had an answer"
    if refused:
        sentence = f"{refused} writes that were refused are there all the same; {sentence}"
    verdict = Verdict.FAILED if refused else Verdict.PASSED
    return Finding(
        checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures, timed=False
    )


def monotonic_reads(history: History, node_group: str, limits: Limits) -> Finding:
    """Find the reads that returned less than an earlier one had."""
    reads = [read for read in history.operations(Action.READ, node_group) if read.outcome is Kind.OK]
    ordered = sorted(reads, key=lambda read: read.completed or 0.0)
    backwards = [(a, b) for a, b in pairwise(ordered) if (b.number or 0) < (a.number or 0)]
    figures: dict[str, Figure] = {
        "reads": len(reads),
        "went_backwards": len(backwards),
        "on_one_node": sum(a.node == b.node for a, b in backwards),
        "furthest": max(((a.number or 0) - (b.number or 0) for a, b in backwards), default=0),
    }
    limit = limits.allow_backwards
    judged = f"allowed {limit}" if limit is not None else "reported, not judged"
    found = f"{len(backwards)} of {len(reads)} went back" if backwards else f"none observed in {len(reads)}"
    verdict = Verdict.FAILED if limit is not None and len(backwards) > limit else Verdict.PASSED
    if not reads:
        verdict, found = Verdict.UNKNOWN, "no read was answered"
    return Finding(
        checker="monotonic reads",
        node_group=node_group,
        verdict=verdict,
        sentence=f"{found} ({judged})",
        figures=figures,
        timed=False,
    )


def stale_reads(history: History, node_group: str, limits: Limits) -> Finding:
    """Find the reads that returned less than what had been acknowledged before they were sent, and how old that was."""
    reads = [read for read in history.operations(Action.READ, node_group) if read.outcome is Kind.OK]
    ages = staleness(history.operations(Action.WRITE, node_group), reads)
    oldest = max(ages, default=0.0)
    figures: dict[str, Figure] = {
        "reads": len(reads),
        "stale": len(ages),
        "age_p50_seconds": quantile(ages, 0.5),
        "age_max_seconds": max(ages, default=None),
    }
    limit = limits.max_stale_seconds
    if not reads:
        verdict, sentence = Verdict.UNKNOWN, "no read was answered"
    else:
        verdict = Verdict.FAILED if limit is not None and oldest > limit else Verdict.PASSED
        found = (
            f"{len(ages)} of {len(reads)}, at most {spoken(oldest)} old" if ages else f"none observed in {len(reads)}"
        )
        sentence = f"{found} (limit {spoken(limit)})" if limit is not None else f"{found} (reported, not judged)"
    return Finding(checker="stale reads", node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)


def staleness(writes: Sequence[Operation], reads: Sequence[Operation]) -> list[float]:
    """Return for each stale read for how long its value had been superseded when it was sent, in seconds."""
    acknowledged = sorted(
        (write.completed, write.number)
        for write in writes
        if write.outcome is Kind.OK and write.completed is not None and write.number is not None
    )
    moments = [moment for moment, _ in acknowledged]
    newest = list(accumulate((number for _, number in acknowledged), max))
    ages: list[float] = []
    for read in reads:
        superseded = bisect_right(newest, read.number or 0)
        if superseded < len(moments) and moments[superseded] < read.invoked:
            ages.append(read.invoked - moments[superseded])
    return ages


def _ages(history: History, node_group: str, writes: Sequence[Operation], lost: frozenset[int]) -> list[float]:
    """Return how long before the fault each lost write had been acknowledged; none where there was no fault."""
    called = called_at(history, node_group)
    if called is None:
        return []
    return [called - write.completed for write in writes if write.number in lost and write.completed is not None]


def _when(age: float) -> str:
    return f"{spoken(age)} before" if age >= 0 else f"{spoken(-age)} after"


def _allowed(limits: Limits, ages: Sequence[float]) -> tuple[int, str]:
    """Return how many writes may be lost, and why."""
    if limits.durability == "sync":
        return 0, "durability sync allows none"
    if limits.durability == "async":
        young = sum(age <= ASYNC_WINDOW_SECONDS for age in ages)
        return young, f"durability async allows those of the last {ASYNC_WINDOW_SECONDS:g} s"
    return limits.allow_lost, f"allowed {limits.allow_lost}"
