"""How a client signs in: the password of a secret, or an IAM token made anew for each connection."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from elasticache_kit.errors import ConnectionFailedError, MissingToolError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.model.environment import CacheEnvironment

# A secret is asked for again after so long: while it is rotated, the cache takes the old password and the new one.
SECRET_SECONDS = 60.0


class Credentials(Protocol):
    """What valkey-py and redis-py ask before they sign in, for each connection."""

    def get_credentials(self) -> tuple[str, str] | tuple[str]:
        """Return user and password, or a password alone."""
        ...

    async def get_credentials_async(self) -> tuple[str, str] | tuple[str]:
        """Return the same, without holding up the event loop."""
        ...


@dataclass(slots=True)
class IamCredentials:
    """Signs in with an IAM token, which is good for 15 minutes and is made anew for each connection.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
    """

    user: str
    token: Callable[[], str]

    def get_credentials(self) -> tuple[str, str]:
        """Return the user and a token that was signed now."""
        return self.user, self.token()

    async def get_credentials_async(self) -> tuple[str, str]:
        """Return the same; signing takes a fifth of a millisecond, credentials of a role may have to be fetched."""
        return await asyncio.to_thread(self.get_credentials)


@dataclass(slots=True)
class SecretCredentials:
    """Signs in with the password that a secret holds: an AUTH token, or with a user the password of the user.

    Args:
        user: the user. None for an AUTH token.
        fetch: reads the password.
        clock: seconds that only grow.
    """

    user: str | None
    fetch: Callable[[], str]
    clock: Callable[[], float] = time.monotonic
    _password: str | None = field(default=None, repr=False)
    _read_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def get_credentials(self) -> tuple[str, str] | tuple[str]:
        """Return what signs in, at most a minute old."""
        with self._lock:
            if self._password is None or self.clock() - self._read_at >= SECRET_SECONDS:
                self._password, self._read_at = self.fetch(), self.clock()
            password = self._password
        return (password,) if self.user is None else (self.user, password)

    async def get_credentials_async(self) -> tuple[str, str] | tuple[str]:
        """Return the same, asking Secrets Manager in a thread."""
        return await asyncio.to_thread(self.get_credentials)


def credentials(environment: CacheEnvironment, prefix: str) -> IamCredentials | SecretCredentials | None:
    """Return how to sign in; None where nobody has to.

    Raises:
        ValidationError: the environment lacks what this way of signing in needs; the message names the variables.
        MissingToolError: the package that makes tokens or reads secrets is not installed.
    """
    match environment.auth:
        case "iam":
            user, provider = _named(environment, prefix, "user"), token_provider(environment, prefix)
            return IamCredentials(user, provider)
        case "password":
            secret_arn = _named(environment, prefix, "secret_arn")
            return SecretCredentials(environment.user, lambda: read_password(secret_arn, environment.region, prefix))
        case _:
            return None


def token_arguments(environment: CacheEnvironment, prefix: str) -> dict[str, Any]:
    """Return what AWS's token provider and token manager ask for.

    Raises:
        ValidationError: a variable is missing, or there is no TLS, without which a token would be read by others.
    """
    if not environment.tls:
        raise ValidationError(
            f"{prefix}AUTH = 'iam' needs {prefix}TLS = 'true': a token is never sent over a connection without TLS"
        )
    name = _named(environment, prefix, "cache_name")
    kind = "serverless_cache_name" if environment.serverless else "replication_group_id"
    return {"user_id": _named(environment, prefix, "user"), "region": environment.region, kind: name}


def token_provider(environment: CacheEnvironment, prefix: str) -> Callable[[], str]:
    """Return what signs a token each time that it is called, with AWS's own developer-toolkit-elasticache."""
    try:
        from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenProvider  # noqa: PLC0415 - botocore is heavy
        from developer_toolkit_elasticache.errors import ToolkitInputError  # noqa: PLC0415 - see above
    except ImportError as error:
        raise missing("developer-toolkit-elasticache", "cache", f"{prefix}AUTH = 'iam'") from error
    arguments = token_arguments(environment, prefix)
    try:
        provider = ElastiCacheIAMAuthTokenProvider(**arguments)
    except ToolkitInputError as error:
        raise ValidationError(
            f"no IAM token can be made: {error} See {prefix}USER, {prefix}CACHE_NAME and {prefix}REGION."
        ) from error

    def token() -> str:
        try:
            return provider.get_token()
        except ToolkitInputError as error:
            raise ConnectionFailedError(f"no IAM token can be made: {error}") from error

    return token


def read_password(secret_arn: str, region: str | None, prefix: str) -> str:
    """Read a password from Secrets Manager: the member `password` of a JSON object, or the whole secret.

    Raises:
        ConnectionFailedError: the secret cannot be read; the message says why, and never what it holds.
    """
    content = read_secret(secret_arn, region, f"{prefix}SECRET_ARN")
    try:
        found = json.loads(content)
    except ValueError:
        return content
    if not isinstance(found, dict):
        return content
    password: object = found.get("password")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] # JSON of somebody else
    if not isinstance(password, str) or not password:
        raise ConnectionFailedError(
            f"the secret {secret_arn} is a JSON object without a text `password`: {prefix}SECRET_ARN must name the "
            "secret of the cache"
        )
    return password


def read_secret(secret_arn: str, region: str | None, setting: str) -> str:
    """Read a secret as it stands.

    Args:
        secret_arn: its ARN.
        region: the Region to ask. None: the one in the ARN.
        setting: the variable that named it, for the error.

    Raises:
        ConnectionFailedError: it cannot be read.
    """
    try:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - botocore is heavy
        from botocore.session import Session  # noqa: PLC0415 - see above
    except ImportError as error:
        raise missing("botocore", "cache", setting) from error
    parts = secret_arn.split(":")
    place = region or (parts[3] if len(parts) > 3 else None)  # noqa: PLR2004 - arn:partition:service:region
    try:
        client: Any = Session().create_client("secretsmanager", region_name=place)
        return str(client.get_secret_value(SecretId=secret_arn)["SecretString"])
    except (BotoCoreError, ClientError, KeyError) as error:
        raise ConnectionFailedError(f"the secret {secret_arn} of {setting} cannot be read: {error}") from error


def missing(package: str, extra: str, setting: str) -> MissingToolError:
    """Return the error for a package that is not installed."""
    return MissingToolError(
        package,
        [f"`import` in this Python, because of {setting}"],
        [f"pip install 'elasticache-kit[{extra}]'"],
    )


def _named(environment: CacheEnvironment, prefix: str, field_name: str) -> str:
    value: str | None = getattr(environment, field_name)
    if value is None:
        raise ValidationError(
            f"{prefix}AUTH = {environment.auth!r} needs {prefix}{field_name.upper()}, which is not set"
        )
    return value
