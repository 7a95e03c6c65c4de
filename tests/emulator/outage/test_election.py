"""A primary that is silent for so long that the engines of its cluster elect another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.prove]

SHARDS = {
    "NumCacheClusters": None,
    "NumNodeGroups": 3,
    "ReplicasPerNodeGroup": 1,
    "CacheParameterGroupName": "default.valkey8.cluster.on",
    "TransitEncryptionEnabled": False,
}
PATIENCE_SECONDS = 60


def test_the_account_follows_an_election_of_the_engines(tmp_path: Path) -> None:
    """The node that hung is a replica then, events tell of the failover, and a next one goes on from there."""
    with Emulator(tmp_path, timing=INSTANT) as emulator:
        client = client_of(emulator.endpoint_url)
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, **SHARDS)
        api = client("elasticache")
        available(api)
        fleet = emulator.fleet
        assert fleet is not None
        key = f"{emulator.account_id}/eu-west-1/orders"

        def events() -> list[str]:
            return [item["Message"] for item in api.describe_events(Duration=60)["Events"]]

        order = {"kind": "pause", "Region": "eu-west-1", "CacheClusterId": "orders-0001-001"}
        begun = emulator.outages.begin(order)
        until(lambda: fleet.roles(key)["orders-0001-002"], lambda role: role == "primary", PATIENCE_SECONDS)
        emulator.outages.end(begun.outage_id)
        told = "Failover from primary node orders-0001-001 to replica node orders-0001-002 completed"
        until(events, lambda found: told in found, PATIENCE_SECONDS)
        api.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
        back = "Failover from primary node orders-0001-002 to replica node orders-0001-001 completed"
        until(events, lambda found: back in found, PATIENCE_SECONDS)
