"""A zone that loses its power, on AWS: an experiment of AWS FIS that a template of the user's describes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.record import Change, Record
from elasticache_kit.drills.requested import primaries
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import event, target, wait
from elasticache_kit.ops.session import Session, code, message, reaching

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.experiment_template import Template
    from elasticache_kit.ops.event import Event
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.wait import Clock

# By which an experiment of a drill that was killed is found again.
RUN_TAG = "elasticache-kit:drill-run"
_GOING_ON = frozenset({"pending", "initiating", "running", "stopping"})
_ENDED_WELL = "completed"


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
    _known: set[Event] = field(default_factory=set["Event"])

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
        self._known |= set(event.recent(self.session, self.group.ids))
        change = Change("experiment", {"template": self.template.template_id, "run_id": self.run_id})
        if self.record is not None:
            self.record.note(change)
        for name in self._struck:
            history.log(Action.FAULT, Kind.INVOKE, name)
        experiment_id = self._start()
        if self.record is not None:
            self.record.replace(change, change := Change("experiment", {**change.what, "id": experiment_id}))
        self._follow(experiment_id, history, clock)
        if self.record is not None:
            self.record.forget(change)
        self._recovered(history, clock)

    def _start(self) -> str:
        with reaching():
            try:
                told = self.session.changing("fis").start_experiment(
                    clientToken=self.run_id,
                    experimentTemplateId=self.template.template_id,
                    tags={RUN_TAG: self.run_id},
                )
            except ClientError as error:
                reason = f"StartExperiment answered {code(error)}: {message(error)}"
                raise RefusedError("the experiment", [reason]) from error
        return str(told["experiment"]["id"])

    def _follow(self, experiment_id: str, history: History, clock: Clock) -> None:
        """Wait for the end of the experiment; it has begun to break things when it runs."""
        logged = False

        def attempt() -> str | None:
            nonlocal logged
            self._hear(history)
            state = state_of(self.session, experiment_id)
            status = str(state["status"])
            if not logged and status not in {"pending", "initiating"}:
                logged = True
                for name in self._struck:
                    history.log(Action.FAULT, Kind.OK, name)
            if status in _GOING_ON:
                return None
            if status != _ENDED_WELL:
                raise RefusedError(
                    "the experiment", [f"{experiment_id} is {status}: {state.get('reason', 'no reason')}"]
                )
            return status

        wait.until(attempt, what=f"the experiment {experiment_id}", timeout_seconds=self.timeout_seconds, clock=clock)

    def _recovered(self, history: History, clock: Clock) -> None:
        state = target.settled(self.group.replication_group_id, "whole again", lambda _: True)

        def attempt() -> bool | None:
            self._hear(history)
            return state.look(self.session).reached or None

        wait.until(attempt, what=state.text, timeout_seconds=self.timeout_seconds, clock=clock)
        self._hear(history)

    def _hear(self, history: History) -> None:
        for fresh in event.recent(self.session, self.group.ids):
            if fresh not in self._known:
                self._known.add(fresh)
                history.log(Action.EVENT, Kind.INFO, self._struck[0], event=fresh)


def state_of(session: Session, experiment_id: str) -> Mapping[str, Any]:
    """Return the state of an experiment: `status` and `reason`.

    Raises:
        ConnectionFailedError: FIS cannot be reached.
    """
    with reaching():
        return session.reading("fis").get_experiment(id=experiment_id)["experiment"]["state"]


def stop(session: Session, what: Mapping[str, Any]) -> None:
    """Stop an experiment that goes on; one of which only the beginning is on record is found by its tag.

    Raises:
        ConnectionFailedError: FIS cannot be reached.
    """
    with reaching():
        fis = session.changing("fis")
        ids = [what["id"]] if "id" in what else _begun(fis, what)
        for experiment_id in ids:
            if state_of(session, experiment_id)["status"] in _GOING_ON:
                fis.stop_experiment(id=experiment_id)


def _begun(fis: Any, what: Mapping[str, Any]) -> list[str]:
    listed = fis.list_experiments(experimentTemplateId=what["template"]).get("experiments", [])
    return [str(item["id"]) for item in listed if item.get("tags", {}).get(RUN_TAG) == what["run_id"]]
