"""Clients that nobody here wrote, each set up the way its own documentation and AWS's say.

TLS: the certificate and the host name or address in it are verified by every client whose library can. IAM: the token
provider of AWS's developer toolkit, https://pypi.org/project/developer-toolkit-elasticache/, where the client takes
one; valkey-glide signs its tokens itself.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import certifi
import glide
import glide_sync
import redis
import redis.cluster
import valkey
import valkey.cluster
from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenProvider
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry

from tests.emulator.client.account import REGION, Credentials, Place

# A busy machine is no broken one: valkey-glide gives up after 250 ms by default.
PATIENCE_SECONDS = 60
# AWS: two seconds for an answer. A client that was sent to a dead end must not wait for long.
ANSWER_SECONDS = 3
TIME_LIMIT_SECONDS = 120


class Stock(Protocol):
    """What all of them do alike."""

    def set(self, key: str, value: str) -> object:
        """Write a key."""
        ...

    def get(self, key: str) -> str | None:
        """Read a key."""
        ...


Connect = Callable[[Place, Credentials, ExitStack], Stock]


def provider(place: Place, credentials: Credentials) -> ElastiCacheIAMAuthTokenProvider:
    """Give AWS's maker of tokens for a cache."""
    assert credentials.user is not None
    return ElastiCacheIAMAuthTokenProvider(
        serverless_cache_name=place.cache_name if place.serverless else None,
        replication_group_id=None if place.serverless else place.cache_name,
        user_id=credentials.user,
        region=REGION,
    )


class _Py:
    """valkey-py or redis-py, which have the same settings."""

    def __init__(self, library: Any, place: Place, credentials: Credentials, options: dict[str, Any]) -> None:
        settings: dict[str, Any] = {
            "host": place.host,
            "port": place.port,
            "decode_responses": True,
            "socket_timeout": ANSWER_SECONDS,
            **options,
        }
        if place.ca_file:
            settings |= {"ssl": True, "ssl_ca_certs": str(place.ca_file), "ssl_check_hostname": True}
        if credentials.iam:
            tokens = provider(place, credentials)

            class Source(library.source):
                def get_credentials(self) -> tuple[str, str]:
                    return tokens.user_id, tokens.get_token()

            settings["credential_provider"] = Source()
        else:
            settings |= {"username": credentials.user, "password": credentials.password}
        self.client = (library.cluster if place.cluster else library.single)(**settings)

    def set(self, key: str, value: str) -> object:
        return self.client.set(key, value)

    def get(self, key: str) -> str | None:
        return self.client.get(key)


@dataclass(frozen=True, slots=True)
class _Library:
    single: Any
    cluster: Any
    source: Any


_VALKEY = _Library(valkey.Valkey, valkey.cluster.ValkeyCluster, valkey.CredentialProvider)
_REDIS = _Library(redis.Redis, redis.cluster.RedisCluster, redis.CredentialProvider)


def valkey_py(place: Place, credentials: Credentials, cleanup: ExitStack, **options: Any) -> Stock:
    """Connect with valkey-py."""
    made = _Py(_VALKEY, place, credentials, options)
    cleanup.callback(made.client.close)
    return made


def redis_py(place: Place, credentials: Credentials, cleanup: ExitStack, **options: Any) -> Stock:
    """Connect with redis-py; AWS: exponential backoff with jitter, and an end to it."""
    patience = {"retry": Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.5), 3)}
    made = _Py(_REDIS, place, credentials, patience | options)
    cleanup.callback(made.client.close)
    return made


class _Glide:
    def __init__(self, client: Any) -> None:
        self.client = client

    def set(self, key: str, value: str) -> object:
        return self.client.set(key, value)

    def get(self, key: str) -> str | None:
        found: bytes | None = self.client.get(key)
        return None if found is None else found.decode()


