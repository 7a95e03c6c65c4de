"""A drill as it was asked for: what the commands that run drills have in common before they run one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elasticache_kit.cli import output
from elasticache_kit.cli.drill import access
from elasticache_kit.drills import client, guard, world
from elasticache_kit.drills.catalog import DRILLS, Context
from elasticache_kit.drills.experiment import Experiment
from elasticache_kit.drills.stop_condition import StopCondition
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import inventory

if TYPE_CHECKING:
    from elasticache_kit.cli.drill.experiment import Given
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.drills.record import Record
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A drill as it was asked for.

    Args:
        api: where.
        experiment: what to run.
        node_group: the node group that was named; None where none was.
        stop: what ends it before its time.
        max_lag_seconds: how far a replica may be behind before it begins.
        secret: the secret that the password is read from; None where none was named.
        runs: how often it is still to be run, this time included; once when omitted.
    """

    api: Session
    experiment: Experiment
    node_group: str | None
    stop: StopCondition
    max_lag_seconds: float
    secret: str | None = None
    runs: int = 1

    def fault(self, kept: Record | None = None, group: ReplicationGroup | None = None) -> Fault:
        """Make the fault; it writes down what it changes where a record is given."""
        settings = self.experiment.settings
        return DRILLS[self.experiment.drill].fault(
            Context(
                session=self.api,
                group=group or self.experiment.group,
                node_group=self.node_group,
                access=self.experiment.access,
                timeout_seconds=settings.recovery_timeout_seconds,
                run_id=self.experiment.run_id,
                hold_seconds=settings.hold_seconds,
                record=kept,
                secret=self.secret,
                other=self.experiment.other,
                fis_template=settings.fis_template,
                watched=self.stop.outage_seconds is not None or bool(self.stop.alarms),
            )
        )


def request(api: Session, drill: str, replication_group: str, given: Given) -> Request:
    """Return a drill that can work, as far as that can be told without changing anything.

    Raises:
        NotFoundError: there is no such group.
        RefusedError: the drill cannot work; the message has every reason.
        ValidationError: there is no such client.
        ConnectionFailedError: the API cannot be reached, or nobody says how to sign in.
    """
    for one in given.clients:
        client.find(one)
    group = inventory.replication_group(api, replication_group)
    asked = Experiment(
        drill=drill,
        group=group,
        node_group=given.node_group or next((each.node_group_id for each in group.node_groups), ""),
        access=access.of(api, group, given.username, given.secret, given.iam_user),
        settings=given.settings,
        limits=replace(given.limits, durability=group.durability),
        region=api.region,
        capability=api.capability,
        clients=given.clients,
        other=world.other(api, group, given.to) if DRILLS[drill].spans else None,
    )
    asked.require_endpoints()
    stop = StopCondition(given.settings.stop_outage_seconds, given.alarms, api)
    return Request(
        api=api,
        experiment=asked,
        node_group=given.node_group,
        stop=stop,
        max_lag_seconds=given.max_lag,
        secret=given.secret,
    )


def applies(api: Session, *, apply: bool | None) -> bool:
    """Tell whether a drill is run, or only shown: on AWS somebody must have said so."""
    return api.capability is not None if apply is None else apply


def show(asked: Request, form: str) -> None:
    """Show what a drill would do.

    Raises:
        RefusedError: it would be refused, whatever its nodes say; the message has every reason.
        ConnectionFailedError: the API cannot be reached.
    """
    plan, fault, found = asked.experiment.show(), None, list[str]()
    try:
        fault = asked.fault().show()
    except RefusedError as error:
        found += error.reasons
    if form == "text":
        # First, for the guard rails ask more of the API than somebody may be allowed who only looks.
        output.data("\n".join([plan, *([fault] if fault else [])]))
    found += reasons(asked)
    if form == "json":
        output.document({"applied": False, "plan": plan, "fault": fault, "refused": list(dict.fromkeys(found))})
    if found:
        raise refused(asked, found)
    output.talk("nothing was changed: run it with --apply")


def reasons(asked: Request, lag: Mapping[str, float | None] | None = None) -> tuple[str, ...]:
    """Return why a drill may not be run, by its guard rails; nothing where it may.

    What another drill runs or has left is told when this one begins, by its record.

    Args:
        asked: the drill.
        lag: how far the replicas of each node group are behind; not looked at when omitted, for nodes may be out of
            reach from where a drill is only shown.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    one, kind = asked.experiment, DRILLS[asked.experiment.drill]
    found = list(asked.stop.reasons())
    if not kind.breaks:
        return tuple(found)
    observed = guard.observe(asked.api, one.group, kind.failovers(one.group) * asked.runs)
    seen = replace(observed, lag_seconds=lag or {})
    found += guard.refusals(seen, max_lag_seconds=asked.max_lag_seconds)
    if one.other is not None:
        found += guard.elsewhere(asked.api, one.other, max_lag_seconds=asked.max_lag_seconds)
    return tuple(found)


def refused(asked: Request, found: Sequence[str]) -> RefusedError:
    """Return the error that tells of every reason once."""
    return RefusedError(f"a drill on {asked.experiment.group.replication_group_id}", tuple(dict.fromkeys(found)))
