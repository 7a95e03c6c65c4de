"""Rotating the AUTH token of a replication group, with never a moment in which no token works.

ROTATE makes the group take the new token beside the one before; clients move to the new one; SET ends the other.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html#auth-modifyng-token
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import content, inventory, rotation, secret, target
from elasticache_kit.ops.content import Access, NotReadError
from elasticache_kit.ops.plan import Act, Call, Plan, Say, Seen, State, Step, Wait
from elasticache_kit.ops.rotation import ADDED, BEFORE
from elasticache_kit.ops.secret import CURRENT, PENDING, Secret

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock

TIMEOUT_SECONDS = 3600.0
_STATUS = "AuthTokenStatus"


def plan(
    group: ReplicationGroup, found: Secret, *, pause_seconds: float = 0, timeout_seconds: float = TIMEOUT_SECONDS
) -> Plan:
    """Plan the rotation of the AUTH token of a group, or the rest of one that was interrupted.

    Args:
        group: the group as it is.
        found: the secret that holds the token.
        pause_seconds: how long both tokens work after the secret has the new one; no longer than needed when omitted.
        timeout_seconds: how long to wait for each change; an hour when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    group_id, name = group.replication_group_id, found.name
    operation = f"rotation of the AUTH token of {group_id} in the secret {name}"
    reasons = list(rotation.refusals(found))
    if not group.auth_token_enabled:
        reasons.append(f"{group_id} has no AUTH token to rotate: its clients sign in otherwise, or not at all")
    if stuck := target.failure(group):
        reasons.append(stuck)
    if reasons:
        raise RefusedError(operation, reasons)
    steps: list[Step] = [
        *target.beginning(group, timeout_seconds),
        rotation.generate(name, lambda session: _changed(inventory.replication_group(session, group_id))),
        _call(group_id, name, PENDING, "ROTATE", BEFORE),
        Wait(_taken(group_id, name, BEFORE, "takes the new token, too"), timeout_seconds, group.ids),
        rotation.note_added(name, lambda session: _changed(inventory.replication_group(session, group_id))),
        _sign_in(group_id, name),
        rotation.switch(name),
        *rotation.pause(pause_seconds),
        _call(group_id, name, CURRENT, "SET", ADDED),
        Wait(_taken(group_id, name, ADDED, "takes the new token alone"), timeout_seconds, group.ids),
        rotation.end(name),
    ]
    notes = ["clients that are connected stay so; those that connect must read the secret again before SET"]
    if rotation.begun(found):
        notes.append("it goes on with the rotation that was begun")
    return Plan(operation, tuple(steps), tuple(notes))


def _call(group_id: str, name: str, stage: str, strategy: str, mark: str) -> Call:
    parameters = (
        ("ReplicationGroupId", group_id),
        ("AuthToken", secret.deferred(name, stage)),
        ("AuthTokenUpdateStrategy", strategy),
        ("ApplyImmediately", True),
    )

    def look(session: Session) -> Seen:
        group = inventory.replication_group(session, group_id)
        return Seen(_STATUS in group.pending or _changed(group) != rotation.mark(secret.observe(session, name), mark))

    # A second ROTATE would push the token out that clients still use.
    return Call("ModifyReplicationGroup", parameters, done=State("it was called before", look))


def _taken(group_id: str, name: str, mark: str, text: str) -> State:
    def look(session: Session) -> Seen:
        group = inventory.replication_group(session, group_id)
        changed = _changed(group) != rotation.mark(secret.observe(session, name), mark)
        settled = target.at_rest(group) and _STATUS not in group.pending
        return Seen(changed and settled, target.progress(group), target.failure(group))

    return State(f"{group_id} {text}", look)


def _changed(group: ReplicationGroup) -> str:
    """Return when the token changed last, as a label can hold it."""
    return f"{group.auth_token_changed.timestamp():.3f}" if group.auth_token_changed else "never"


def _sign_in(group_id: str, name: str) -> Act:
    def act(session: Session, say: Say, _clock: Clock) -> None:
        group = inventory.replication_group(session, group_id)
        access = Access.of(session)
        try:
            content.sign_in(group, Access(access.ca_file, None, secret.password(session, name, PENDING)))
        except NotReadError as error:
            say(f"not tried: {error}")
        else:
            say("the new token signs in")

    return Act(f"sign in to {group_id} with the new token, where it can be reached", act, rotation.switched(name))
