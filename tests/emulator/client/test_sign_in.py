"""Stock clients discover, connect and sign in over every kind of endpoint, with every way to sign in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
import valkey

from tests.emulator.client import account
from tests.emulator.client.account import Caches, Credentials, emulator_with, one_of_each, signed_in
from tests.emulator.client.stock import CLIENTS, HAS_REDIS_CLI, OTHER_AUTHORITIES
from tests.emulator.wire import until

pytestmark = pytest.mark.engine

WAYS = {
    "none": (account.NOBODY, ("open primary", "open node")),
    "token": (account.WITH_TOKEN, ("token primary", "token node")),
    "password": (account.WITH_PASSWORD, ("users primary", "users node", "shards configuration", "cart endpoint")),
    "iam": (account.WITH_IAM, ("users primary", "shards configuration", "cart endpoint")),
}
WRONG = {
    "none": ("token primary", account.NOBODY),
    "token": ("token primary", Credentials(None, "another-token-0123456789")),
    "password": ("users primary", Credentials(account.PERSON, "another-password-0123")),
    "iam": ("token primary", account.WITH_IAM),
}


@pytest.fixture(scope="module")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caches]:
    """One cache of each shape."""
    with signed_in(), emulator_with(tmp_path_factory.mktemp("caches"), one_of_each) as running:
        yield running


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    """Give each client's name; where redis-cli is absent fail in CI, and skip with the reason elsewhere."""
    if request.param == "redis-cli" and not HAS_REDIS_CLI:
        reason = "redis-cli is not installed; Debian and Ubuntu have it in the package redis-tools"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return request.param


@pytest.mark.parametrize("way", WAYS)
def test_every_client_signs_in_everywhere(caches: Caches, client: str, way: str) -> None:
    """What is written through an endpoint is read through it; TLS is verified wherever there is any."""
    credentials, places = WAYS[way]
    with ExitStack() as cleanup:
        for named in places:
            cache, endpoint = named.split()
            place = caches.place(cache, endpoint)
            assert (place.ca_file is None) == (cache == "open")
            made = CLIENTS[client](place, credentials, cleanup)
            for number in range(4):  # in a cluster that is more than one shard
                made.set(f"{client}-{way}-{number}", named)
                assert made.get(f"{client}-{way}-{number}") == named


@pytest.mark.parametrize("way", WRONG)
def test_no_client_signs_in_with_what_is_wrong(caches: Caches, client: str, way: str) -> None:
    """The negative control of the test above."""
    named, credentials = WRONG[way]
    place = caches.place(*named.split())
    with (
        ExitStack() as cleanup,
        pytest.raises(Exception, match=r"(?i)auth|WRONGPASS|NOAUTH|invalid username-password|Disconnected|closed"),
    ):
        CLIENTS[client](place, credentials, cleanup).set("key", "value")


def test_every_client_reads_through_the_reader_endpoint(caches: Caches, client: str) -> None:
    """It leads to a replica, which refuses writes."""
    with ExitStack() as cleanup:
        CLIENTS[client](caches.place("users"), account.WITH_PASSWORD, cleanup).set(f"{client}-read", "value")
        reader = CLIENTS[client](caches.place("users", "reader"), account.WITH_PASSWORD, cleanup)
        assert until(lambda: reader.get(f"{client}-read"), bool) == "value"
        with pytest.raises(Exception, match=r"(?i)read.?only|READONLY"):
            reader.set("key", "value")


def test_every_client_reads_with_iam_through_the_reader_endpoint_of_both_modes(caches: Caches, client: str) -> None:
    """In cluster mode `compatible` it leads clients that know nothing of clusters to a replica, once they signed in."""
    reader = caches.place("both", "reader")
    with ExitStack() as cleanup:
        CLIENTS[client](caches.place("both", "configuration"), account.WITH_IAM, cleanup).set(f"{client}-iam", "value")
        made = CLIENTS[client](reader, account.WITH_IAM, cleanup)
        before = caches.commandstats("both", "get")
        assert until(lambda: made.get(f"{client}-iam"), bool) == "value"
        after = caches.commandstats("both", "get")
        assert {caches.roles("both")[name] for name in after if after[name] > before[name]} == {"replica"}


def test_a_token_of_another_cache_opens_no_reader_endpoint(caches: Caches) -> None:
    """The negative control of the test above."""
    other = replace(caches.place("both", "reader"), cache_name="users")
    with ExitStack() as cleanup, pytest.raises(valkey.AuthenticationError):
        CLIENTS["valkey-py"](other, account.WITH_IAM, cleanup).get("key")


def test_a_client_that_trusts_another_authority_is_not_served(caches: Caches, client: str) -> None:
    """Verification is on: the same settings without the emulator's authority do not connect."""
    place = caches.place("token")
    system = account.Place(place.host, place.port, place.cache_name, ca_file=OTHER_AUTHORITIES)
    with ExitStack() as cleanup, pytest.raises(Exception, match=r"(?i)certificate|tls|ssl|connect"):
        CLIENTS[client](system, account.WITH_TOKEN, cleanup).set("key", "value")
