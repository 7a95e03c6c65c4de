"""A group that this machine has no room for is control plane only, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.emulator import capability
from elasticache_kit.emulator.fleet.room import MIB_PER_ENGINE, VARIABLE, most_engines
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.errors import EmulatorError
from tests.emulator.wire import available, client_of, make_group, make_subnet_group, make_subnets, until

MOST = 2
CLUSTERED = {"NumCacheClusters": None, "CacheParameterGroupName": "default.valkey8.cluster.on"}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator with room for two engines, which `small` has, and the shapes `large` and `wide` beyond that."""
    with Emulator(tmp_path_factory.mktemp("room"), timing=INSTANT, most_engines=MOST) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "ab"))
        make_group(client, ReplicationGroupId="small", NumCacheClusters=2)
        available(client("elasticache"), "small")
        make_group(client, ReplicationGroupId="large", NumNodeGroups=20, ReplicasPerNodeGroup=1, **CLUSTERED)
        make_group(client, ReplicationGroupId="wide", NumCacheClusters=3)
        yield running


@pytest.fixture
def api(emulator: Emulator) -> Any:
    """Give the API."""
    return client_of(emulator.endpoint_url)("elasticache")


@pytest.mark.engine
def test_it_is_available_and_its_events_say_that_nothing_stands_behind_it(emulator: Emulator, api: Any) -> None:
    """Its endpoint leads nowhere, no process was started, and the group that there was room for has its own."""
    group = available(api, "large")
    assert len(group["NodeGroups"]) == 20
    assert group["ConfigurationEndpoint"]["Address"].endswith(".invalid")
    assert available(api, "small")["NodeGroups"][0]["PrimaryEndpoint"]["Address"].startswith("127.")
    assert emulator.fleet is not None
    assert len(emulator.fleet.pids()) == MOST
    events = api.describe_events(SourceIdentifier="large", SourceType="replication-group")["Events"]
    assert any("control plane only: its 40 nodes" in event["Message"] for event in events)
    said = capability.ask(emulator.endpoint_url)
    assert said is not None
    assert {key.rpartition("/")[2] for key in said["control_plane_only"]} == {"large", "wide"}


@pytest.mark.engine
def test_what_is_done_to_it_is_kept_account_of(api: Any) -> None:
    """Failover, replicas, shards: the API shows what there would be."""

    def roles() -> dict[str, str]:
        members = available(api, "wide")["NodeGroups"][0]["NodeGroupMembers"]
        return {item["CacheClusterId"]: item["CurrentRole"] for item in members}

    assert available(api, "wide")
    api.test_failover(ReplicationGroupId="wide", NodeGroupId="0001")
    until(roles, lambda seen: seen["wide-001"] == "replica" and "primary" in seen.values())
    api.increase_replica_count(ReplicationGroupId="wide", NewReplicaCount=3, ApplyImmediately=True)
    until(roles, lambda seen: len(seen) == 4)
    api.modify_replication_group_shard_configuration(
        ReplicationGroupId="large", NodeGroupCount=21, ApplyImmediately=True
    )
    until(lambda: available(api, "large")["NodeGroups"], lambda shards: len(shards) == 21)
    api.delete_replication_group(ReplicationGroupId="large")
    until(lambda: api.describe_replication_groups()["ReplicationGroups"], lambda groups: len(groups) == 2)


def test_the_most_is_what_memory_is_enough_for(tmp_path: Path) -> None:
    """Unless somebody says another number."""
    told = tmp_path / "meminfo"
    told.write_text(f"MemTotal: 1 kB\nMemAvailable:   {90 * MIB_PER_ENGINE * 1024} kB\n")
    assert most_engines({}, told) == 90
    assert most_engines({VARIABLE: "7"}, told) == 7
    assert most_engines({}, tmp_path / "absent") > 0
    with pytest.raises(EmulatorError, match="is 'many': give the number"):
        most_engines({VARIABLE: "many"}, told)
