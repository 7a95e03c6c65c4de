"""A zone that loses its power, on AWS: an experiment of AWS FIS that a template of the user's describes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.event_watch import EventWatch
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.drills.requested import primaries
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import experiment, wait

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.ops.experiment import Template
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock


@dataclass(slots=True)
class Interruption:
    """An experiment of AWS FIS.

    Args:
        session: where.
        group: the group as it was observed.
        record: where the experiment is written down; None for a drill that is only shown.
        access: how to ask the nodes which of them is the primary.
        template: what the experiment does.
        run_id: the drill's id.
        timeout_seconds: how long to wait for the end of the experiment, and then for the group to be whole again.
    """

    session: Session
    group: ReplicationGroup
    record: Record | None
    access: Access
    template: Template
    run_id: str
    timeout_seconds: float
    promotes: bool = True
    _struck: tuple[str, ...] = ()

    def struck(self, node_group: str) -> tuple[str, ...]:
        """The node groups whose primary is in the zone."""
        return self._struck or (node_group,)

    def show(self) -> str:
        """Return what it does, for people."""
        return f"start an experiment of AWS FIS by {self.template.template_id}, which {self.template.show()}"

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Start the experiment, follow it to its end, and wait until the group is at rest.

        Raises:
            RefusedError: no primary is in the zone, or the experiment did not end well.
        """
        found = asyncio.run(primaries(self.group, self.access))
        self._struck = tuple(name for name, member in found.items() if member.availability_zone == self.template.zone)
        if node_group not in self._struck:
            at = found[node_group].availability_zone if node_group in found else "no zone"
            reason = (
                f"the primary of node group {node_group} is in {at}, and the template is about {self.template.zone}"
            )
            raise RefusedError("the experiment", [f"{reason}: fail over, or take a template of that zone"])
        events = EventWatch(self.session, self.group, self._struck[0])
        change = Change("experiment", {"template": self.template.template_id, "run_id": self.run_id})
        if self.record is not None:
            self.record.note(change)
        for name in self._struck:
            history.log(Action.FAULT, Kind.INVOKE, name, call="StartExperiment")
        experiment_id = experiment.start(self.session, self.template.template_id, self.run_id)
        if self.record is not None:
            self.record.replace(change, change := Change("experiment", {**change.what, "id": experiment_id}))
        self._follow(experiment_id, events, history, clock)
        if self.record is not None:
            self.record.forget(change)
        events.recovered(history, clock, self.timeout_seconds)

    def _follow(self, experiment_id: str, events: EventWatch, history: History, clock: Clock) -> None:
        """Wait for the end of the experiment; it has begun to break things when it runs."""
        logged = False

        def attempt() -> str | None:
            nonlocal logged
            events.hear(history)
            state = experiment.state_of(self.session, experiment_id)
            status = str(state["status"])
            if not logged and status not in {"pending", "initiating"}:
                logged = True
                for name in self._struck:
                    history.log(Action.FAULT, Kind.OK, name, call="StartExperiment")
            if status in experiment.GOING_ON:
                return None
            if status != experiment.COMPLETED:
                raise RefusedError(
                    "the experiment", [f"{experiment_id} is {status}: {state.get('reason', 'no reason')}"]
                )
            return status

        wait.until(attempt, what=f"the experiment {experiment_id}", timeout_seconds=self.timeout_seconds, clock=clock)
