"""Rotating an AUTH token, and the password of a user: at every moment clients get in, whatever interrupts it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from moto.elasticache.models import elasticache_backends

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import auth_token, execution, secret, user_password
from elasticache_kit.ops.inventory import replication_group
from elasticache_kit.ops.plan import Call, Notice, Plan, document, show
from elasticache_kit.ops.wait import Clock
from tests.ops.completed import REGION, make_group, make_subnet_group

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

OLD = "the-token-of-yesterday"
ACCOUNT = "123456789012"


class InterruptedError(Exception):  # noqa: A001 - what Ctrl-C or kill -9 does to a run
    """Ends a run where a test wants it to."""


@pytest.fixture
def secrets(account: Session) -> Any:
    """A client of Secrets Manager with the secret `auth`, which holds the token and something else."""
    client: Any = account.changing("secretsmanager")
    client.create_secret(Name="auth", SecretString=json.dumps({"username": "app", "password": OLD}))
    return client


@pytest.fixture
def orders(account: Session, secrets: Any) -> Session:
    """An account with the group `orders`, which takes the token of the secret."""
    del secrets
    make_group(
        account,
        TransitEncryptionEnabled=True,
        CacheSubnetGroupName=make_subnet_group(account),
        AuthToken=OLD,
    )
    return account


@pytest.fixture
def app(account: Session, secrets: Any) -> Session:
    """An account with the user `app`, who has the password of the secret."""
    del secrets
    client: Any = account.act
    client.create_user(
        UserId="app",
        UserName="app",
        Engine="valkey",
        AccessString="on ~* +@all",
        AuthenticationMode={"Type": "password", "Passwords": [OLD]},
    )
    return account


def region() -> Any:
    """Return what the local control plane holds, which the API does not tell."""
    backend: Any = elasticache_backends[ACCOUNT][REGION]
    return backend.region


def tokens() -> tuple[str, ...]:
    """Return the tokens that the group takes."""
    return region().replication_groups["orders"].auth_tokens.values


def content(secrets: Any) -> dict[str, str]:
    """Return what the current version of the secret holds, which moto gives only where it is asked for by its label."""
    return json.loads(secrets.get_secret_value(SecretId="auth", VersionStage="AWSCURRENT")["SecretString"])


def current(secrets: Any) -> str:
    """Return the password that clients read."""
    return content(secrets)["password"]


def plan_token(api: Session) -> Plan:
    """Plan the rotation of the token."""
    return auth_token.plan(replication_group(api, "orders"), secret.observe(api, "auth"))


def test_the_new_token_alone_works_in_the_end(orders: Session, secrets: Any) -> None:
    """The secret holds it, with what else it held, and no label of the rotation is left."""
    execution.run(plan_token(orders), orders, lambda _: None)

    assert tokens() == (current(secrets),)
    assert current(secrets) != OLD
    assert content(secrets)["username"] == "app"
    assert sorted(secret.observe(orders, "auth").stages.values()) == [("AWSCURRENT",), ("AWSPREVIOUS",)]


# Every fifth moment in `make test`, every one in `make prove`.
STRIDES = [5, pytest.param(1, marks=pytest.mark.prove)]


def interrupted(plan: Callable[[], Plan], api: Session, check: Callable[[], None], stride: int) -> int:
    """Interrupt a rotation at its moments, each time take it up again, and return how many moments there were."""
    moments = 0
    while True:
        told = 0

        def report(_: Notice, at: int = moments) -> None:
            nonlocal told
            check()
            told += 1
            if told > at:
                raise InterruptedError

        try:
            execution.run(plan(), api, report)
        except InterruptedError:
            execution.run(plan(), api, lambda _: check())
            check()
            moments += stride
        else:
            return moments


@pytest.mark.parametrize("stride", STRIDES)
def test_whatever_interrupts_it_clients_always_get_in(orders: Session, secrets: Any, stride: int) -> None:
    """At each moment of each run the token that the secret holds is one that the group takes."""

    def check() -> None:
        assert current(secrets) in tokens()

    assert interrupted(lambda: plan_token(orders), orders, check, stride) > 15
    assert tokens() == (current(secrets),)


def test_a_second_rotate_would_lock_clients_out(orders: Session, secrets: Any) -> None:
    """The negative control of the test above: the same plan without the look whether it was called before."""
    planned = plan_token(orders)
    generate, rotate = planned.steps[0], planned.steps[1]
    assert isinstance(rotate, Call)
    careless = replace(rotate, done=None)

    execution.run(Plan("twice", (generate, careless, careless)), orders, lambda _: None)

    assert current(secrets) not in tokens()


def test_no_token_is_in_what_is_shown(orders: Session, secrets: Any) -> None:
    """Neither before nor after, nor in what is told."""
    planned = plan_token(orders)
    told: list[str] = []
    execution.run(planned, orders, lambda notice: told.append(f"{notice.step} {notice.text} {notice!r}"))

    shown = f"{show(planned)}{document(planned)}{planned!r}{told}"
    assert OLD not in shown
    assert current(secrets) not in shown


def test_both_work_during_the_pause(orders: Session) -> None:
    """That is what it is for."""
    seen: list[tuple[float, int]] = []
    clock = Clock(sleep=lambda seconds: seen.append((seconds, len(tokens()))))
    planned = auth_token.plan(replication_group(orders, "orders"), secret.observe(orders, "auth"), pause_seconds=300)

    execution.run(planned, orders, lambda _: None, clock)

    assert seen == [(300, 2)]


def test_a_group_without_a_token_is_refused(account: Session, secrets: Any) -> None:
    """There is none to rotate."""
    del secrets
    make_group(account)

    with pytest.raises(RefusedError, match="has no AUTH token to rotate"):
        plan_token(account)


def test_a_secret_that_somebody_else_rotates_is_refused(orders: Session, secrets: Any) -> None:
    """Secrets Manager itself, or a version that is pending and not of this kit."""
    secrets.put_secret_value(SecretId="auth", SecretString="{}", VersionStages=["AWSPENDING"])

    with pytest.raises(RefusedError, match="is AWSPENDING, and not of this kit"):
        plan_token(orders)
    with pytest.raises(RefusedError, match="Secrets Manager rotates the secret auth by itself"):
        auth_token.plan(replication_group(orders, "orders"), replace(secret.observe(orders, "auth"), rotated=True))


def test_an_unknown_secret_is_said(account: Session) -> None:
    """Before anything is changed."""
    with pytest.raises(NotFoundError, match="there is no secret 'none'"):
        secret.observe(account, "none")


def test_a_secret_that_is_the_password_alone_stays_so(account: Session) -> None:
    """Whoever reads it need not change."""
    client: Any = account.changing("secretsmanager")
    client.create_secret(Name="plain", SecretString=OLD)

    secret.put(account, "plain", "new-password-of-today", ["AWSCURRENT"])

    assert client.get_secret_value(SecretId="plain")["SecretString"] == "new-password-of-today"
    assert secret.password(account, "plain") == "new-password-of-today"


def hashes() -> tuple[str, ...]:
    """Return what the user's passwords are known by."""
    return region().users["app"].password_hashes


