"""Tokens and users of the API decide who signs in to the engines, and changes reach those that run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import valkey
from valkey.backoff import NoBackoff
from valkey.exceptions import NoPermissionError
from valkey.retry import Retry

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.fleet.test_iam_token import token
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

FIRST, SECOND = "first-token-0123456789", "second-token-0123456789"
ANNA, CHANGED = "annas-password-0123", "annas-password-4567"
REFUSED = (valkey.AuthenticationError, NoPermissionError)
Connect = Callable[..., Any]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with one node `orders` that asks for a token."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        make_group(client, NumCacheClusters=1, AutomaticFailoverEnabled=False, MultiAZEnabled=False, AuthToken=FIRST)
        available(client("elasticache"))
        yield running


@pytest.fixture
def api(emulator: Emulator) -> Any:
    """Give the API."""
    return client_of(emulator.endpoint_url)("elasticache")


@pytest.fixture
def signs_in(emulator: Emulator, api: Any) -> Iterator[Callable[..., bool]]:
    """Give what tells whether a client gets in, over TLS unless it says otherwise."""
    with ExitStack() as cleanup:

        def connect(*, tls: bool = True, **credentials: Any) -> bool:
            endpoint = available(api)["NodeGroups"][0]["PrimaryEndpoint"]
            secured = {"ssl": True, "ssl_ca_certs": str(emulator.fleet and emulator.fleet.ca_file)} if tls else {}
            client: Any = valkey.Valkey(
                host=endpoint["Address"], port=endpoint["Port"], retry=Retry(NoBackoff(), 0), **secured, **credentials
            )
            cleanup.callback(client.close)
            try:
                return bool(client.set("orders:1", "x"))
            except REFUSED:
                return False
            except valkey.ConnectionError:
                if tls:
                    raise
                return False

        yield connect


def change(api: Any, **request: Any) -> None:
    """Modify the group and wait until it is available."""
    api.modify_replication_group(ReplicationGroupId="orders", ApplyImmediately=True, **request)
    assert available(api)["PendingModifiedValues"] == {}


def test_a_token_is_asked_for_and_rotated(api: Any, signs_in: Connect) -> None:
    """ROTATE lets both in, SET the new one alone, on the engine that runs."""
    start = [signs_in(password=FIRST), signs_in(password=SECOND), signs_in()]
    change(api, AuthToken=SECOND, AuthTokenUpdateStrategy="ROTATE")
    both = [signs_in(password=FIRST), signs_in(password=SECOND), signs_in()]
    change(api, AuthToken=SECOND, AuthTokenUpdateStrategy="SET")
    after = [signs_in(password=FIRST), signs_in(password=SECOND), signs_in()]

    assert (start, both, after) == ([True, False, False], [True, True, False], [False, True, False])


def test_tls_may_be_preferred_for_a_time(api: Any, signs_in: Connect) -> None:
    """TransitEncryptionMode `preferred` lets clients without TLS in, `required` no longer."""
    seen = [signs_in(password=SECOND, tls=False)]
    change(api, TransitEncryptionMode="preferred")
    seen.append(signs_in(password=SECOND, tls=False))
    change(api, TransitEncryptionMode="required")
    seen.append(signs_in(password=SECOND, tls=False))

    assert seen == [False, True, False]


def test_users_take_the_place_of_the_token(api: Any, signs_in: Connect) -> None:
    """Their passwords, their rights and their IAM tokens hold, and each change of a user reaches the engine."""
    api.create_user(
        UserId="anna", UserName="anna", Engine="valkey", AccessString="on ~orders:* +@all", Passwords=[ANNA]
    )
    api.create_user(
        UserId="robot", UserName="robot", Engine="valkey", AccessString="on ~* +@all",
        AuthenticationMode={"Type": "iam"},
    )  # fmt: skip
    api.create_user_group(UserGroupId="team", Engine="valkey", UserIds=["anna"])
    change(api, UserGroupIdsToAdd=["team"], AuthTokenUpdateStrategy="DELETE")
    anna = {"username": "anna", "password": ANNA}
    assert [signs_in(password=SECOND), signs_in(**anna), signs_in(username="robot", password=token("robot"))] == [
        False, True, False,
    ]  # fmt: skip

    api.modify_user(UserId="anna", AccessString="on ~other:* +@all")
    assert until(lambda: signs_in(**anna), lambda allowed: not allowed) is False
    api.modify_user(UserId="anna", AccessString="on ~* +@all", Passwords=[CHANGED])
    assert until(lambda: signs_in(username="anna", password=CHANGED), bool)
    assert not signs_in(**anna)

    api.modify_user_group(UserGroupId="team", UserIdsToAdd=["robot"])
    assert until(lambda: signs_in(username="robot", password=token("robot")), bool)
    assert not signs_in(username="robot", password=token("anna"))

    api.delete_user(UserId="anna")
    assert until(lambda: signs_in(username="anna", password=CHANGED), lambda allowed: not allowed) is False
