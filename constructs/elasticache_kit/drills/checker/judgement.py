"""The checkers of a drill, and how their findings become one verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from elasticache_kit.drills.backup import backup
from elasticache_kit.drills.checker.availability import calibrated, instrument, read_outage, write_outage
from elasticache_kit.drills.checker.consistency import ghosts, lost_writes, monotonic_reads, stale_reads
from elasticache_kit.drills.checker.goodput import blast_radius, goodput
from elasticache_kit.drills.checker.recovery import client_recovery, promotion, redundancy
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.global_failover import regions
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.sign_in import sign_in
from elasticache_kit.drills.verdict import Finding, Verdict, distrust

if TYPE_CHECKING:
    from elasticache_kit.drills.calibration import Calibration
    from elasticache_kit.drills.subject import Seen

Checker = Callable[[History, str, Limits], Finding]

# What is asked of every node group, of one that the fault struck, of one that had to get a new primary besides, and of
# one that nothing was done to while another was struck.
ALWAYS: tuple[Checker, ...] = (write_outage, read_outage, lost_writes, ghosts, stale_reads, monotonic_reads)
AFTER_FAULT: tuple[Checker, ...] = (client_recovery, goodput)
AFTER_FAILOVER: tuple[Checker, ...] = (promotion, redundancy)
LEFT_ALONE: tuple[Checker, ...] = (blast_radius,)
OF_CLIENTS: tuple[Checker, ...] = (write_outage, read_outage)


def judge(
    history: History,
    node_groups: Iterable[str],
    limits: Limits,
    failed_over: str | Collection[str] | None = None,
    calibration: Calibration | None = None,
    *,
    struck: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Return what all checkers find.

    When the instrument stalled for longer than the limit, every finding that depends on time is unknown.

    Args:
        history: what happened.
        node_groups: the ids of the node groups under load.
        limits: what to hold the findings against.
        failed_over: the node groups that had to get a new primary; none when omitted.
        calibration: what the instrument read where the truth is known; not judged when omitted.
        struck: the node groups that something else was done to; those that failed over are among them in any case.
    """
    promoted = {failed_over} if isinstance(failed_over, str) else {*(failed_over or ())}
    hit = {*struck, *promoted}
    found: list[Finding] = []
    bar = calibrated(calibration, limits) if calibration is not None else None
    for node_group in node_groups:
        clock = guarded(instrument, history, node_group, limits)
        checkers = ALWAYS
        checkers += AFTER_FAULT if node_group in hit else LEFT_ALONE if hit else ()
        checkers += AFTER_FAILOVER if node_group in promoted else ()
        checkers += (backup,) if history.about(Action.RESTORED) else ()
        checkers += (regions,) if history.about(Action.REGION) else ()
        checkers += (sign_in,) if history.about(Action.SIGN_IN) else ()
        findings = tuple(guarded(checker, history, node_group, limits) for checker in checkers)
        if clock.verdict is not Verdict.PASSED:
            findings = distrust(findings, f"its times cannot be trusted: {clock.sentence}")
        if bar is not None and bar.verdict is not Verdict.PASSED:
            findings = distrust(findings, f"its times cannot be trusted: {bar.sentence}")
        found += [*findings, clock]
    return (*found, *([bar] if bar is not None else []))


def judge_client(
    seen: Seen, faults: History, node_groups: Iterable[str], limits: Limits, struck: Collection[str]
) -> tuple[Finding, ...]:
    """Return what is found in the log of a client under test.

    When the machine left its process no time for longer than the limit, every finding that depends on time is unknown.

    Args:
        seen: what became of it; what the fault did is added to its log.
        faults: the log in which the fault is on record.
        node_groups: the ids of the node groups under load.
        limits: what to hold the findings against.
        struck: the node groups that something was done to.
    """
    history = seen.history
    history.entries += [entry for entry in faults.entries if entry.action in {Action.FAULT, Action.EVENT}]
    findings = tuple(
        guarded(checker, history, node_group, limits)
        for node_group in node_groups
        for checker in OF_CLIENTS + (AFTER_FAULT if node_group in struck else LEFT_ALONE if struck else ())
    )

    if seen.starved_seconds <= limits.max_stall_seconds:
        return findings
    starved = spoken(seen.starved_seconds)
    return distrust(findings, f"its times cannot be trusted: the machine left its process no time for {starved}")


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
