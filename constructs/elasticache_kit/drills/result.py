"""The result of a drill: everything that a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from elasticache_kit.drills.verdict import Finding, Verdict, compose

if TYPE_CHECKING:
    from elasticache_kit.drills.calibration import Calibration
    from elasticache_kit.drills.earlier import Earlier
    from elasticache_kit.drills.experiment import Experiment
    from elasticache_kit.drills.history import History
    from elasticache_kit.drills.subject import Seen

INSTRUMENT = "instrument"
LOCAL_STAMP = "local emulator: not an AWS recovery time"
# What a drill over addresses cannot find out.
WITHOUT_NAMES = (
    "Endpoints are addresses: a client that never asks DNS again is not found out, see `emulator up --names`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of an experiment.

    Args:
        experiment: what was run.
        fault: what the fault did, for people.
        failed_over: the node group that had to get a new primary; None when the fault promotes nothing.
        history: what happened.
        findings: what the checkers found.
        started: when it began, by this machine's clock.
        began: the same on the history's clock.
        ended: when the load ended, on the history's clock.
        cleaned_up: whether the drill's keys were removed; otherwise they expire.
        calibration: what the instrument read where the truth is known; None where it was not held against it.
        cpu_share: how much of one core the instrument took.
        clients: what became of the clients under test.
        trials: all trials, of which this is the last; empty where there was one only.
        earlier: an earlier run to hold this one against.
    """

    experiment: Experiment
    fault: str
    failed_over: str | None
    history: History
    findings: tuple[Finding, ...]
    started: datetime
    began: float
    ended: float
    cleaned_up: bool
    calibration: Calibration | None = None
    cpu_share: float | None = None
    clients: tuple[Seen, ...] = ()
    trials: tuple[Result, ...] = ()
    earlier: Earlier | None = None

    @property
    def verdict(self) -> Verdict:
        """One verdict for the drill."""
        return compose(self.findings)

    @property
    def invalid(self) -> str | None:
        """Why nothing can be said, because the instrument did not keep time; None where it did."""
        stalled = (f.sentence for f in self.findings if f.checker == INSTRUMENT and f.verdict is not Verdict.PASSED)
        return next(stalled, None)

    @property
    def stamp(self) -> str | None:
        """What a reader must know about where it ran; None on AWS."""
        capability = self.experiment.capability
        if capability is None:
            return None
        stamp = f"{LOCAL_STAMP} (timing profile {capability.profile!r})"
        return stamp if capability.resolver else f"{stamp}. {WITHOUT_NAMES}"

    def of(self, node_group: str) -> tuple[Finding, ...]:
        """Return the findings about one node group."""
        return tuple(finding for finding in self.findings if finding.node_group == node_group)
