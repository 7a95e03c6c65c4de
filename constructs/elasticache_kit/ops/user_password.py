"""Rotating the password of a user: a user has two at most, so the new one works before the other ends.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.model.quota import PASSWORDS_PER_USER
from elasticache_kit.ops import rotation, secret
from elasticache_kit.ops.plan import Call, Plan, Seen, State, Step, Wait
from elasticache_kit.ops.secret import CURRENT, PENDING, Secret
from elasticache_kit.ops.session import Session, code, reaching

TIMEOUT_SECONDS = 3600.0
_ACTIVE = "active"
_NOT_FOUND = frozenset({"UserNotFound", "UserNotFoundFault"})


@dataclass(frozen=True, slots=True)
class User:
    """A user as the API tells it.

    Args:
        user_id: its id.
        status: `active`, `modifying` or `deleting`.
        authentication: `password`, `no-password` or `iam`.
        password_count: how many passwords it has.
    """

    user_id: str
    status: str
    authentication: str
    password_count: int


def observe(session: Session, user_id: str) -> User:
    """Look at a user.

    Raises:
        NotFoundError: there is none.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        try:
            record = session.ask.describe_users(UserId=user_id)["Users"][0]
        except ClientError as error:
            if code(error) not in _NOT_FOUND:
                raise
            raise NotFoundError(f"there is no user {user_id!r} in {session.where}") from error
    authentication = record.get("Authentication", {})
    return User(
        user_id=record.get("UserId", user_id),
        status=record.get("Status", "unknown"),
        authentication=authentication.get("Type", "unknown"),
        password_count=authentication.get("PasswordCount", 0),
    )


def named(session: Session, user_group_ids: Sequence[str], user_name: str) -> User:
    """Look at the user of a name in user groups, in which a name is there once.

    Raises:
        NotFoundError: there is none.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        pages = session.ask.get_paginator("describe_users").paginate()
        found = [
            record.get("UserId", "")
            for page in pages
            for record in page["Users"]
            if record.get("UserName") == user_name and {*record.get("UserGroupIds", [])} & {*user_group_ids}
        ]
    if not found:
        groups = f"in the user groups {', '.join(user_group_ids)}" if user_group_ids else "where there is no user group"
        raise NotFoundError(f"there is no user named {user_name!r} {groups}")
    return observe(session, found[0])


def plan(
    user: User,
    found: Secret,
    *,
    drop_other: bool = False,
    pause_seconds: float = 0,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Plan:
    """Plan the rotation of the password of a user, or the rest of one that was interrupted.

    Args:
        user: the user as it is.
        found: the secret that holds the password.
        drop_other: whether a second password, which the secret does not hold, may end; refused when omitted.
        pause_seconds: how long both passwords work after the secret has the new one; no longer than needed when
            omitted.
        timeout_seconds: how long to wait for each change; an hour when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    name = found.name
    operation = f"rotation of the password of {user.user_id} in the secret {name}"
    reasons = list(rotation.refusals(found))
    if user.authentication != "password":
        reasons.append(f"the user signs in with {user.authentication!r}, and not with a password")
    if user.status not in {_ACTIVE, "modifying"}:
        reasons.append(f"the status of the user is {user.status!r}, and it must be 'active'")
    if user.password_count == PASSWORDS_PER_USER and not rotation.begun(found) and not drop_other:
        reasons.append(
            f"the user has {PASSWORDS_PER_USER} passwords, and the secret holds one: the other one would end. Say "
            "--drop-other if nobody uses it"
        )
    if reasons:
        raise RefusedError(operation, reasons)
    settled = Wait(_active(user.user_id), timeout_seconds)
    steps: list[Step] = [
        *(() if user.status == _ACTIVE else (settled,)),
        rotation.generate(name, lambda session: str(observe(session, user.user_id).password_count)),
        _passwords(user.user_id, name, (CURRENT, PENDING), rotation.switched(name)),
        settled,
        rotation.switch(name),
        *rotation.pause(pause_seconds),
        _passwords(user.user_id, name, (CURRENT,), None),
        settled,
        rotation.end(name),
    ]
    notes = [
        "clients that are connected stay so; those that connect must read the secret again before the old one ends"
    ]
    if rotation.begun(found):
        notes.append("it goes on with the rotation that was begun")
    return Plan(operation, tuple(steps), tuple(notes))


def _passwords(user_id: str, name: str, stages: Sequence[str], done: State | None) -> Call:
    passwords = [secret.deferred(name, stage) for stage in stages]
    mode = {"Type": "password", "Passwords": passwords}
    return Call("ModifyUser", (("UserId", user_id), ("AuthenticationMode", mode)), done=done)


def _active(user_id: str) -> State:
    def look(session: Session) -> Seen:
        status = observe(session, user_id).status
        return Seen(status == _ACTIVE, f"user {user_id} {status}")

    return State(f"the user {user_id} is active", look)
