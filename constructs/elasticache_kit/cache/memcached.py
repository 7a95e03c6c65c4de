"""Memcached clients that discover the nodes through the configuration endpoint, as the environment describes it.

    client = connect()                    # django-elastipymemcache: pymemcache with AWS's discovery
    client = await connect_async()        # emcache

Both follow nodes that are added and removed, and look for a key on the same node.
See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html
"""

from __future__ import annotations

import asyncio
import importlib
import os
import ssl
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.client_request import Patience
from elasticache_kit.cache.credential import missing
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.environment import PREFIX, CacheEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = Patience(connect_timeout=1.0, timeout=2.0, retries=2)
DISCOVERY_SECONDS = 60.0


class NodeOfKey:
    """Chooses the node of a key as emcache does: what one client has stored, the other one finds and deletes."""

    def __init__(self) -> None:
        # Its own function, for nobody else has the same one.
        from emcache._cython import cyemcache  # noqa: PLC0415 - see above

        self._library: Any = cyemcache
        self._nodes: dict[str, Any] = {}

    def add_node(self, node: str) -> None:
        """Add a node, `host:port`."""
        host, _, port = node.rpartition(":")
        self._nodes[node] = self._library.RendezvousNode(f"{host}{port}", node)

    def remove_node(self, node: str) -> None:
        """Remove a node."""
        self._nodes.pop(node, None)

    def get_node(self, key: str | bytes) -> str | None:
        """Return the node of a key; None where there is no node."""
        nodes = list(self._nodes.values())
        return self._library.node_selection(key.encode() if isinstance(key, str) else key, nodes) if nodes else None


def connect(
    *,
    environ: Mapping[str, str] | None = None,
    prefix: str = PREFIX,
    discovery_interval: float = DISCOVERY_SECONDS,
    patience: Patience = PATIENCE,
    **options: Any,
) -> Any:
    """Return an AWSElastiCacheClient of django-elastipymemcache; Django itself need not be set up.

    Args:
        environ: the variables. Default: those of the process.
        prefix: what they begin with. Default: ELASTICACHE_KIT_.
        discovery_interval: seconds between two looks at the configuration endpoint. Default: 60.
        patience: timeouts, and retries where the library has some. Default: a second, two seconds, and two.
        options: further options of the client, which override these.

    Raises:
        ValidationError: the environment is wrong, or describes no Memcached.
        ConnectionFailedError: the configuration endpoint does not answer.
        MissingToolError: the library is not installed.
    """
    environment = _memcached(environ, prefix)
    try:
        importlib.import_module("emcache")  # see NodeOfKey
        from django_elastipymemcache.client import AWSElastiCacheClient  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise missing("django-elastipymemcache", "memcached", f"{prefix}ENGINE = 'memcached'") from error
    given: dict[str, Any] = {
        "connect_timeout": patience.connect_timeout,
        "timeout": patience.timeout,
        "retry_attempts": max(1, patience.retries),
        "use_pooling": True,
        # By name: a certificate is for the name of a node, not for its address, and emcache knows them by name.
        "use_vpc_ip_address": False,
        "hasher": NodeOfKey,
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
    patience: Patience = PATIENCE,
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
        "connection_timeout": patience.connect_timeout,
        "timeout": patience.timeout,
        "autodiscovery": True,
        "autodiscovery_poll_interval": discovery_interval,
        "ssl": environment.tls,
        "ssl_verify": True,
    }
    address = emcache.MemcachedHostAddress(environment.endpoint, environment.port)
    make: Any = emcache.create_client
    try:
        # emcache itself goes on without nodes where this one does not answer.
        await asyncio.wait_for(_greet(environment), patience.connect_timeout)
        return await make([address], **{**given, **options})
    except (OSError, ValueError, TimeoutError) as error:
        raise _unreachable(
            f"{environment.endpoint}:{environment.port}", prefix, f"{type(error).__name__}: {error}"
        ) from error


async def _greet(environment: CacheEnvironment) -> None:
    reader, writer = await asyncio.open_connection(environment.endpoint, environment.port, ssl=_trust(environment))
    try:
        writer.write(b"version\r\n")
        if not (said := await reader.readline()).startswith(b"VERSION"):
            raise ConnectionResetError(f"it is no memcached, or one with TLS: {said!r}")
    finally:
        writer.close()


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
