"""ModifyReplicationGroupShardConfiguration over the wire, without engines."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from elasticache_kit.model.slot import SLOTS, parse_ranges
from tests.emulator.wire import Create, available, code

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1}


@pytest.fixture
def sharded(elasticache: Any, group: Create) -> Any:
    """A client of a region where `orders` has three shards of two nodes."""
    group(**SHARDED)
    available(elasticache)
    return elasticache


def change(elasticache: Any, count: int, **request: Any) -> dict[str, Any]:
    """Change the number of shards and return the answer."""
    asked = {"ReplicationGroupId": "orders", "NodeGroupCount": count, "ApplyImmediately": True, **request}
    return elasticache.modify_replication_group_shard_configuration(**asked)["ReplicationGroup"]


def slots(described: dict[str, Any]) -> list[int]:
    """List every slot of every shard."""
    return [slot for item in described["NodeGroups"] for part in parse_ranges(item["Slots"]) for slot in part]


def test_more_shards_share_the_slots(sharded: Any) -> None:
    """Two more, of as many nodes as the others, in the zones that were asked for; every slot is somewhere once."""
    asked = [{"NodeGroupId": "0004", "PreferredAvailabilityZones": ["eu-west-1c", "eu-west-1a"]}]
    changing = change(sharded, 5, ReshardingConfiguration=asked)

    assert changing["PendingModifiedValues"]["Resharding"]["SlotMigration"]["ProgressPercentage"] == 0
    described = available(sharded)
    assert [item["NodeGroupId"] for item in described["NodeGroups"]] == ["0001", "0002", "0003", "0004", "0005"]
    assert sorted(slots(described)) == list(range(SLOTS))
    fourth = described["NodeGroups"][3]["NodeGroupMembers"]
    assert [item["CacheClusterId"] for item in fourth] == ["orders-0004-001", "orders-0004-002"]
    assert [item["PreferredAvailabilityZone"] for item in fourth] == ["eu-west-1c", "eu-west-1a"]


@pytest.mark.parametrize("chosen", [{"NodeGroupsToRemove": ["0002"]}, {"NodeGroupsToRetain": ["0001", "0003"]}])
def test_shards_go_by_name(sharded: Any, chosen: dict[str, Any]) -> None:
    """The others take their slots; their nodes are gone from the list of clusters."""
    change(sharded, 2, **chosen)

    described = available(sharded)
    assert [item["NodeGroupId"] for item in described["NodeGroups"]] == ["0001", "0003"]
    assert sorted(slots(described)) == list(range(SLOTS))
    assert len(sharded.describe_cache_clusters()["CacheClusters"]) == 4


@pytest.mark.parametrize(
    ("count", "asked", "expected"),
    [
        (2, {}, "InvalidParameterCombination"),
        (2, {"NodeGroupsToRemove": ["0001", "0002"]}, "InvalidParameterCombination"),
        (2, {"NodeGroupsToRemove": ["0009"]}, "NodeGroupNotFoundFault"),
        (4, {"NodeGroupsToRemove": ["0001"]}, "InvalidParameterCombination"),
        (4, {"ApplyImmediately": False}, "InvalidParameterValue"),
        (0, {}, "InvalidParameterValue"),
        (91, {}, "NodeGroupsPerReplicationGroupQuotaExceeded"),
        (4, {"ReplicationGroupId": "none"}, "ReplicationGroupNotFoundFault"),
    ],
)
def test_what_does_not_fit_is_refused(sharded: Any, count: int, asked: dict[str, Any], expected: str) -> None:
    """No names, too many, unknown ones, needless ones; later, none, above the quota, no group."""
    with pytest.raises(ClientError) as caught:
        change(sharded, count, **asked)

    assert code(caught) == expected
    assert len(available(sharded)["NodeGroups"]) == 3


def test_the_id_of_a_new_shard_has_four_digits(elasticache: Any, group: Create) -> None:
    """Also after the last number: then the first that is free is taken."""
    group(**{**SHARDED, "NumNodeGroups": None}, NodeGroupConfiguration=[{"NodeGroupId": "9999"}, {"NodeGroupId": "1"}])
    available(elasticache)

    change(elasticache, 3)

    assert [item["NodeGroupId"] for item in available(elasticache)["NodeGroups"]] == ["9999", "0001", "0002"]


def test_a_group_without_cluster_mode_has_one_shard(elasticache: Any, group: Create) -> None:
    """It is refused whatever the number."""
    group()
    available(elasticache)

    with pytest.raises(ClientError, match="not in cluster mode"):
        change(elasticache, 2)


def test_cluster_mode_comes_in_two_steps(elasticache: Any, group: Create) -> None:
    """Compatible has both kinds of endpoints and may go back; enabled stays."""
    group(ClusterMode="disabled")
    available(elasticache)

    def switch(mode: str) -> dict[str, Any]:
        elasticache.modify_replication_group(
            ReplicationGroupId="orders",
            ClusterMode=mode,
            CacheParameterGroupName=f"default.valkey8{'' if mode == 'disabled' else '.cluster.on'}",
            ApplyImmediately=True,
        )
        return available(elasticache)

    with pytest.raises(ClientError, match="from disabled to compatible"):
        switch("enabled")
    compatible = switch("compatible")
    switch("disabled")
    switch("compatible")
    enabled = switch("enabled")

    assert compatible["ClusterMode"] == "compatible"
    assert compatible["ConfigurationEndpoint"]
    assert compatible["NodeGroups"][0]["PrimaryEndpoint"]
    assert (enabled["ClusterMode"], enabled["ClusterEnabled"]) == ("enabled", True)
    assert enabled["NodeGroups"][0]["Slots"] == "0-16383"
    with pytest.raises(ClientError, match="cannot be left"):
        switch("compatible")
