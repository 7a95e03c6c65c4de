"""The environment of a command that must not leave this machine, and the proof that it does not.

A deploy that was meant to be local has reached a real account before, because a tool ignored the endpoint
(localstack/aws-cdk-local issue 103). So every source of credentials is taken away, every way out is led to a closed
port, and the endpoint must say who it is before anything is deployed.
"""

from __future__ import annotations

import os
import re
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from elasticache_kit.emulator import capability
from elasticache_kit.errors import NotLocalError

ACCESS_KEY_ID = "ELASTICACHEKITLOCAL0"
SECRET_ACCESS_KEY = "not-a-secret"  # noqa: S105 - moto takes any, and this one opens nothing
DEFAULT_REGION = "eu-west-1"
# Nothing listens on the discard port: what does not go to the emulator goes nowhere.
NOWHERE = "http://127.0.0.1:9"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
FORM = MappingProxyType({"Content-Type": "application/x-www-form-urlencoded"})
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
_ACCOUNT = re.compile(r"<Account>(\d{12})</Account>")


def environment(
    endpoint_url: str, *, home: Path, region: str = DEFAULT_REGION, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Build the environment of a local command.

    Args:
        endpoint_url: the emulator's.
        home: a folder for what the CDK CLI remembers: it caches the account of an access key, which would be wrong
            against another emulator.
        region: the region to play.
        base: what to start from; this process's environment when omitted.

    Returns:
        The environment without any AWS or CDK variable of the caller, with credentials that open nothing.
    """
    given = os.environ if base is None else base
    kept = {
        name: value
        for name, value in given.items()
        # The CDK CLI reads every variable that begins with CDK as an option.
        if not name.startswith(("AWS_", "CDK", "BOTO_")) and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # The CLI reads ~/.cdk.json, and a profile that stands there would lead it away.
        "HOME": str(home),
        "CDK_HOME": str(home),
        # What jsii has unpacked before stays where it is: unpacking it anew costs seconds.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": given.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
        or str(Path(given.get("HOME") or Path.home()) / ".cache/aws/jsii/package-cache"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "HTTP_PROXY": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "NO_PROXY": ",".join(LOOPBACK),
    }


def prove(environment: Mapping[str, str]) -> str:
    """Make sure that an environment leads to a local emulator and nowhere else, and return the account it plays.

    Raises:
        NotLocalError: the endpoint is not on this machine, does not answer, is not an emulator of this kit, or STS
            asked through it names another account.
    """
    endpoint = environment.get("AWS_ENDPOINT_URL", "")
    host = urlsplit(endpoint).hostname
    if host not in LOOPBACK:
        raise NotLocalError(
            f"AWS_ENDPOINT_URL is {endpoint or 'not set'}, which is not on this machine: only 127.0.0.1 and localhost "
            "are local. Start one with `elasticache-kit emulator up`."
        )
    overrides = sorted(name for name in environment if name.startswith("AWS_ENDPOINT_URL_"))
    if overrides or environment.get("AWS_PROFILE"):
        named = ", ".join([*overrides, *(["AWS_PROFILE"] if environment.get("AWS_PROFILE") else [])])
        raise NotLocalError(f"{named} is set and could lead past the local endpoint: unset it.")
    account = str(_capability(endpoint).get("account"))
    answered = _caller_account(endpoint, environment)
    if answered != account:
        raise NotLocalError(
            f"STS at {endpoint} names account {answered}, but the emulator plays {account}: nothing was deployed."
        )
    return account


def _capability(endpoint: str) -> dict[str, Any]:
    try:
        found = capability.ask(endpoint)
    except OSError as error:
        raise NotLocalError(
            f"{endpoint} does not answer as an emulator of elasticache-kit ({error}): start one with "
            "`elasticache-kit emulator up`. Nothing was deployed."
        ) from error
    if found is None:
        raise NotLocalError(f"{endpoint} is not an emulator of elasticache-kit. Nothing was deployed.")
    return found


def _caller_account(endpoint: str, environment: Mapping[str, str]) -> str:
    # Signed by hand: a boto3 client of this process would read the user's own profile, endpoints and proxies.
    credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("POST", endpoint, data=WHO, headers=dict(FORM))
    SigV4Auth(credentials, "sts", environment["AWS_REGION"]).add_auth(request)
    headers = dict(request.headers.items())
    try:
        answer = capability.send(urllib.request.Request(endpoint, WHO, headers, method="POST"))  # noqa: S310 - http only
    except OSError as error:
        raise NotLocalError(f"STS does not answer at {endpoint}: {error}. Nothing was deployed.") from error
    found = _ACCOUNT.search(answer.decode(errors="replace"))
    return found.group(1) if found else "none"
