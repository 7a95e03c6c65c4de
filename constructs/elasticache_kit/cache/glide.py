"""Clients of valkey-glide, sync and async.

IAM tokens come from AWS's token manager, which signs a new one every five minutes and hands it to the client: those
that glide makes itself do not say that a cache is serverless.
"""

from __future__ import annotations

import asyncio
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.credential import credentials, missing, token_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.cache.client_request import ClientRequest
    from elasticache_kit.model.environment import CacheEnvironment

MILLISECONDS = 1000
FIRST_PAUSE_MILLISECONDS, EXPONENT, JITTER_PERCENT = 100, 2, 50


def open_client(request: ClientRequest) -> Any:
    """Return a client, connected."""
    try:
        import glide_sync as library  # noqa: PLC0415 - many megabytes
    except ImportError as error:
        raise missing("valkey-glide-sync", "glide", "library = 'glide'") from error
    kind: Any = library.GlideClusterClient if request.cluster else library.GlideClient
    tokens = _fresh_tokens(request)
    client = kind.create(_configuration(library, request, tokens))
    if tokens is not None:
        tokens.serve(client, lambda held, token: held.update_connection_password(token))
    return client


async def open_async_client(request: ClientRequest) -> Any:
    """Return a client of the event loop that runs, connected."""
    try:
        import glide as library  # noqa: PLC0415 - many megabytes
    except ImportError as error:
        raise missing("valkey-glide", "glide", "library = 'glide'") from error
    kind: Any = library.GlideClusterClient if request.cluster else library.GlideClient
    tokens = _fresh_tokens(request)
    client = await kind.create(_configuration(library, request, tokens))
    if tokens is not None:
        loop = asyncio.get_running_loop()
        tokens.serve(
            client,
            lambda held, token: asyncio.run_coroutine_threadsafe(held.update_connection_password(token), loop),
        )
    return client


def _configuration(library: Any, request: ClientRequest, tokens: FreshTokens | None) -> Any:
    environment, patience, cluster = request.environment, request.patience, request.cluster
    hosts = [environment.endpoint]
    if not cluster and request.read_from != "primary" and environment.reader_endpoint is not None:
        hosts.append(environment.reader_endpoint)
    trust = None
    if environment.ca_file is not None and environment.tls:
        trust = library.TlsAdvancedConfiguration(root_pem_cacerts=Path(environment.ca_file).read_bytes())
    advanced = library.AdvancedGlideClusterClientConfiguration if cluster else library.AdvancedGlideClientConfiguration
    given: dict[str, Any] = {
        "addresses": [library.NodeAddress(host, environment.port) for host in hosts],
        "use_tls": environment.tls,
        "credentials": _server_credentials(library, request, tokens),
        "read_from": {
            "primary": library.ReadFrom.PRIMARY,
            "replica": library.ReadFrom.PREFER_REPLICA,
            "az": library.ReadFrom.AZ_AFFINITY,
        }[request.read_from],
        "client_az": request.availability_zone,
        "request_timeout": round(patience.timeout * MILLISECONDS),
        "reconnect_strategy": library.BackoffStrategy(
            patience.retries, FIRST_PAUSE_MILLISECONDS, EXPONENT, JITTER_PERCENT
        ),
        "advanced_config": advanced(
            connection_timeout=round(patience.connect_timeout * MILLISECONDS), tls_config=trust
        ),
    }
    kind: Any = library.GlideClusterClientConfiguration if cluster else library.GlideClientConfiguration
    return kind(**{**given, **request.options})


def _server_credentials(library: Any, request: ClientRequest, tokens: FreshTokens | None) -> Any:
    if tokens is not None:
        return library.ServerCredentials(password=tokens.current(), username=request.environment.user)
    found = credentials(request.environment, request.prefix)
    if found is None:
        return None
    *user, password = found.get_credentials()
    return library.ServerCredentials(password=password, username=user[0] if user else None)


class FreshTokens:
    """IAM tokens for one client: signed every five minutes, and handed to the client for its next connection.

    Args:
        environment: whose user and cache they are for.
        prefix: what its variables begin with.
    """

    def __init__(self, environment: CacheEnvironment, prefix: str) -> None:
        # The same checks and errors as for the other libraries.
        credentials(environment, prefix)
        from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenManager  # noqa: PLC0415 - botocore is heavy

        self._send: Callable[[str], object] | None = None
        self._manager = ElastiCacheIAMAuthTokenManager(
            **token_arguments(environment, prefix), on_token_changed=self._changed
        )

    def current(self) -> str:
        """Return a token that is good for the next minutes."""
        return self._manager.get_token()

    def serve(self, client: object, send: Callable[[Any, str], object]) -> None:
        """Hand each new token to a client for as long as somebody holds it."""
        # Weakly: the timer of the manager must not keep a client alive that nobody has any more.
        held = weakref.ref(client)
        self._send = lambda token: None if (found := held()) is None else send(found, token)
        weakref.finalize(client, self._manager.close)

    def _changed(self, token: str) -> None:
        if self._send is not None:
            self._send(token)


def _fresh_tokens(request: ClientRequest) -> FreshTokens | None:
    return FreshTokens(request.environment, request.prefix) if request.environment.auth == "iam" else None
