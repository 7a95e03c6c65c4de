"""What connect_async(library="glide") gives follows a failover and a reshard, with and without TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from elasticache_kit.cache import connect_async
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.model.environment import CacheEnvironment

pytestmark = pytest.mark.engine

KEYS = {f"key-{number}": str(number).encode() for number in range(60)}
PATIENCE_SECONDS, PAUSE_SECONDS = 20, 0.02


def shard(key: str, number: int, slots: str | None = None) -> NodeGroupPlan:
    """Plan a primary and a replica."""
    nodes = tuple(NodePlan(cache_cluster_id=f"{key}-{number:04}-{node:03}") for node in (1, 2))
    return NodeGroupPlan(node_group_id=f"{number:04}", nodes=nodes, slots=slots)


@pytest.fixture(params=[True, False], ids=["tls", "plain"])
def cluster(engines: Fleet, request: pytest.FixtureRequest) -> Iterator[tuple[str, CacheEnvironment]]:
    """Two shards, and what an application is told of them."""
    key, tls = "followed", bool(request.param)
    groups = (shard(key, 1, "0-8191"), shard(key, 2, "8192-16383"))
    engines.start_group(GroupPlan(key=key, node_groups=groups, cluster_mode=True, tls=tls))
    yield (
        key,
        CacheEnvironment(
            endpoint=engines.configuration_endpoint(key) or "",
            topology="cluster-mode-enabled",
            tls=tls,
            ca_file=str(engines.ca_file) if tls else None,
        ),
    )
    engines.stop_group(key)


def fail_over(engines: Fleet, key: str) -> None:
    """Lose a primary, promote its replica, and bring the lost node back."""
    engines.kill(key, f"{key}-0001-001")
    engines.promote(key, f"{key}-0001-002")
    engines.recover(key, f"{key}-0001-001")


async def written(client: Any) -> None:
    """Write all keys, each until it is acknowledged."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for key, value in KEYS.items():
            while True:
                try:
                    await client.set(key, value)
                    break
                except Exception:  # noqa: BLE001 - glide has many errors for a node that is gone
                    await asyncio.sleep(PAUSE_SECONDS)


async def read(client: Any) -> dict[str, bytes | None]:
    """Read all keys."""
    return {key: await client.get(key) for key in KEYS}


def test_a_client_follows_a_failover_and_a_reshard(engines: Fleet, cluster: tuple[str, CacheEnvironment]) -> None:
    """One client all the time: it writes and reads on, and finds every key where it has gone."""
    key, environment = cluster
    third = {"0001": "0-5000", "0002": "8192-16383", "0003": "5001-8191"}

    async def use() -> list[dict[str, bytes | None]]:
        client = await connect_async(environ=environment.to_env(), library="glide")
        await written(client)
        await asyncio.to_thread(fail_over, engines, key)
        await written(client)
        after = [await read(client)]
        await asyncio.to_thread(engines.reshard, key, third, new=[shard(key, 3)])
        after.append(await read(client))
        await written(client)
        await client.close()
        return after

    assert asyncio.run(use()) == [KEYS, KEYS]
