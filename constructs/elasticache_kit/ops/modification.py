"""Changing a replication group with one call and waiting for it: what scale, upgrade, cluster mode and TLS share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import target
from elasticache_kit.ops.plan import Call, Plan, Step, Wait
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS, Judgement, Reached

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup


def plan(  # noqa: PLR0917 - what every such operation says, in its order
    operation: str,
    group: ReplicationGroup,
    parameters: Mapping[str, object],
    fields: Mapping[str, Any],
    text: str,
    reached: Reached,
    *,
    call: str = "ModifyReplicationGroup",
    before: Sequence[Step] = (),
    reasons: Sequence[str] = (),
    notes: Sequence[str] = (),
    at_once: bool = True,
    timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
) -> Plan:
    """Plan a change of a group.

    Args:
        operation: its name for people.
        group: the group as it is.
        parameters: what the call says beside the id of the group.
        fields: the fields of the group's spec that change, for the rulebook.
        text: what has been reached then, in words that complete "it is available and ...".
        reached: tells whether it has been reached.
        call: the operation of the API.
        before: steps that come first.
        reasons: why it cannot be, beside what the rulebook and the state say.
        notes: what a reader should know.
        at_once: whether it is done now; else in the maintenance window, and nobody waits for it.
        timeout_seconds: how long to wait.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    if reached(group) and target.at_rest(group):
        return Plan(operation, ())
    judgement = target.judge(group, **fields) if not reached(group) else Judgement((), ())
    if judgement.reasons or reasons:
        raise RefusedError(operation, [*judgement.reasons, *reasons])
    group_id = group.replication_group_id
    given = (("ReplicationGroupId", group_id), *parameters.items(), ("ApplyImmediately", at_once))
    steps: list[Step] = [*before, *target.beginning(group, timeout_seconds)]
    steps.append(Call(call, given, done=target.already(group_id, f"it {text}", reached)))
    if at_once:
        steps.append(Wait(target.settled(group_id, text, reached), timeout_seconds, group.ids))
    window = (
        () if at_once else (f"it is done in the maintenance window, {group.maintenance_window or 'not known'} UTC",)
    )
    return Plan(operation, tuple(steps), (*notes, *window, *judgement.warnings))


def join(operation: str, plans: Sequence[Plan]) -> Plan:
    """Return plans as one, in their order."""
    steps = tuple(step for item in plans for step in item.steps)
    return Plan(operation, steps, tuple(dict.fromkeys(note for item in plans for note in item.notes)))
