"""Clients of valkey-py and redis-py, which differ in names only."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.credential import credentials, missing

if TYPE_CHECKING:
    from elasticache_kit.cache.client_request import ClientRequest, Patience
    from elasticache_kit.model.environment import CacheEnvironment

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
_NAMES = {"valkey": ("Valkey", "ValkeyCluster"), "redis": ("Redis", "RedisCluster")}


def open_client(request: ClientRequest) -> Any:
    """Return a client, which in cluster mode has asked for the slots already."""
    return _open(request, "")


def open_async_client(request: ClientRequest) -> Any:
    """Return a client for asyncio, which connects with its first command."""
    return _open(request, ".asyncio")


def _open(request: ClientRequest, flavour: str) -> Any:
    environment, patience, library = request.environment, request.patience, request.library
    given: dict[str, Any] = {
        "host": environment.endpoint,
        "port": environment.port,
        "socket_connect_timeout": patience.connect_timeout,
        "socket_timeout": patience.timeout,
        "retry": _retry(f"{library}{flavour}.retry", library, patience),
        **_trust(environment),
    }
    if (signs_in := credentials(environment, request.prefix)) is not None:
        given["credential_provider"] = signs_in
    if request.cluster:
        # The configuration endpoint leads to a node that lives. The nodes that it found in place of that valkey-py
        # forgets one by one as they fail, and then it never finds the cluster again.
        given["dynamic_startup_nodes"] = False
        if request.read_from == "replica":
            given |= _spread(library)
        if library == "valkey":
            # redis-py takes it from `retry`.
            given["cluster_error_retry_attempts"] = patience.retries
    elif request.read_from == "replica":
        given["host"] = environment.reader_endpoint
    single, sharded = _NAMES[library]
    if request.cluster:
        kind = getattr(_imported(f"{library}{flavour}.cluster", library), sharded)
    else:
        kind = getattr(_imported(f"{library}{flavour or '.client'}", library), single)
    return kind(**{**given, **request.options})


def _spread(library: str) -> dict[str, Any]:
    if library == "valkey":
        return {"read_from_replicas": True}
    return {"load_balancing_strategy": _imported("redis.cluster", library).LoadBalancingStrategy.ROUND_ROBIN}


def _trust(environment: CacheEnvironment) -> dict[str, Any]:
    if not environment.tls:
        return {}
    return {
        "ssl": True,
        "ssl_cert_reqs": "required",
        "ssl_check_hostname": True,
        **({"ssl_ca_certs": environment.ca_file} if environment.ca_file else {}),
    }


def _retry(module: str, library: str, patience: Patience) -> Any:
    backoff = _imported(f"{library}.backoff", library).EqualJitterBackoff(cap=LONGEST_PAUSE, base=FIRST_PAUSE)
    return _imported(module, library).Retry(backoff, patience.retries)


def _imported(module: str, library: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing(library, "redis" if library == "redis" else "cache", f"library = {library!r}") from error
