"""What an application is told in an event loop, and over Memcached, when its settings are wrong."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from elasticache_kit.cache import AsyncLeasedCache, LeasedCache, Patience, Policy, connect, connect_async, memcached
from elasticache_kit.cache.connection import Driver
from elasticache_kit.emulator.fleet import Fleet, MemcachedPlan
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import ACCESS_KEY, SECRET_KEY

pytestmark = pytest.mark.engine

LIBRARIES: tuple[Driver, ...] = get_args(Driver)
ONCE = Patience(connect_timeout=5, timeout=5, retries=0)
OTHER_HOST = r"is for another host name\. Set ELASTICACHE_KIT_ENDPOINT"


@pytest.fixture(autouse=True)
def signer(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials that the engines' front knows."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


class PassOn(socketserver.ThreadingTCPServer):
    """Passes connections on to another place.

    Args:
        place: where to.
    """

    def __init__(self, place: tuple[str, int]) -> None:
        self.place = place
        super().__init__(("127.0.0.1", 0), _PassOn)


class _PassOn(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Pass bytes on in both directions until one side ends."""
        assert isinstance(self.server, PassOn)
        with socket.create_connection(self.server.place) as there, contextlib.suppress(OSError):
            ways = {self.request: there, there: self.request}
            while True:
                for side in select.select(list(ways), [], [])[0]:
                    if not (data := side.recv(65536)):
                        return
                    ways[side].sendall(data)


def connect_in_loop(environment: CacheEnvironment, library: Driver) -> None:
    """Connect in an event loop."""
    asyncio.run(connect_async(environ=environment.to_env(), library=library, patience=ONCE))


# Clients that could not connect are left to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_refused_token(secured: CacheEnvironment, library: Driver) -> None:
    """Whatever words the library has for it."""
    with pytest.raises(ConnectionFailedError, match="refused the sign-in of bert with an IAM token"):
        connect_in_loop(replace(secured, user="bert"), library)
    gc.collect()


@pytest.fixture
def renamed(secured: CacheEnvironment) -> Iterator[CacheEnvironment]:
    """The same node under a name that is not in its certificate."""
    with PassOn((secured.endpoint, secured.port)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield replace(secured, endpoint="localhost", port=server.server_address[1])
        server.shutdown()
        thread.join()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_certificate_for_another_host(renamed: CacheEnvironment, library: Driver) -> None:
    """Refused in an event loop; what a client of glide says about it is explained, too."""
    with pytest.raises(ConnectionFailedError, match=OTHER_HOST):
        connect_in_loop(renamed, library)
    gc.collect()


def test_glide_refuses_it_without_a_loop(renamed: CacheEnvironment) -> None:
    """The same."""
    with pytest.raises(ConnectionFailedError, match=OTHER_HOST):
        connect(environ=renamed.to_env(), library="glide", patience=ONCE)


@pytest.mark.parametrize("kind", [LeasedCache, AsyncLeasedCache])
@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "ELASTICACHE_KIT_ENDPOINT is not set"),
        ({"ENDPOINT": "h", "PORT": "many"}, "PORT = 'many'"),
        ({"ENDPOINT": "h", "AUTH": "iam"}, "needs ELASTICACHE_KIT_USER"),
        ({"ENDPOINT": "h", "AUTH": "password"}, "needs ELASTICACHE_KIT_SECRET_ARN"),
    ],
)
def test_a_wrong_environment_ends_an_application_at_once(kind: Any, environ: dict[str, str], says: str) -> None:
    """A cache over it is not made; nothing is a miss that is a mistake, and nothing falls back to localhost."""
    with pytest.raises(ValidationError, match=says):
        kind.from_env(Policy(prefix="t"), environ={f"ELASTICACHE_KIT_{name}": text for name, text in environ.items()})


@pytest.fixture(scope="module")
def nodes(memcached: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CacheEnvironment]:
    """A node of Memcached behind TLS."""
    assert memcached
    fleet = Fleet(tmp_path_factory.mktemp("nodes"))
    cluster = fleet.start_memcached(MemcachedPlan(key="refusing", nodes=("0001",), threads=1, tls=True))
    yield CacheEnvironment(
        endpoint=cluster.configuration_endpoint, port=11211, engine="memcached", ca_file=str(cluster.ca_file)
    )
    fleet.stop()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("change", [{"tls": False, "ca_file": None}, {"ca_file": None}])
def test_memcached_with_wrong_trust(nodes: CacheEnvironment, change: dict[str, Any]) -> None:
    """One error that names the variables, in both flavours."""
    environ = replace(nodes, **change).to_env()
    with pytest.raises(ConnectionFailedError, match="ELASTICACHE_KIT_TLS"):
        memcached.connect(environ=environ, patience=ONCE)
    with pytest.raises(ConnectionFailedError, match="ELASTICACHE_KIT_TLS"):
        asyncio.run(memcached.connect_async(environ=environ, patience=ONCE))
    gc.collect()
