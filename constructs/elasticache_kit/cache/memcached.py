"""Memcached clients that discover the nodes through the configuration endpoint, as the environment describes it.

    client = connect()                    # django-elastipymemcache: pymemcache with AWS's discovery
    client = await connect_async()        # emcache

Both follow nodes that are added and removed.
See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html
"""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.credential import missing
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.environment import PREFIX, CacheEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 2.0
DISCOVERY_SECONDS = 60.0


def connect(
    *,
    environ: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
    discovery_interval: float = DISCOVERY_SECONDS,
    **options: Any,
) -> Any:
    """Return an AWSElastiCacheClient of django-elastipymemcache; Django itself need not be set up.

    Args:
        environ: the variables. Default: those of the process.
        prefix: what they begin with. Default: ELASTICACHE_KIT_.
        discovery_interval: seconds between two looks at the configuration endpoint. Default: 60.
        options: further options of the client, which override these.

    Raises:
        ValidationError: the environment is wrong, or describes no Memcached.
        ConnectionFailedError: the configuration endpoint does not answer.
        MissingToolError: the library is not installed.
    """
    environment = _memcached(environ, prefix)
    try:
        from django_elastipymemcache.client import AWSElastiCacheClient  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing("django-elastipymemcache", "memcached", f"{prefix}ENGINE = 'memcached'") from error
    given: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "timeout": ANSWER_SECONDS,
        "use_pooling": True,
        # By name: a certificate is for the name of a node, not for its address.
        "use_vpc_ip_address": not environment.tls,
        "discovery_interval": discovery_interval,
        "tls_context": _trust(environment),
    }
    place = f"{environment.endpoint}:{environment.port}"
    client: Any = AWSElastiCacheClient
    try:
        made = client(place, **{**given, **options})
    except (OSError, ValueError) as error:
        raise _unreachable(place, prefix, f"{type(error).__name__}: {error}") from error
    if not made.clients:
        # It writes to its log why, and goes on without nodes.
        raise _unreachable(place, prefix, "no node was discovered, see the log of django_elastipymemcache")
    return made


async def connect_async(
    *,
    environ: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
    discovery_interval: float = DISCOVERY_SECONDS,
    **options: Any,
) -> Any:
    """Return a client of emcache for the event loop that runs; see `connect`.

    Raises:
        ValidationError: also where there is a CA file, with which emcache does not verify the names of hosts.
    """
    environment = _memcached(environ, prefix)
    if environment.tls and environment.ca_file is not None:
        raise ValidationError(
            f"{prefix}CA_FILE = {environment.ca_file!r}: with a CA file emcache takes a certificate of any host. Take "
            "connect, or leave it out where the authorities of the system sign, as on AWS"
        )
    try:
        import emcache  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing("emcache", "memcached", f"{prefix}ENGINE = 'memcached'") from error
    given: dict[str, Any] = {
        "connection_timeout": CONNECT_SECONDS,
        "timeout": ANSWER_SECONDS,
        "autodiscovery": True,
        "autodiscovery_poll_interval": discovery_interval,
        "ssl": environment.tls,
        "ssl_verify": True,
    }
    address = emcache.MemcachedHostAddress(environment.endpoint, environment.port)
    make: Any = emcache.create_client
    try:
        # emcache itself goes on without nodes where this one does not answer.
        opened = asyncio.open_connection(environment.endpoint, environment.port, ssl=_trust(environment))
        _, writer = await asyncio.wait_for(opened, CONNECT_SECONDS)
        writer.close()
        return await make([address], **{**given, **options})
    except (OSError, ValueError, TimeoutError) as error:
        raise _unreachable(
            f"{environment.endpoint}:{environment.port}", prefix, f"{type(error).__name__}: {error}"
        ) from error


def _memcached(environ: Mapping[str, str] | None, prefix: str) -> CacheEnvironment:
    environment = CacheEnvironment.from_env(os.environ if environ is None else environ, prefix)
    if environment.engine != "memcached":
        raise ValidationError(
            f"{prefix}ENGINE = {environment.engine!r}: take elasticache_kit.cache.connect; this one speaks to memcached"
        )
    return environment


def _trust(environment: CacheEnvironment) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=environment.ca_file) if environment.tls else None


def _unreachable(place: str, prefix: str, said: str) -> ConnectionFailedError:
    return ConnectionFailedError(
        f"the configuration endpoint {place} does not answer. Look at {prefix}ENDPOINT, {prefix}PORT and {prefix}TLS, "
        f"and whether the security group of the cache lets this client in. The client said: {said}"
    )
