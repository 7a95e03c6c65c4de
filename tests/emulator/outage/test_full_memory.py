"""A group whose memory is full does what its policy says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from valkey.exceptions import OutOfMemoryError

from tests.emulator.outage.member import primary_of, whole

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

VALUE = "x" * 100_000


@pytest.fixture
def policy(api: Any) -> Callable[[str], None]:
    """Give what changes the policy of the group."""

    def change(value: str) -> None:
        name = "full-memory"
        known = api.describe_cache_parameter_groups()["CacheParameterGroups"]
        if name not in [item["CacheParameterGroupName"] for item in known]:
            api.create_cache_parameter_group(
                CacheParameterGroupName=name, CacheParameterGroupFamily="valkey8", Description="d"
            )
            api.modify_replication_group(
                ReplicationGroupId="orders", CacheParameterGroupName=name, ApplyImmediately=True
            )
        api.modify_cache_parameter_group(
            CacheParameterGroupName=name,
            ParameterNameValues=[{"ParameterName": "maxmemory-policy", "ParameterValue": value}],
        )
        whole(api)

    return change


def test_a_write_is_refused_without_anything_to_evict(
    api: Any, ask: Asking, end: Ending, policy: Callable[[str], None], connect: Callable[..., Any]
) -> None:
    """OOM in the engine's own words; reads go on, and so do writes after the fault, and those of the next primary."""
    policy("noeviction")
    client = connect()
    client.set("key", VALUE)
    limit = client.info("memory")["maxmemory"]
    begun = ask("full-memory", ReplicationGroupId="orders")
    with pytest.raises(OutOfMemoryError, match="used memory > 'maxmemory'"):
        client.set("more", VALUE)
    assert client.get("key") == VALUE
    ask("kill", CacheClusterId=primary_of(api))
    whole(api)
    with pytest.raises(OutOfMemoryError):
        connect().set("more", VALUE)
    end(begun)

    assert connect().set("more", VALUE)
    assert connect().info("memory")["maxmemory"] == limit


def test_keys_are_evicted_where_the_policy_says_so(
    ask: Asking, policy: Callable[[str], None], connect: Callable[..., Any]
) -> None:
    """Each write succeeds, at the cost of older ones."""
    policy("allkeys-lru")
    client = connect()
    for number in range(10):
        client.set(f"old-{number}", VALUE)
    ask("full-memory", ReplicationGroupId="orders")
    for number in range(10):
        client.set(f"new-{number}", VALUE)

    assert client.info("stats")["evicted_keys"] > 0
    assert client.exists("new-9") == 1
