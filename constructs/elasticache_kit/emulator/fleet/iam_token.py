"""IAM tokens: presigned requests `connect` that clients give as their password.

A token is the URL of a GET request without its scheme: `<cache>/?Action=connect&User=<user>&X-Amz-...`, signed with
Signature Version 4 for the service `elasticache`; `ResourceType=ServerlessCache` for a serverless cache.
See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import parse_qsl, quote

# Gives the secret of an access key; None for one that is not known.
Lookup = Callable[[str], str | None]

LIFE = dt.timedelta(minutes=15)
# A client's clock may go ahead of ours.
SKEW = dt.timedelta(minutes=5)
ALGORITHM = "AWS4-HMAC-SHA256"
SCOPE_PARTS = 5
NEEDED = (
    "Action", "User", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature",
    "X-Amz-SignedHeaders",
)  # fmt: skip


def refusal(
    token: str,
    *,
    user: str,
    cache_name: str,
    region: str,
    serverless: bool,
    secret_key: Lookup,
    now: dt.datetime,
) -> str | None:
    """Say why a token does not sign a user in, or None where it does.

    Args:
        token: what the client gives as its password.
        user: whom it wants to be.
        cache_name: the replication group or serverless cache.
        region: its Region; any will do when empty.
        serverless: whether it is a serverless cache.
        secret_key: gives the secret of the access key; the signature of an unknown key is not looked at.
        now: the present time, with a time zone.
    """
    host, slash, query = token.partition("/?")
    values = dict(parse_qsl(query, keep_blank_values=True))
    missing = [name for name in NEEDED if name not in values]
    if not slash or missing:
        return f"it is no token: it lacks {', '.join(missing) or 'a query'}"
    scope = values["X-Amz-Credential"].split("/")
    expected = {
        "the cache": (host, cache_name.lower()),
        "Action": (values["Action"], "connect"),
        "User": (values["User"], user),
        "ResourceType": (values.get("ResourceType"), "ServerlessCache" if serverless else None),
        "X-Amz-Algorithm": (values["X-Amz-Algorithm"], ALGORITHM),
        "X-Amz-SignedHeaders": (values["X-Amz-SignedHeaders"], "host"),
        "the credential scope": (scope[3:], ["elasticache", "aws4_request"]),
        "the day of the scope": (scope[1:2], [values["X-Amz-Date"][:8]]),
    }
    if region:
        expected["the Region"] = (scope[2:3], [region])
    for what, (actual, due) in expected.items():
        if actual != due:
            return f"{what} is {actual!r}, not {due!r}"
    if (late := _untimely(values, now)) is not None:
        return late
    secret = secret_key(scope[0])
    if secret is not None and not hmac.compare_digest(_signature(host, values, secret), values["X-Amz-Signature"]):
        return "its signature is wrong"
    return None


def _untimely(values: dict[str, str], now: dt.datetime) -> str | None:
    try:
        made = dt.datetime.strptime(values["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        life = dt.timedelta(seconds=int(values["X-Amz-Expires"]))
    except (ValueError, OverflowError):
        return "its date or its life cannot be read"
    if not dt.timedelta(0) < life <= LIFE:
        return f"its life of {life.total_seconds():g} seconds is not between 1 and {LIFE.total_seconds():g}"
    if made > now + SKEW:
        return "it is from the future"
    return "it has expired" if now >= made + life else None


def _signature(host: str, values: dict[str, str], secret: str) -> str:
    signed = sorted((name, value) for name, value in values.items() if name != "X-Amz-Signature")
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in signed)
    empty = hashlib.sha256(b"").hexdigest()
    request = "\n".join(["GET", "/", query, f"host:{host}", "", "host", empty])
    _, *scope = values["X-Amz-Credential"].split("/")
    text = "\n".join([ALGORITHM, values["X-Amz-Date"], "/".join(scope), hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