def plan_user(api: Session, **more: Any) -> Plan:
    """Plan the rotation of the user's password."""
    return user_password.plan(user_password.observe(api, "app"), secret.observe(api, "auth"), **more)


@pytest.mark.parametrize("stride", STRIDES)
def test_a_user_always_gets_in(app: Session, secrets: Any, stride: int) -> None:
    """Whatever interrupts it; in the end the new password alone works."""
    from hashlib import sha256  # noqa: PLC0415 - how the emulator keeps passwords is of this test alone

    def known() -> str:
        return sha256(current(secrets).encode()).hexdigest()

    def check() -> None:
        assert known() in hashes()

    assert interrupted(lambda: plan_user(app), app, check, stride) > 12
    assert hashes() == (known(),)
    assert current(secrets) != OLD


def test_a_second_password_ends_only_when_that_is_said(app: Session) -> None:
    """Somebody may use it, and the secret does not hold it."""
    client: Any = app.act
    client.modify_user(
        UserId="app", AuthenticationMode={"Type": "password", "Passwords": [OLD, "another-password-of-it"]}
    )

    with pytest.raises(RefusedError, match="--drop-other"):
        plan_user(app)
    assert plan_user(app, drop_other=True).steps


def test_a_user_without_a_password_is_refused(app: Session) -> None:
    """With how it signs in."""
    user = replace(user_password.observe(app, "app"), authentication="iam")

    with pytest.raises(RefusedError, match="signs in with 'iam', and not with a password"):
        user_password.plan(user, secret.observe(app, "auth"))
