"""Faults that are operations: a group is changed under load by the same plans as the commands of operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.fault import log_notice
from elasticache_kit.ops import execution, inventory, plan

if TYPE_CHECKING:
    from elasticache_kit.drills.history import History
    from elasticache_kit.drills.record import Change, Record
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock


@dataclass(frozen=True, slots=True)
class Stage:
    """One operation.

    Args:
        plan: plans it for the group as it is when its turn comes.
        change: what is written down before it is run; nothing when omitted.
        puts_back: the change that is put back when it has run; none when omitted.
    """

    plan: Callable[[ReplicationGroup], Plan]
    change: Change | None = None
    puts_back: Change | None = None


@dataclass(slots=True)
class Planned:
    """Operations on a group, one after the other.

    Args:
        session: where.
        group: the group as it was observed.
        record: where changes are written down; None for a drill that is only shown.
        stages: in order.
    """

    session: Session
    group: ReplicationGroup
    record: Record | None
    stages: tuple[Stage, ...]

    @property
    def promotes(self) -> bool:
        """No replica must become primary, though one may."""
        return False

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Every node group is changed."""
        del node_group
        return tuple(group.node_group_id for group in self.group.node_groups)

    def show(self) -> str:
        """Return the first plan; the others are made of what it leaves."""
        first = plan.show(self.stages[0].plan(self.group))
        return first if len(self.stages) == 1 else f"{first}\nand then back to what it was"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Run the plans."""
        for stage in self.stages:
            group = inventory.replication_group(self.session, self.group.replication_group_id)
            if stage.change is not None and self.record is not None:
                self.record.note(stage.change)
            execution.run(
                stage.plan(group), self.session, lambda notice: log_notice(history, node_group, notice), clock
            )
            if stage.puts_back is not None and self.record is not None:
                self.record.forget(stage.puts_back)
