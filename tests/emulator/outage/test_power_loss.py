"""A durable group whose nodes all lose their power."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine

DURABLE: dict[str, Any] = {
    "EngineVersion": "9.0",
    "CacheNodeType": "cache.r7g.large",
    "NumCacheClusters": None,
    "NumNodeGroups": 1,
    "ReplicasPerNodeGroup": 1,
    "CacheParameterGroupName": "default.valkey9.cluster.on",
    "Durability": "sync",
}


def test_a_durable_group_comes_back_with_what_it_had(tmp_path: Path) -> None:
    """Its nodes are failed until the fault ends; the change to `disabled` takes the promise back."""
    with Emulator(tmp_path, timing=INSTANT) as emulator:
        client = client_of(emulator.endpoint_url)
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, **DURABLE)
        api = client("elasticache")
        described = available(api)
        endpoint = described["ConfigurationEndpoint"]

        def statuses() -> set[str]:
            return {item["CacheClusterStatus"] for item in api.describe_cache_clusters()["CacheClusters"]}

        def connected() -> Any:
            assert emulator.fleet is not None
            secured: dict[str, Any] = {"ssl": True, "ssl_ca_certs": str(emulator.fleet.ca_file)}
            return ValkeyCluster(host=endpoint["Address"], port=endpoint["Port"], decode_responses=True, **secured)

        def lose_power() -> set[str]:
            outage = emulator.outages.begin(
                {"kind": "power-loss", "Region": "eu-west-1", "ReplicationGroupId": "orders"}
            )
            during = statuses()
            emulator.outages.end(outage.outage_id)
            until(statuses, lambda seen: seen == {"available"})
            return during

        with connected() as writer:
            writer.set("key", "value")
        during = lose_power()
        with connected() as reader:
            kept = reader.get("key")
        api.modify_replication_group(ReplicationGroupId="orders", Durability="disabled", ApplyImmediately=True)
        changed = available(api)
        lose_power()
        with connected() as reader:
            gone = reader.get("key")

    assert (described["Durability"], described["EffectiveDurability"]) == ("sync", "sync")
    assert (changed["Durability"], changed["EffectiveDurability"]) == ("disabled", "disabled")
    assert (during, kept, gone) == ({"failed"}, "value", None)
