"""The drill of a global datastore: another Region takes the writes, and gives them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.checker.consistency import staleness
from elasticache_kit.drills.checker.recovery import first_write, primary_before
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.fault import log_notice
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.ops import execution, global_datastore, plan

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Limits
    from elasticache_kit.drills.operation import Operation
    from elasticache_kit.drills.world import Other
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock

# A lag is read off reads that are some milliseconds apart, and grows while a fault goes on.
_SLACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalFailover:
    """Makes the secondary the primary, holds that, and exchanges the roles back.

    Args:
        session: where the primary is.
        group: the primary as it was observed.
        record: where the exchange is written down; None for a drill that is only shown.
        other: the secondary.
        hold_seconds: for how long the other Region takes the writes.
        timeout_seconds: how long to wait for each exchange.
    """

    session: Session
    group: ReplicationGroup
    record: Record | None
    other: Other
    hold_seconds: float
    timeout_seconds: float

    @property
    def promotes(self) -> bool:
        """No replica within the Region is promoted."""
        return False

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Every node group changes its Region."""
        del node_group
        return tuple(group.node_group_id for group in self.group.node_groups)

    def show(self) -> str:
        """Return what it does, for people."""
        return (
            f"{plan.show(self._plan(self.other.region))}\n"
            f"and after {self.hold_seconds:g} s back to {self.session.region} in the same way"
        )

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Do it."""
        home = self.session.region
        change = Change("primary region", {"global": self.other.global_replication_group_id, "region": home})
        if self.record is not None:
            self.record.note(change)
        for region in (self.other.region, home):
            execution.run(
                self._plan(region), self.session, lambda notice: log_notice(history, node_group, notice), clock
            )
            history.log(Action.REGION, Kind.OK, role=region)
            if region != home:
                clock.sleep(self.hold_seconds)
        if self.record is not None:
            self.record.forget(change)

    def _plan(self, region: str) -> Plan:
        world = global_datastore.observe(self.session, self.other.global_replication_group_id)
        return global_datastore.failover(world, region, timeout_seconds=self.timeout_seconds)


def regions(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find when the writes went to the other Region and when they came back, and hold losses against the lag.

    Regions follow each other asynchronously: what is lost had been acknowledged within the lag before the exchange.
    """
    checker = "regions"
    calls = [entry.at for entry in history.about(Action.FAULT) if entry.kind is Kind.INVOKE]
    told = [entry.role or "" for entry in history.about(Action.REGION)]
    writes = history.operations(Action.WRITE, node_group)
    taken = [_taken(history, node_group, call) for call in calls]
    lags = staleness(writes, [r for r in history.operations(Action.READ, node_group) if calls and r.invoked < calls[0]])
    longest = max(lags, default=0.0)
    beyond = _lost_beyond(history, node_group, calls, longest + _SLACK_SECONDS)
    figures: dict[str, Figure] = {
        "away_seconds": taken[0] if taken else None,
        "home_seconds": taken[1] if len(taken) > 1 else None,
        "lag_p50_seconds": quantile(lags, 0.5),
        "lag_max_seconds": max(lags, default=None),
        "lost_beyond_the_lag": beyond,
    }
    behind = (
        f"the lag between the Regions was {spoken(quantile(lags, 0.5))} before it, at most {spoken(longest)}"
        if lags
        else "no read in the other Region was stale before it"
    )
    if not calls:
        verdict, sentence = Verdict.UNKNOWN, "no exchange was asked for"
    elif len(told) < len(calls) or None in taken:
        verdict = Verdict.FAILED
        sentence = f"the writes did not {'come back' if taken[0] is not None else 'go to the other Region'}; {behind}"
    else:
        ways = ", ".join(
            f"{region} took them {spoken(seconds)} after the call" for region, seconds in zip(told, taken, strict=True)
        )
        verdict, sentence = Verdict.PASSED, f"{ways}; {behind}"
        if beyond:
            verdict = Verdict.FAILED
            sentence = f"{beyond} lost writes had been acknowledged longer before an exchange than the lag; {sentence}"
    return Finding(checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)


def _taken(history: History, node_group: str, call: float) -> float | None:
    """Return how long after a call another server than before acknowledged a write."""
    before = primary_before(history, node_group, call)
    return None if before is None else first_write(history, node_group, call, before)


def _lost_beyond(history: History, node_group: str, calls: Sequence[float], seconds: float) -> int | None:
    """Return how many lost writes had been acknowledged longer than so before the next exchange; None if unknown."""
    answers = history.about(Action.READ_BACK, node_group=node_group)
    if not answers or answers[-1].kind is not Kind.OK:
        return None
    held = frozenset(answers[-1].numbers)
    lost = [w for w in history.operations(Action.WRITE, node_group) if w.outcome is Kind.OK and w.number not in held]
    return sum(_age(write, calls) > seconds for write in lost)


def _age(write: Operation, calls: Sequence[float]) -> float:
    done = write.completed or 0.0
    return min((call - done for call in calls if call >= done), default=0.0)
