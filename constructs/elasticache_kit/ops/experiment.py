"""Experiments of AWS FIS: what a template would do to a replication group, why it may not, and one that goes on.

The action is `aws:elasticache:replicationgroup-interrupt-az-power`: nodes in a zone lose their power for a duration, a
replica elsewhere is promoted, and no node is replaced before the end. It finds its groups by tags.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#elasticache-actions-reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops.session import Session, code, message, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup

ACTION = "aws:elasticache:replicationgroup-interrupt-az-power"
# What may stand beside it, for it does nothing to anybody.
_HARMLESS = frozenset({ACTION, "aws:fis:wait"})
_TARGETS, _ZONE, _NO_CONDITION = "ReplicationGroups", "availabilityZoneIdentifier", "none"

# By which an experiment of a drill that was killed is found again.
RUN_TAG = "elasticache-kit:drill-run"
GOING_ON = frozenset({"pending", "initiating", "running", "stopping"})
COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Template:
    """An experiment template.

    Args:
        template_id: its id.
        actions: the ids of its actions.
        zone: the zone that loses its power; None where it has no such action.
        duration: for how long, in ISO 8601; None where it has no such action.
        arns: the groups that it names.
        tags: the tags that its groups have.
        stop_alarms: the CloudWatch alarms that end it.
    """

    template_id: str
    actions: tuple[str, ...]
    zone: str | None
    duration: str | None
    arns: tuple[str, ...]
    tags: Mapping[str, str]
    stop_alarms: tuple[str, ...]

    def show(self) -> str:
        """Return what it does, for people."""
        whom = ", ".join(self.arns) or f"groups with the tags {', '.join(f'{k}={v}' for k, v in self.tags.items())}"
        stops = ", ".join(self.stop_alarms) or "no alarm"
        return f"interrupts the power of zone {self.zone} for {self.duration}, of {whom}; {stops} ends it"


def read(session: Session, template_id: str) -> Template:
    """Ask FIS for a template.

    Raises:
        NotFoundError: there is none of this id.
        ConnectionFailedError: FIS cannot be reached, or denies it.
    """
    with reaching():
        try:
            told = session.reading("fis").get_experiment_template(id=template_id)["experimentTemplate"]
        except ClientError as error:
            if code(error) != "ResourceNotFoundException":
                raise
            raise NotFoundError(
                f"AWS FIS has no experiment template {template_id!r} in {session.where}: see "
                "`aws fis list-experiment-templates`"
            ) from error
    return _template(template_id, cast("Mapping[str, Any]", told))


def _template(template_id: str, told: Mapping[str, Any]) -> Template:
    actions: dict[str, Any] = told.get("actions", {})
    nothing: dict[str, Any] = {}
    ours: dict[str, Any] = next((item for item in actions.values() if item.get("actionId") == ACTION), nothing)
    target: dict[str, Any] = told.get("targets", {}).get(ours.get("targets", {}).get(_TARGETS, ""), {})
    stops = told.get("stopConditions", [])
    return Template(
        template_id=template_id,
        actions=tuple(str(item.get("actionId", "")) for item in actions.values()),
        zone=target.get("parameters", {}).get(_ZONE),
        duration=ours.get("parameters", {}).get("duration"),
        arns=tuple(target.get("resourceArns", [])),
        tags=dict(target.get("resourceTags", {})),
        stop_alarms=tuple(str(item["value"]) for item in stops if item.get("source") != _NO_CONDITION),
    )


def refusals(template: Template, group: ReplicationGroup, tags: Mapping[str, str], *, watched: bool) -> Iterator[str]:
    """Yield why a template is not one for a drill on a group.

    Args:
        template: the template.
        group: the group.
        tags: its tags.
        watched: whether the drill itself has a stop condition.
    """
    name = f"the experiment template {template.template_id}"
    if ACTION not in template.actions:
        yield f"{name} has no action {ACTION}: it has {', '.join(template.actions) or 'none'}"
        return
    if more := [item for item in template.actions if item not in _HARMLESS]:
        yield f"{name} does more than interrupt a cache: {', '.join(more)}; make one for the drill alone"
    chosen = group.arn in template.arns or (template.tags and template.tags.items() <= tags.items())
    if not chosen:
        whom = ", ".join(template.arns) or ", ".join(f"{key}={value}" for key, value in template.tags.items())
        yield f"{name} is not about {group.replication_group_id}: its targets are {whom or 'none'}"
    zones = sorted({member.availability_zone for member in group.members if member.availability_zone})
    if template.zone not in zones:
        yield f"{name} is about the zone {template.zone}, and nodes of the group are in {', '.join(zones)}"
    if not template.stop_alarms and not watched:
        yield f"{name} has no stop condition, and neither has the drill: give --stop-alarm or --stop-outage"


def start(session: Session, template_id: str, run_id: str) -> str:
    """Start an experiment, and return its id; a second call for the same run starts no other.

    Raises:
        RefusedError: FIS refuses it.
        ConnectionFailedError: FIS cannot be reached, or denies it.
    """
    with reaching():
        try:
            told = session.changing("fis").start_experiment(
                clientToken=run_id, experimentTemplateId=template_id, tags={RUN_TAG: run_id}
            )
        except ClientError as error:
            reason = f"StartExperiment answered {code(error)}: {message(error)}"
            raise RefusedError("the experiment", [reason]) from error
    return str(told["experiment"]["id"])


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
            if state_of(session, experiment_id)["status"] in GOING_ON:
                fis.stop_experiment(id=experiment_id)


def _begun(fis: Any, what: Mapping[str, Any]) -> list[str]:
    pages = fis.get_paginator("list_experiments").paginate(experimentTemplateId=what["template"])
    listed = (item for page in pages for item in page.get("experiments", []))
    return [str(item["id"]) for item in listed if item.get("tags", {}).get(RUN_TAG) == what["run_id"]]
