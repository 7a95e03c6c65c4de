"""The drill of a backup: a snapshot under load, restored into a new group, held against what had been acknowledged."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from elasticache_kit.drills import putting_back, residue
from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.fault import log_notice
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.ops import execution, inventory, plan, restore, seed, snapshot
from elasticache_kit.ops.backup import create as plan_snapshot

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.experiment import Limits
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Notice, Plan
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock


@dataclass(slots=True)
class Backup:
    """Takes a snapshot, restores it into a new group, reads that, and removes both.

    Args:
        session: where.
        group: the group as it was observed.
        record: where the snapshot and the new group are written down; None for a drill that is only shown.
        access: how to read the new group; it has the old one's users and token.
        run_id: the drill's id, after which both are named.
        timeout_seconds: how long to wait for each.
    """

    session: Session
    group: ReplicationGroup
    record: Record | None
    access: Access
    run_id: str
    timeout_seconds: float

    @property
    def promotes(self) -> bool:
        """Nothing is promoted."""
        return False

    @property
    def name(self) -> str:
        """What the snapshot and the new group are called."""
        return f"drill-{self.run_id}"

    def struck(self, node_group: str) -> tuple[str, ...]:
        """A snapshot is of every node group."""
        del node_group
        return tuple(group.node_group_id for group in self.group.node_groups)

    def show(self) -> str:
        """Return what it does, for people."""
        return f"{plan.show(self._snapshot())}\nthen restore it into {self.name}, read it, and delete both"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Do it."""

        def tell(notice: Notice) -> None:
            log_notice(history, node_group, notice)

        taken, made = Change("snapshot", {"name": self.name}), Change("restored group", {"id": self.name})
        self._note(taken)
        execution.run(self._snapshot(), self.session, tell, clock)
        self._note(made)
        source = seed.from_snapshot(self.session, snapshot.named(self.session, self.name))
        planned = restore.plan(source, self.name, restore.Shape(), None, timeout_seconds=self.timeout_seconds)
        execution.run(planned, self.session, lambda _: None, clock)
        held = asyncio.run(
            residue.written(
                inventory.replication_group(self.session, self.name), self.access.at(self.name), self.run_id
            )
        )
        for group in self.group.node_groups:
            numbers = tuple(sorted(held.get(group.node_group_id, ())))
            history.log(Action.RESTORED, Kind.OK, group.node_group_id, numbers=numbers)
        for change in (made, taken):
            if self.record is not None:
                putting_back.WAYS[change.kind](self.session, self.record, change.what, None)
                self.record.forget(change)

    def _snapshot(self) -> Plan:
        present = snapshot.observe(self.session)
        return plan_snapshot(self.group, self.name, present, datetime.now(UTC), timeout_seconds=self.timeout_seconds)

    def _note(self, change: Change) -> None:
        if self.record is not None:
            self.record.note(change)


def backup(history: History, node_group: str, _limits: Limits) -> Finding:
    """Find whether a restored group holds every write that was acknowledged before the snapshot was asked for.

    Its recovery point is the newest write in it.
    """
    checker = "backup"
    answers = history.about(Action.RESTORED, node_group=node_group)
    calls = [e.at for e in history.about(Action.FAULT) if e.kind is Kind.INVOKE]
    ends = [e.at for e in history.about(Action.FAULT) if e.kind is Kind.OK]
    if not answers or not calls or not ends:
        sentence = "the snapshot was not restored and read"
        return Finding(checker=checker, node_group=node_group, verdict=Verdict.UNKNOWN, sentence=sentence)
    held = frozenset(answers[-1].numbers)
    writes = [w for w in history.operations(Action.WRITE, node_group) if w.outcome is Kind.OK and w.completed]
    before = [w for w in writes if w.completed is not None and w.completed < calls[0]]
    missing = [w for w in before if w.number not in held]
    newest = max((w.completed for w in writes if w.number in held and w.completed is not None), default=None)
    usual = quantile([w.latency for w in before], 0.99)
    during = quantile([w.latency for w in writes if w.intended >= calls[0]], 0.99)
    figures: dict[str, Figure] = {
        "acknowledged_before": len(before),
        "missing": len(missing),
        "held": len(held),
        "recovery_point_seconds": None if newest is None else newest - calls[0],
        "latency_p99_before_seconds": usual,
        "latency_p99_during_seconds": during,
    }
    if not before:
        verdict, sentence = Verdict.UNKNOWN, "no write was acknowledged before the snapshot"
    elif missing:
        verdict = Verdict.FAILED
        sentence = f"{len(missing)} of {len(before)} writes acknowledged before the snapshot are not in it"
    else:
        point = "" if newest is None else f", the newest in it from {spoken(newest - calls[0])} after the call"
        verdict = Verdict.PASSED
        sentence = (
            f"none observed missing of {len(before)} acknowledged before it{point}; "
            f"write latency p99 {spoken(usual)} before, {spoken(during)} from the call on"
        )
    return Finding(checker=checker, node_group=node_group, verdict=verdict, sentence=sentence, figures=figures)
