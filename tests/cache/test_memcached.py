"""Memcached clients from the environment, against real nodes behind a configuration endpoint."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.cache.memcached import connect, connect_async
from elasticache_kit.emulator.fleet import Fleet, MemcachedPlan
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import PATIENT

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster

# Both libraries leave connections to the garbage collector.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
KEYS = [f"key-{number}" for number in range(50)]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "tls"])
def cluster(
    request: pytest.FixtureRequest, memcached: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MemcachedCluster]:
    """Two nodes."""
    assert memcached
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet.start_memcached(MemcachedPlan(key="sessions", nodes=("0001", "0002"), threads=1, tls=request.param))
    fleet.stop()


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Let what the libraries leave go here, and not in another test, which would be told of it."""
    yield
    gc.collect()


@pytest.fixture
def environment(cluster: MemcachedCluster) -> CacheEnvironment:
    """What an application is told."""
    return CacheEnvironment(
        endpoint=cluster.configuration_endpoint,
        port=11211,
        engine="memcached",
        tls=cluster.plan.tls,
        ca_file=str(cluster.ca_file) if cluster.plan.tls else None,
    )


def test_a_client_discovers_the_nodes(environment: CacheEnvironment) -> None:
    """Keys are spread over both, and found again."""
    client = connect(environ=environment.to_env(), patience=PATIENT)
    for key in KEYS:
        client.set(key, key)
    assert [client.get(key) for key in KEYS] == [key.encode() for key in KEYS]
    assert len(client.clients) == 2
    client.close()


def test_asyncio_does_too(environment: CacheEnvironment) -> None:
    """The same with emcache."""
    if environment.tls:
        # It would take the certificate of any host.
        with pytest.raises(ValidationError, match="ELASTICACHE_KIT_CA_FILE"):
            asyncio.run(connect_async(environ=environment.to_env(), patience=PATIENT))
        return

    async def use() -> list[bytes]:
        client = await connect_async(environ=environment.to_env(), patience=PATIENT)
        for key in KEYS:
            await client.set(key.encode(), key.encode())
        found = [(await client.get(key.encode())).value for key in KEYS]
        await client.close()
        return found

    assert asyncio.run(use()) == [key.encode() for key in KEYS]


def test_both_clients_look_on_the_same_node(environment: CacheEnvironment) -> None:
    """What one has stored the other one deletes: else an invalidation would miss the value."""
    if environment.tls:
        return

    async def delete_all() -> None:
        emcache = await connect_async(environ=environment.to_env(), patience=PATIENT)
        for key in KEYS:
            await emcache.delete(key.encode())
        await emcache.close()

    client = connect(environ=environment.to_env(), patience=PATIENT)
    for key in KEYS:
        client.set(key, key, noreply=False)
    asyncio.run(delete_all())
    assert [client.get(key) for key in KEYS] == [None] * len(KEYS)
    client.close()


def test_an_endpoint_that_does_not_answer() -> None:
    """The error names the variables."""
    environ = CacheEnvironment(endpoint="127.0.0.1", port=9, engine="memcached", tls=False).to_env()
    with pytest.raises(ConnectionFailedError, match="ELASTICACHE_KIT_ENDPOINT"):
        connect(environ=environ)
    with pytest.raises(ConnectionFailedError, match="ELASTICACHE_KIT_ENDPOINT"):
        asyncio.run(connect_async(environ=environ))


def test_another_engine_is_refused() -> None:
    """Each engine has its own connect."""
    with pytest.raises(ValidationError, match=r"take elasticache_kit\.cache\.connect"):
        connect(environ={"ELASTICACHE_KIT_ENDPOINT": "h"})
