"""Faults: what a drill breaks, and how it is put on record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.ops import execution, plan
from elasticache_kit.ops.plan import Call, Notice, Plan

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock

# Tells the two changes of a rotation apart.
_STRATEGY = "AuthTokenUpdateStrategy"


class Fault(Protocol):
    """Something that breaks a replication group, or does not."""

    @property
    def promotes(self) -> bool:
        """Whether a replica must become primary because of it."""
        ...

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Return the node groups that it does something to, when it is aimed at one."""
        ...

    def show(self) -> str:
        """Return what it does, for people."""
        ...

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Break it, and return when what broke is said to be whole again.

        Runs in a thread of its own. Logs `fault` with `invoke` when it begins to break and `ok` when that was accepted,
        and an `event` for all that it hears; `clock.sleep` raises to end it early.

        Raises:
            ElastiCacheKitError: it could not break it, or heard nothing of its being whole again.
        """
        ...


@dataclass(frozen=True, slots=True)
class NoFault:
    """Breaks nothing: what a drill measures then is the instrument's own floor."""

    @property
    def promotes(self) -> bool:
        """Nothing is promoted."""
        return False

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Nothing is struck."""
        del node_group
        return ()

    def show(self) -> str:
        """Return what it does, for people."""
        return "no fault: the load alone, which shows the instrument's own floor"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Failover:
    """Fails over a node group with TestFailover, by the same plan as the command `failover`."""

    session: Session
    plan: Plan

    @property
    def promotes(self) -> bool:
        """A replica is promoted."""
        return True

    def struck(self, node_group: str) -> tuple[str, ...]:
        """The node groups that the plan names."""
        named = (dict(step.parameters).get("NodeGroupId") for step in self.plan.steps if isinstance(step, Call))
        return tuple(str(name) for name in named if name) or (node_group,)

    def show(self) -> str:
        """Return what it does, for people."""
        return plan.show(self.plan)

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Call TestFailover and follow AWS's events until the failed node is replaced."""
        execution.run(self.plan, self.session, lambda notice: log_notice(history, node_group, notice), clock)


@dataclass(frozen=True, slots=True)
class Reboot:
    """Reboots the primary of a node group with RebootCacheCluster, by the same plan as the command `reboot`."""

    session: Session
    plan: Plan

    @property
    def promotes(self) -> bool:
        """Whether a replica is promoted is ElastiCache's to decide, and not asked for."""
        return False

    def struck(self, node_group: str) -> tuple[str, ...]:
        """The one node group that there is with cluster mode disabled."""
        return (node_group,)

    def show(self) -> str:
        """Return what it does, for people."""
        return plan.show(self.plan)

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Call RebootCacheCluster, and follow until the node is back."""
        execution.run(self.plan, self.session, lambda notice: log_notice(history, node_group, notice), clock)


def log_notice(history: History, node_group: str, notice: Notice) -> None:
    """Put on record what a running plan tells: its calls as the fault, and the events that it heard."""
    if notice.event is not None:
        history.log(Action.EVENT, Kind.INFO, node_group, event=notice.event)
    elif isinstance(notice.step, Call) and notice.moment in {"begun", "done"}:
        given = dict(notice.step.parameters)
        strategy = f" ({given[_STRATEGY]})" if _STRATEGY in given else ""
        history.log(
            Action.FAULT,
            Kind.INVOKE if notice.moment == "begun" else Kind.OK,
            str(given.get("NodeGroupId", node_group)),
            call=f"{notice.step.operation}{strategy}",
        )
