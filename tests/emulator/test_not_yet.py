"""With engines on, what no engine does is refused by name, and nothing is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, client_of, make_group, make_subnet_group, make_subnets

pytestmark = pytest.mark.engine

CLUSTER = {"CacheClusterId": "c", "Engine": "memcached", "CacheNodeType": "cache.t4g.small", "NumCacheNodes": 1}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Clients of an emulator that would start engines, and is never brought to do it here."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as emulator:
        made = client_of(emulator.endpoint_url)
        make_subnet_group(made, make_subnets(made, "abc"))
        yield made


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"NetworkType": "dual_stack", "CacheNodeType": "cache.m7g.large"}, "NetworkType"),
    ],
)
def test_a_group_with_what_engines_do_not_do(client: Client, asked: dict[str, Any], named: str) -> None:
    """An address that nobody reaches would be a lie."""
    with pytest.raises(ClientError, match=f"{named}: with engines this is not implemented"):
        make_group(client, **asked)

    assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("create_cache_cluster", {**CLUSTER, "NetworkType": "dual_stack"}),
        ("create_serverless_cache", {"ServerlessCacheName": "s", "Engine": "valkey", "NetworkType": "dual_stack"}),
    ],
)
def test_a_cache_without_an_engine(client: Client, operation: str, request_: dict[str, Any]) -> None:
    """An endpoint that leads nowhere would be one too, where all others lead somewhere."""
    api = client("elasticache")
    with pytest.raises(ClientError, match="with engines this is not implemented"):
        getattr(api, operation)(**request_)

    assert api.describe_cache_clusters()["CacheClusters"] == []
    assert api.describe_serverless_caches()["ServerlessCaches"] == []
