"""Experiments of AWS FIS that interrupt the power of a zone for ElastiCache really do; moto only records them.

Other actions are recorded, and have ended when somebody looks. The duration is that of the clock of state machines: a
moment, and the whole time with the timing profile `aws`. See
https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#elasticache-actions-reference
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.lifecycle import StoppedError
from elasticache_kit.errors import ElastiCacheKitError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.outage.outages import Outages

ACTION = "aws:elasticache:replicationgroup-interrupt-az-power"
RUNNING, COMPLETED, STOPPED, FAILED = "running", "completed", "stopped", "failed"
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def begin(experiment: Any) -> None:
    """Begin what an experiment does, and end it after its duration.

    Args:
        experiment: moto's record of it.
    """
    ours = [action for action in experiment.actions.values() if action.get("actionId") == ACTION]
    begun: list[str] = []
    experiment.outages = begun
    if not ours:
        experiment.status = COMPLETED
        return
    lifecycle = runtime.current().lifecycle
    try:
        orders = (order for action in ours for order in _orders(experiment, action))
        begun.extend(_outages().begin(order).outage_id for order in orders)
        if not begun:
            _fail(experiment, "Target resolution returned empty set")
            return
    except ElastiCacheKitError as error:
        end(experiment, FAILED)
        _fail(experiment, str(error))
        return
    experiment.status = RUNNING
    seconds = max(seconds_of(str(action.get("parameters", {}).get("duration", ""))) for action in ours)

    def last() -> None:
        with suppress(StoppedError):
            lifecycle.pause(seconds * lifecycle.timing.wait)
            if experiment.status == RUNNING:
                end(experiment, COMPLETED)

    lifecycle.start(f"experiment {experiment.id}", last)


def end(experiment: Any, status: str) -> None:
    """Put the power back."""
    while experiment.outages:
        with suppress(NotFoundError):
            _outages().end(experiment.outages.pop())
    experiment.status = status


def seconds_of(duration: str) -> int:
    """Return a duration in ISO 8601 in seconds; 0 where it is none."""
    found = _DURATION.fullmatch(duration)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return 3600 * hours + 60 * minutes + seconds


def _orders(experiment: Any, action: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the faults of an action: one for each group that its target selects."""
    target = experiment.targets.get(action.get("targets", {}).get("ReplicationGroups", ""), {})
    zone = target.get("parameters", {}).get("availabilityZoneIdentifier")
    backend: Any = get_backend("elasticache")
    region = backend[experiment.account_id][experiment.region_name].region
    arns: list[str] = target.get("resourceArns") or []
    tags: dict[str, str] = target.get("resourceTags") or {}
    for name in list(region.replication_groups):
        arn = region.arn("replicationgroup", name)
        own = {tag["Key"]: tag["Value"] for tag in region.tagging.list_tags_for_resource(arn)["Tags"]}
        if arn in arns or (tags and tags.items() <= own.items()):
            yield {
                "kind": "az-power-loss",
                "Region": experiment.region_name,
                "AvailabilityZone": zone,
                "ReplicationGroupId": name,
            }


def _outages() -> Outages:
    found = runtime.current().outages
    if found is None:
        raise RefusedError("this experiment", ["no engine runs whose power could go"])
    return found


def _fail(experiment: Any, reason: str) -> None:
    # moto has one text for each status, for all experiments.
    experiment.STATUS_REASONS = {**experiment.STATUS_REASONS, FAILED: reason}
    experiment.status = FAILED