class _AsyncGlide:
    """The client for asyncio, in a loop that runs all the time in a thread of its own, as a service's does."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.client: Any = None

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run in the loop and give the result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIME_LIMIT_SECONDS)

    def close(self) -> None:
        """End client and loop."""
        if self.client is not None:
            self.run(self.client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def set(self, key: str, value: str) -> object:
        return self.run(self.client.set(key, value))

    def get(self, key: str) -> str | None:
        found: bytes | None = self.run(self.client.get(key))
        return None if found is None else found.decode()


def valkey_glide(place: Place, credentials: Credentials, cleanup: ExitStack, **options: Any) -> Stock:
    """Connect with valkey-glide-sync."""
    kind = glide_sync.GlideClusterClient if place.cluster else glide_sync.GlideClient
    client = kind.create(_glide_configuration(place, credentials, options))
    cleanup.callback(client.close)
    return _Glide(client)


def valkey_glide_async(place: Place, credentials: Credentials, cleanup: ExitStack, **options: Any) -> Stock:
    """Connect with valkey-glide, whose client is for asyncio."""
    made = _AsyncGlide()
    cleanup.callback(made.close)
    kind = glide.GlideClusterClient if place.cluster else glide.GlideClient
    made.client = made.run(kind.create(_glide_configuration(place, credentials, options)))
    return made


def _glide_configuration(place: Place, credentials: Credentials, options: dict[str, Any]) -> Any:
    authority = place.ca_file.read_bytes() if place.ca_file else None
    trusted = glide.TlsAdvancedConfiguration(root_pem_cacerts=authority)
    if credentials.iam and place.serverless:
        # Its own tokens do not say ResourceType=ServerlessCache, see valkey-glide issue 5248.
        signing = glide.ServerCredentials(provider(place, credentials).get_token(), credentials.user)
    elif credentials.iam:
        iam = glide.IamAuthConfig(place.cache_name, glide.ServiceType.ELASTICACHE, REGION)
        signing = glide.ServerCredentials(username=credentials.user, iam_config=iam)
    elif credentials.password:
        signing = glide.ServerCredentials(password=credentials.password, username=credentials.user)
    else:
        signing = None
    settings: dict[str, Any] = {
        "addresses": [glide.NodeAddress(place.host, place.port)],
        "use_tls": place.ca_file is not None,
        "credentials": signing,
        "request_timeout": PATIENCE_SECONDS * 1000,
        "reconnect_strategy": glide.BackoffStrategy(num_of_retries=2, factor=50, exponent_base=2),
        **options,
    }
    advanced: dict[str, Any] = {"connection_timeout": PATIENCE_SECONDS * 1000}
    if authority:
        advanced["tls_config"] = trusted
    if place.cluster:
        settings["advanced_config"] = glide.AdvancedGlideClusterClientConfiguration(**advanced)
        return glide.GlideClusterClientConfiguration(**settings)
    settings["read_only"] = place.reader
    settings["advanced_config"] = glide.AdvancedGlideClientConfiguration(**advanced)
    return glide.GlideClientConfiguration(**settings)


class _Cli:
    def __init__(self, place: Place, credentials: Credentials) -> None:
        self._words = ["redis-cli", "-h", place.host, "-p", str(place.port), "--no-auth-warning"]
        if place.ca_file:
            self._words += ["--tls", "--cacert", str(place.ca_file)]
        if place.cluster:
            self._words.append("-c")
        if credentials.user:
            self._words += ["--user", credentials.user]
        password = provider(place, credentials).get_token() if credentials.iam else credentials.password
        # Not an argument, which everybody on the machine could read.
        self._environment = {**os.environ, **({"REDISCLI_AUTH": password} if password else {})}

    def set(self, key: str, value: str) -> object:
        return self._run("SET", key, value)

    def get(self, key: str) -> str | None:
        return self._run("GET", key) or None

    def _run(self, *words: str) -> str:
        run = subprocess.run(
            [*self._words, *words], env=self._environment, capture_output=True, text=True,
            timeout=TIME_LIMIT_SECONDS, check=False,
        )  # fmt: skip
        said = run.stdout.strip()
        if run.returncode or run.stderr or said.startswith(("ERR", "NOAUTH", "NOPERM", "WRONGPASS", "READONLY")):
            raise ConnectionError(run.stderr.strip() or said)
        return said


def redis_cli(place: Place, credentials: Credentials, cleanup: ExitStack) -> Stock:
    """Call redis-cli for each command."""
    del cleanup
    return _Cli(place, credentials)


CLIENTS: dict[str, Connect] = {
    "valkey-py": valkey_py,
    "redis-py": redis_py,
    "valkey-glide-sync": valkey_glide,
    "valkey-glide": valkey_glide_async,
    "redis-cli": redis_cli,
}
# Authorities of the web, none of which is the emulator's.
OTHER_AUTHORITIES = Path(certifi.where())
HAS_REDIS_CLI = shutil.which("redis-cli") is not None
