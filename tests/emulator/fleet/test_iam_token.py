"""IAM tokens, made by botocore's own signer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from elasticache_kit.emulator.fleet.iam_token import refusal

SECRET = "a secret/with+signs"  # noqa: S105 -- of nobody
Making = Callable[[], str]


def token(
    user: str = "anna", cache: str = "orders", *, region: str = "eu-west-1", serverless: bool = False, **options: Any
) -> str:
    """Make a token as AWS documents it."""
    query = {"Action": "connect", "User": user, **({"ResourceType": "ServerlessCache"} if serverless else {})}
    request = AWSRequest("GET", f"https://{cache}/?{urlencode(query)}")
    credentials = Credentials("AKIAEXAMPLE", SECRET, options.get("session"))
    SigV4QueryAuth(credentials, "elasticache", region, expires=options.get("expires", 900)).add_auth(request)
    return str(request.prepare().url).removeprefix("https://")


def judged(made: str, **options: Any) -> str | None:
    """Ask for a verdict."""
    settings: dict[str, Any] = {
        "user": "anna",
        "cache_name": "Orders",
        "region": "eu-west-1",
        "serverless": False,
        "secret_key": {"AKIAEXAMPLE": SECRET}.get,
        "now": dt.datetime.now(dt.UTC),
        **options,
    }
    return refusal(made, **settings)


@pytest.mark.parametrize("session", [None, "a session+token/=="])
def test_a_good_token_passes(session: str | None) -> None:
    """Also with temporary credentials, and whatever the case of the cache's name."""
    assert judged(token(session=session)) is None


def test_a_token_for_a_serverless_cache_says_so() -> None:
    """The resource type must be there for a serverless cache, and only there."""
    assert judged(token(serverless=True), serverless=True) is None
    assert "ResourceType" in (judged(token(), serverless=True) or "")
    assert "ResourceType" in (judged(token(serverless=True)) or "")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: "secret", "no token"),
        (lambda: token(user="bert"), "User is 'bert', not 'anna'"),
        (lambda: token(cache="customers"), "the cache is 'customers', not 'orders'"),
        (lambda: token(cache="Orders"), "the cache is 'Orders'"),
        (lambda: token(region="us-east-1"), "the Region"),
        (lambda: token(expires=901), "901 seconds"),
        (lambda: token().replace("connect", "Connect"), "Action"),
        (lambda: token().replace("elasticache", "memorydb"), "the credential scope"),
        (lambda: token().replace("Expires=900", "Expires=soon"), "cannot be read"),
        (lambda: token().replace("Expires=900", "Expires=899"), "its signature is wrong"),
    ],
)
def test_what_is_wrong_is_named(made: Making, reason: str) -> None:
    """Each part is looked at; what was signed cannot be changed."""
    assert reason in (judged(made()) or "")


def test_a_token_lives_fifteen_minutes() -> None:
    """It is good before its end, and not at it or before its time."""
    made = token()
    born = dt.datetime.strptime(made.split("X-Amz-Date=")[1][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    assert judged(made, now=born + dt.timedelta(seconds=899)) is None
    assert judged(made, now=born + dt.timedelta(seconds=900)) == "it has expired"
    assert judged(made, now=born - dt.timedelta(minutes=6)) == "it is from the future"


def test_the_signature_of_an_unknown_key_is_not_looked_at() -> None:
    """Whose secret nobody knows passes with any signature: the emulator has no keys but those that it made."""
    made = token()
    forged = made[:-4] + ("0000" if not made.endswith("0000") else "1111")
    assert judged(forged) == "its signature is wrong"
    assert judged(forged, secret_key={"AKIAOTHER": SECRET}.get) is None
