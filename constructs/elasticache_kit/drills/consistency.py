"""Checkers of consistency: acknowledged writes that are gone, and reads that lag behind them.

ElastiCache replicates asynchronously, so both are allowed to happen; the drill shows how much.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind, Operation
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.verdict import Figure, Finding, Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Limits


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
    figures: dict[str, Figure] = {
        "acknowledged": len(acknowledged),
        "lost": len(lost),
        "first_lost": lost[0] if lost else None,
        "last_lost": lost[-1] if lost else None,
        # Never acknowledged and there all the same: a client that repeats such a write does it twice.
        "unacknowledged_yet_present": sum(w.outcome is not Kind.OK and w.number in held for w in writes),
    }
    if not acknowledged:
        verdict, sentence = Verdict.UNKNOWN, "no write was acknowledged, so none could be lost"
    else:
        verdict = Verdict.PASSED if len(lost) <= limits.allow_lost else Verdict.FAILED
        found = f"{len(lost)} of {len(acknowledged)} lost" if lost else f"none observed in {len(acknowledged)}"
        sentence = f"{found} (allowed {limits.allow_lost})"
    return Finding(
        checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures, timed=False
    )


def stale_reads(history: History, node_group: str, limits: Limits) -> Finding:
    """Find the reads that returned less than what had been acknowledged before they were sent, and how old that was."""
    reads = [read for read in history.operations(Action.READ, node_group) if read.outcome is Kind.OK]
    ages = staleness(history.operations(Action.WRITE, node_group), reads)
    oldest = max(ages, default=0.0)
    seen = [read.number or 0 for read in sorted(reads, key=lambda read: read.completed or 0.0)]
    figures: dict[str, Figure] = {
        "reads": len(reads),
        "stale": len(ages),
        "age_p50_seconds": quantile(ages, 0.5),
        "age_max_seconds": max(ages, default=None),
        "went_backwards": sum(later < earlier for earlier, later in pairwise(seen)),
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
