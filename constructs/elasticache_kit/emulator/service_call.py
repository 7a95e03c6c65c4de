"""Calls of other services of this emulator, for what one part of AWS does with another on a user's behalf."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.local_environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# moto takes the account of a request from here.
ACCOUNT_HEADER = "x-moto-account-id"
# Tells a call of this emulator's own: whoever waits for it waits for the disk afterwards, once for all of them.
INNER_HEADER = "x-elasticache-kit-inner"
INNER = secrets.token_hex(16)


class ServiceRefusedError(Exception):
    """A service refused a call.

    Args:
        code: the service's error code.
        message: the service's sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def call(service: str, operation: str, account_id: str, region: str, /, **request: Any) -> dict[str, Any]:
    """Call an operation of another service in an account and region and return its answer.

    Args:
        service: the service by boto3's name.
        operation: the operation by boto3's name.
        account_id: the account to call in.
        region: the region to call in.
        request: the members of the request; None is left out.

    Raises:
        ServiceRefusedError: the service refused, with its code and message.
    """
    client = _client(service, account_id, region, runtime.current().endpoint_url)
    given = {name: value for name, value in request.items() if value is not None}
    try:
        with runtime.current().lifecycle.away():
            return getattr(client, operation)(**given)
    except ClientError as error:
        said = error.response.get("Error", {})
        raise ServiceRefusedError(said.get("Code", "InternalFailure"), said.get("Message", str(error))) from error


def is_inner(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request is one of `call`; nobody else knows what it says of itself."""
    return environ.get(f"HTTP_{INNER_HEADER.upper().replace('-', '_')}") == INNER


@lru_cache(maxsize=64)
def _client(service: str, account_id: str, region: str, endpoint_url: str | None) -> Any:
    client: Any = boto3.client(
        service,
        region_name=region,
        # Without an endpoint the emulator runs in this process, and moto takes what boto3 sends.
        endpoint_url=endpoint_url,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(retries={"max_attempts": 1}, proxies={}),
    )
    client.meta.events.register("before-call", _in(account_id))
    return client


def _in(account_id: str) -> Callable[..., None]:
    def name_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"] |= {ACCOUNT_HEADER: account_id, INNER_HEADER: INNER}

    return name_account
