"""Replaces the password of a user, or the AUTH token of a replication group, in four steps of Secrets Manager.

This file is what AWS Lambda runs: it needs boto3, which is there, and nothing else. The constructs ship this folder as
it stands.

At each moment ElastiCache takes two passwords, the new one and the one before, so a client that has yet to read the
secret again keeps working. Every step may be repeated, because Secrets Manager repeats what failed.

See https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html

Environment:
    USER_ID: the user whose password is replaced; or
    REPLICATION_GROUP_ID: the replication group whose AUTH token is replaced.
    KEEP_PREVIOUS: `false` ends the password before as soon as the new one is current. Default: it works until the next
        rotation.
    ENDPOINT, PORT: where to sign in with the new AUTH token before it becomes current. Default: ElastiCache is asked
        whether it has taken the token, and nobody signs in.
"""  # noqa: INP001 - the code of a Lambda function, not a package of this library

from __future__ import annotations

import json
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import boto3

if TYPE_CHECKING:
    import datetime as dt

# Letters and digits only: legal in an AUTH token and in a password, and in a URL without escapes. 64 of them hold more
# than 380 bits.
PASSWORD_LENGTH = 64
POLL_SECONDS = 10
# What is left for one more call and for the answer before Lambda ends the function.
RESERVE_SECONDS = 30
LOGIN_SECONDS = 10

Answer = Mapping[str, Any]


