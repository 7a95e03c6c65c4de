"""A serverless cache is a cluster with TLS behind one endpoint; Memcached is a process."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from pymemcache.client.base import Client as Memcache
from valkey.cluster import ValkeyCluster
from valkey.exceptions import ValkeyClusterException

from elasticache_kit.emulator.fleet.memcached import binary as memcached_binary
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.errors import MissingToolError
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.test_iam_token import token
from tests.emulator.wire import client_of, until

pytestmark = pytest.mark.engine

KEY = "123456789012/serverless-cache/eu-west-1"
SHARDS = 3
KEYS = {f"key:{number}": str(number) for number in range(300)}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator for the module."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        yield running


@pytest.fixture
def api(emulator: Emulator) -> Any:
    """Give the API."""
    return client_of(emulator.endpoint_url)("elasticache")


def shown(api: Any, name: str) -> dict[str, Any]:
    """Wait until a cache is available and describe it."""
    return until(
        lambda: api.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"][0],
        lambda cache: cache["Status"] == "available",
    )


def connect(emulator: Emulator, endpoint: dict[str, Any], **credentials: Any) -> Any:
    """Connect with a stock cluster client."""
    assert emulator.fleet is not None
    return ValkeyCluster(
        host=endpoint["Address"], port=endpoint["Port"], ssl=True, ssl_ca_certs=str(emulator.fleet.ca_file),
        decode_responses=True, **credentials,
    )  # fmt: skip


def test_a_cache_grows_with_its_limit_and_comes_back_from_a_snapshot(emulator: Emulator, api: Any) -> None:
    """Two shards, three with a limit of a thousand gigabytes; no key is lost, and a snapshot holds them all."""
    api.create_serverless_cache(ServerlessCacheName="cart", Engine="valkey")
    cache = shown(api, "cart")
    assert cache["ReaderEndpoint"] == cache["Endpoint"]
    assert emulator.fleet is not None
    with connect(emulator, cache["Endpoint"]) as client:
        client.mset_nonatomic(KEYS)
        before = len(client.get_primaries())
        api.modify_serverless_cache(
            ServerlessCacheName="cart", CacheUsageLimits={"DataStorage": {"Maximum": 1000, "Unit": "GB"}}
        )
        shown(api, "cart")
        client.nodes_manager.initialize()
        assert (before, len(client.get_primaries())) == (2, SHARDS)
        assert client.mget_nonatomic(list(KEYS)) == list(KEYS.values())

    api.create_serverless_cache_snapshot(ServerlessCacheName="cart", ServerlessCacheSnapshotName="kept")
    (taken,) = until(
        lambda: api.describe_serverless_cache_snapshots(ServerlessCacheSnapshotName="kept")["ServerlessCacheSnapshots"],
        lambda found: found[0]["Status"] == "available",
    )
    api.create_serverless_cache(ServerlessCacheName="again", Engine="valkey", SnapshotArnsToRestore=[taken["ARN"]])
    shown(api, "again")

    assert digest(emulator.fleet, f"{KEY}/again") == digest(emulator.fleet, f"{KEY}/cart")
    store = client_of(emulator.endpoint_url)("s3")
    store.create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    api.export_serverless_cache_snapshot(ServerlessCacheSnapshotName="kept", S3BucketName="exports")
    exported = until(
        lambda: store.list_objects_v2(Bucket="exports").get("Contents", []), lambda found: len(found) == SHARDS
    )
    assert [item["Key"] for item in exported] == ["kept-0001.rdb", "kept-0002.rdb", "kept-0003.rdb"]
    for name in ("cart", "again"):
        shown(api, name)
        api.delete_serverless_cache(ServerlessCacheName=name)
    until(lambda: api.describe_serverless_caches()["ServerlessCaches"], lambda left: left == [])


def test_users_sign_in_with_tokens_made_for_a_serverless_cache(emulator: Emulator, api: Any) -> None:
    """A token for a replication group of the same name opens nothing; another user group changes who gets in."""
    api.create_user(
        UserId="robot", UserName="robot", Engine="valkey", AccessString="on ~* +@all",
        AuthenticationMode={"Type": "iam"},
    )  # fmt: skip
    api.create_user_group(UserGroupId="team", Engine="valkey", UserIds=["robot"])
    api.create_serverless_cache(ServerlessCacheName="orders", Engine="valkey", UserGroupId="team")
    endpoint = shown(api, "orders")["Endpoint"]

    good = token("robot", serverless=True)
    with connect(emulator, endpoint, username="robot", password=good) as client:
        assert client.set("key", "value")
    with pytest.raises(ValkeyClusterException, match="invalid username-password pair"):
        connect(emulator, endpoint, username="robot", password=token("robot"))
    api.modify_serverless_cache(ServerlessCacheName="orders", RemoveUserGroup=True)
    shown(api, "orders")
    with connect(emulator, endpoint) as client:
        assert client.get("key") == "value"


def test_memcached_answers_over_tls(emulator: Emulator, api: Any) -> None:
    """Its endpoint takes what a node takes; snapshots, which would be empty, are refused."""
    try:
        memcached_binary.find()
    except MissingToolError as missing:
        pytest.skip(str(missing))
    assert emulator.fleet is not None
    api.create_serverless_cache(ServerlessCacheName="pages", Engine="memcached")
    endpoint = shown(api, "pages")["Endpoint"]
    context = ssl.create_default_context(cafile=str(emulator.fleet.ca_file))
    client: Any = Memcache((endpoint["Address"], endpoint["Port"]), tls_context=context)
    client.set("key", "value")
    assert client.get("key") == b"value"
    client.close()
    with pytest.raises(api.exceptions.InvalidParameterCombinationException, match="with engines this is not"):
        api.create_serverless_cache_snapshot(ServerlessCacheName="pages", ServerlessCacheSnapshotName="empty")
