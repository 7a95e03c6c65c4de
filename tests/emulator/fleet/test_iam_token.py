"""IAM tokens, made by botocore's own signer."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from elasticache_kit.emulator.fleet.iam_token import refusal

SECRET = "a secret/with+signs"  # noqa: S105 -- of nobody
NOW = dt.datetime.now(dt.UTC)


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
        "now": NOW,
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
        ("secret", "no token"),
        (token(user="bert"), "User is 'bert', not 'anna'"),
        (token(cache="customers"), "the cache is 'customers', not 'orders'"),
        (token(cache="Orders"), "the cache is 'Orders'"),
        (token(region="us-east-1"), "the Region"),
        (token(expires=901), "901 seconds"),
        (token().replace("connect", "Connect"), "Action"),
        (token().replace("elasticache", "memorydb"), "the credential scope"),
        (token().replace("Expires=900", "Expires=soon"), "cannot be read"),
        (token().replace("Expires=900", "Expires=899"), "its signature is wrong"),
    ],
)
def test_what_is_wrong_is_named(made: str, reason: str) -> None:
    """Each part is looked at; what was signed cannot be changed."""
    assert reason in (judged(made) or "")


def test_a_token_lives_fifteen_minutes() -> None:
    """It is good before its end, and not at it or before its time."""
    made = token()
    assert judged(made, now=NOW + dt.timedelta(seconds=880)) is None
    assert judged(made, now=NOW + dt.timedelta(seconds=930)) == "it has expired"
    assert judged(made, now=NOW - dt.timedelta(minutes=10)) == "it is from the future"


def test_the_signature_of_an_unknown_key_is_not_looked_at() -> None:
    """Whose secret nobody knows passes with any signature: the emulator has no keys but those that it made."""
    made = token()
    forged = made[:-4] + ("0000" if not made.endswith("0000") else "1111")
    assert judged(forged) == "its signature is wrong"
    assert judged(forged, secret_key={"AKIAOTHER": SECRET}.get) is None