class Clock(Protocol):
    """What passes while ElastiCache works."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""

    def remaining(self) -> float:
        """Return the seconds until Lambda ends the function."""
        ...


@dataclass(frozen=True)
class Version:
    """A version of the secret: its password, and when it was written."""

    password: str
    created: dt.datetime


class Target(Protocol):
    """Whose password it is."""

    def put(self, current: Version, pending: Version) -> None:
        """Make ElastiCache take the pending password beside the current one."""

    def test(self, current: Version, pending: Version) -> None:
        """Raise unless ElastiCache takes the pending password."""

    def keep_only(self, password: str) -> None:
        """Make ElastiCache take this password and no other."""


class User:
    """A user with passwords."""

    def __init__(self, elasticache: Any, user_id: str, clock: Clock) -> None:
        self._elasticache = elasticache
        self._id = user_id
        self._clock = clock

    def put(self, current: Version, pending: Version) -> None:
        """Give the user both passwords. Doing it twice changes nothing."""
        self._settled()
        passwords = list(dict.fromkeys((pending.password, current.password)))
        self._elasticache.modify_user(UserId=self._id, Passwords=passwords)
        self._settled()

    def test(self, current: Version, pending: Version) -> None:
        """See that the user has settled with as many passwords as it was given; ElastiCache tells no more of them."""
        user = self._settled()
        wanted = len({current.password, pending.password})
        found = user["Authentication"].get("PasswordCount", 0)
        if found < wanted:
            raise RuntimeError(f"user {self._id} has {found} passwords and not {wanted}: the new one did not arrive")

    def keep_only(self, password: str) -> None:
        """Take the other password away."""
        self._elasticache.modify_user(UserId=self._id, Passwords=[password])

    def _settled(self) -> Answer:
        """Wait until the user is active, on every cache that it is on."""
        while True:
            user: Answer = self._elasticache.describe_users(UserId=self._id)["Users"][0]
            if user["Status"] == "active":
                return user
            _wait(self._clock, f"user {self._id} is still {user['Status']}")


class ReplicationGroup:
    """A replication group with an AUTH token."""

    def __init__(
        self, elasticache: Any, replication_group_id: str, clock: Clock, sign_in: Callable[[str], None] | None
    ) -> None:
        self._elasticache = elasticache
        self._id = replication_group_id
        self._clock = clock
        self._sign_in = sign_in

    def put(self, current: Version, pending: Version) -> None:
        """Add the token (ROTATE), unless an earlier attempt did."""
        group = self._settled()
        # A second ROTATE would push the current token out: the group keeps the two latest ones.
        if pending.password == current.password or _last_modified_since(group, pending):
            return
        self._elasticache.modify_replication_group(
            ReplicationGroupId=self._id,
            AuthToken=pending.password,
            AuthTokenUpdateStrategy="ROTATE",
            ApplyImmediately=True,
        )
        while not _last_modified_since(self._settled(), pending):
            _wait(self._clock, f"replication group {self._id} has yet to begin with its new AUTH token")

    def test(self, current: Version, pending: Version) -> None:
        """See that the group has taken the token, and sign in with it where an endpoint is given."""
        group = self._settled()
        # Secrets Manager tries a rotation out with a copy of the current secret when no rotation is due.
        if pending.password != current.password and not _last_modified_since(group, pending):
            raise RuntimeError(
                f"replication group {self._id} has an AUTH token of {group.get('AuthTokenLastModifiedDate')}, older "
                f"than the new one of {pending.created}: the new one did not arrive"
            )
        if self._sign_in is not None:
            self._sign_in(pending.password)

    def keep_only(self, password: str) -> None:
        """Take the other token away (SET)."""
        self._settled()
        self._elasticache.modify_replication_group(
            ReplicationGroupId=self._id, AuthToken=password, AuthTokenUpdateStrategy="SET", ApplyImmediately=True
        )

    def _settled(self) -> Answer:
        """Wait until the group is available and no token is on its way."""
        while True:
            answer: Answer = self._elasticache.describe_replication_groups(ReplicationGroupId=self._id)
            group: Answer = answer["ReplicationGroups"][0]
            if not group.get("AuthTokenEnabled") and group["Status"] == "available":
                raise RuntimeError(f"replication group {self._id} has no AUTH token, so there is none to rotate")
            under_way = group.get("PendingModifiedValues", {}).get("AuthTokenStatus")
            if group["Status"] == "available" and not under_way:
                return group
            _wait(self._clock, f"replication group {self._id} is still {under_way or group['Status']}")


def handler(event: Answer, context: Any) -> None:
    """Do the step that Secrets Manager asks for; Lambda calls this."""
    clock = _LambdaClock(context)
    rotate(
        event,
        boto3.client("secretsmanager"),
        target_of(os.environ, boto3.client("elasticache"), clock),
        keep_previous=os.environ.get("KEEP_PREVIOUS") != "false",
    )


def target_of(environ: Mapping[str, str], elasticache: Any, clock: Clock) -> Target:
    """Return whose password the environment says it is."""
    if "USER_ID" in environ:
        return User(elasticache, environ["USER_ID"], clock)
    endpoint = environ.get("ENDPOINT")

    def by_socket(token: str) -> None:
        sign_in(str(endpoint), int(environ["PORT"]), token)

    return ReplicationGroup(elasticache, environ["REPLICATION_GROUP_ID"], clock, by_socket if endpoint else None)


def rotate(event: Answer, secrets: Any, target: Target, *, keep_previous: bool) -> None:
    """Do one step of a rotation.

    Raises:
        RuntimeError: the secret is not being rotated, or ElastiCache does not do what it should.
        TimeoutError: ElastiCache is not done; Secrets Manager tries again.
    """
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if token not in stages:
        raise RuntimeError(f"version {token} of {secret} does not exist: it is not being rotated")
    is_current = "AWSCURRENT" in stages[token]
    if not is_current and "AWSPENDING" not in stages[token]:
        raise RuntimeError(f"version {token} of {secret} is not AWSPENDING: it is not being rotated")

    if step == "finishSecret":
        if not is_current:
            _make_current(secrets, secret, token, stages)
        if not keep_previous:
            target.keep_only(_version(secrets, secret, "AWSCURRENT").password)
        return
    if is_current:
        return  # an attempt before this one came to the end
    if step == "createSecret":
        _create(secrets, secret, token)
        return
    current, pending = _version(secrets, secret, "AWSCURRENT"), _version(secrets, secret, "AWSPENDING", token)
    if step == "setSecret":
        target.put(current, pending)
    elif step == "testSecret":
        target.test(current, pending)
    else:
        raise RuntimeError(f"{step!r} is not a step: they are createSecret, setSecret, testSecret and finishSecret")


def sign_in(host: str, port: int, token: str, context: ssl.SSLContext | None = None) -> None:
    """Sign in over TLS, and raise where the token is refused."""
    words = [b"AUTH", token.encode()]
    command = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    tls = context or ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=LOGIN_SECONDS) as plain,
        tls.wrap_socket(plain, server_hostname=host) as connection,
    ):
        connection.sendall(command)
        answer = connection.makefile("rb").readline().strip()
    if answer != b"+OK":
        raise RuntimeError(f"{host}:{port} refuses the new AUTH token: {answer.decode(errors='replace')}")


def _create(secrets: Any, secret: str, token: str) -> None:
    """Write a new password into the pending version, unless an earlier attempt did."""
    try:
        secrets.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
    except secrets.exceptions.ResourceNotFoundException:
        current = secrets.get_secret_value(SecretId=secret, VersionStage="AWSCURRENT")
        generated = secrets.get_random_password(PasswordLength=PASSWORD_LENGTH, ExcludePunctuation=True)
        # Whatever else the secret holds, the name of the user for example, stays.
        content = {**json.loads(current["SecretString"]), "password": generated["RandomPassword"]}
        secrets.put_secret_value(
            SecretId=secret,
            ClientRequestToken=token,
            SecretString=json.dumps(content),
            VersionStages=["AWSPENDING"],
        )


def _make_current(secrets: Any, secret: str, token: str, stages: Mapping[str, list[str]]) -> None:
    current = next((version for version, labels in stages.items() if "AWSCURRENT" in labels), None)
    moved_from = {} if current is None else {"RemoveFromVersionId": current}
    secrets.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, **moved_from)


def _version(secrets: Any, secret: str, stage: str, token: str | None = None) -> Version:
    which = {"VersionStage": stage} if token is None else {"VersionStage": stage, "VersionId": token}
    answer = secrets.get_secret_value(SecretId=secret, **which)
    return Version(json.loads(answer["SecretString"])["password"], answer["CreatedDate"])


def _last_modified_since(group: Answer, pending: Version) -> bool:
    """Tell whether the token of a group was changed after the pending one came into being, so that it is this one."""
    modified: dt.datetime | None = group.get("AuthTokenLastModifiedDate")
    return modified is not None and modified >= pending.created


def _wait(clock: Clock, reason: str) -> None:
    if clock.remaining() < POLL_SECONDS + RESERVE_SECONDS:
        raise TimeoutError(f"{reason}; Secrets Manager tries again")
    clock.sleep(POLL_SECONDS)


class _LambdaClock:
    def __init__(self, context: Any) -> None:
        self._context = context

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def remaining(self) -> float:
        return float(self._context.get_remaining_time_in_millis()) / 1000
