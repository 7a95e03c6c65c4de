"""What went wrong between an application and its cache, in words that name the setting to look at."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from elasticache_kit.errors import ConnectionFailedError, ElastiCacheKitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.environment import CacheEnvironment

_REFUSED = (
    "WRONGPASS",
    "NOAUTH",
    "invalid username-password",
    "invalid password",
    "Authentication required",
    "AuthenticationError",
)
_UNTRUSTED = ("CERTIFICATE_VERIFY_FAILED", "UnknownIssuer", "invalid peer certificate")
_OTHER_NAME = (
    "Hostname mismatch",
    "IP address mismatch",
    "is not valid for",
    "not valid for name",
    "NotValidForName",
    "doesn't match",
)
_NOT_TLS = ("WRONG_VERSION_NUMBER", "InvalidContentType", "corrupt message", "RECORD_LAYER_FAILURE")
_NO_CERTIFICATE = ("NO_CERTIFICATE_OR_CRL_FOUND", "no certificate or crl found")
_NO_CLUSTER = ("Cluster mode is not enabled", "cluster support disabled")
# What cluster clients raise that know no node any more.
_LOST = frozenset({"ValkeyClusterException", "RedisClusterException"})
# Where the exceptions of client libraries are defined.
_LIBRARIES = frozenset({"valkey", "redis", "glide", "glide_sync", "glide_shared", "pymemcache", "emcache"})


def has_lost_its_cluster(error: BaseException) -> bool:
    """Say whether a cluster client knows no node any more that it could ask where the others are."""
    return type(error).__name__ in _LOST


def is_of_the_cache(error: BaseException) -> bool:
    """Say whether an error is of a cache, a client library or the network, and not a mistake in a program."""
    if isinstance(error, (OSError, TimeoutError, ConnectionFailedError)):
        return True
    return type(error).__module__.partition(".")[0] in _LIBRARIES


def explained(error: BaseException, environment: CacheEnvironment, prefix: str) -> ElastiCacheKitError:
    """Return the error to raise instead of one of a client library; ours are returned as they are.

    Args:
        error: what the library raised.
        environment: where it wanted to connect.
        prefix: what the variables begin with.
    """
    for part in _chain(error):
        if isinstance(part, ElastiCacheKitError):
            return part
    said = " / ".join(dict.fromkeys(f"{type(part).__name__}: {part}" for part in _chain(error)))
    place = f"{environment.endpoint}:{environment.port}"
    if any(text in said for text in _OTHER_NAME):
        what = (
            f"the certificate of {place} is for another host name. Set {prefix}ENDPOINT to the endpoint exactly as "
            "ElastiCache gives it, not to an address or an alias"
        )
    elif any(text in said for text in _UNTRUSTED) or any(
        isinstance(part, ssl.SSLCertVerificationError) for part in _chain(error)
    ):
        ca_file = environment.ca_file or "the authorities of the system"
        what = f"the certificate of {place} is not signed by {ca_file}. Look at {prefix}CA_FILE and {prefix}ENDPOINT"
    elif any(text in said for text in _NO_CERTIFICATE):
        what = f"{prefix}CA_FILE = {environment.ca_file!r} holds no certificate"
    elif any(text in said for text in _NO_CLUSTER):
        what = f"{place} has cluster mode disabled, and {prefix}TOPOLOGY is {environment.topology!r}"
    elif any(text in said for text in _NOT_TLS):
        what = f"{place} does not speak TLS, and {prefix}TLS is 'true'"
    elif any(text in said for text in _REFUSED):
        what = (
            f"{place} refused the sign-in{_signed_in_as(environment)}. Look at {_sign_in_settings(environment, prefix)}"
        )
    else:
        trust = f" with {prefix}CA_FILE" if environment.tls else ""
        what = (
            f"no answer from {place}. Look at {prefix}ENDPOINT and {prefix}PORT, at {prefix}TLS = "
            f"{str(environment.tls).lower()!r}{trust}, and whether the security group of the cache lets this client in"
        )
    return ConnectionFailedError(f"{what}. The client said: {said}")


def _signed_in_as(environment: CacheEnvironment) -> str:
    match environment.auth:
        case "iam":
            return f" of {environment.user} with an IAM token"
        case "password" if environment.user:
            return f" of {environment.user} with a password"
        case "password":
            return " with an AUTH token"
        case _:
            return ", because there was none"


def _sign_in_settings(environment: CacheEnvironment, prefix: str) -> str:
    match environment.auth:
        case "iam":
            return (
                f"{prefix}USER, {prefix}CACHE_NAME, {prefix}REGION, and whether the role may elasticache:Connect to "
                "both the cache and the user"
            )
        case "password":
            return f"{prefix}SECRET_ARN and {prefix}USER"
        case _:
            return f"{prefix}AUTH, which is 'none'"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    part: BaseException | None = error
    while part is not None and id(part) not in seen:
        seen.add(id(part))
        yield part
        part = part.__cause__ or part.__context__
