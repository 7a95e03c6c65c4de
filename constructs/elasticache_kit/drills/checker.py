"""The checkers of a drill, and how their findings become one verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from elasticache_kit.drills.availability import calibrated, instrument, read_outage, write_outage
from elasticache_kit.drills.consistency import lost_writes, stale_reads
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import History
from elasticache_kit.drills.recovery import promotion, redundancy
from elasticache_kit.drills.verdict import Finding, Verdict, distrust

if TYPE_CHECKING:
    from elasticache_kit.drills.calibration import Calibration

Checker = Callable[[History, str, Limits], Finding]

# What is asked of every node group, and what besides of the one that was failed over.
ALWAYS: tuple[Checker, ...] = (write_outage, read_outage, lost_writes, stale_reads)
AFTER_FAILOVER: tuple[Checker, ...] = (promotion, redundancy)


def judge(
    history: History,
    node_groups: Iterable[str],
    limits: Limits,
    failed_over: str | None = None,
    calibration: Calibration | None = None,
) -> tuple[Finding, ...]:
    """Return what all checkers find.

    When the instrument stalled for longer than the limit, every finding that depends on time is unknown.

    Args:
        history: what happened.
        node_groups: the ids of the node groups under load.
        limits: what to hold the findings against.
        failed_over: the node group that had to get a new primary; none when omitted.
        calibration: what the instrument read where the truth is known; not judged when omitted.
    """
    found: list[Finding] = []
    bar = calibrated(calibration, limits) if calibration is not None else None
    for node_group in node_groups:
        clock = guarded(instrument, history, node_group, limits)
        checkers = ALWAYS + (AFTER_FAILOVER if node_group == failed_over else ())
        findings = tuple(guarded(checker, history, node_group, limits) for checker in checkers)
        if clock.verdict is not Verdict.PASSED:
            findings = distrust(findings, f"its times cannot be trusted: {clock.sentence}")
        if bar is not None and bar.verdict is not Verdict.PASSED:
            findings = distrust(findings, f"its times cannot be trusted: {bar.sentence}")
        found += [*findings, clock]
    return (*found, *([bar] if bar is not None else []))


def guarded(checker: Checker, history: History, node_group: str, limits: Limits) -> Finding:
    """Return a checker's finding; one that crashes has found nothing out, so its verdict is unknown."""
    try:
        return checker(history, node_group, limits)
    except Exception as error:  # noqa: BLE001 - whatever a checker trips over, the drill has been run and is reported
        return Finding(
            checker=checker.__name__.replace("_", " "),
            node_group=node_group,
            verdict=Verdict.UNKNOWN,
            sentence=f"the checker crashed: {type(error).__name__}: {error}",
        )
