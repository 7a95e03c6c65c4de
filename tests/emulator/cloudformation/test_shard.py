"""Shards and replicas of a replication group that a stack changes in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.cloudformation.stack_of import resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

SHARDS: dict[str, Any] = {
    "ReplicationGroupDescription": "d",
    "Engine": "valkey",
    "EngineVersion": "8.1",
    "CacheNodeType": "cache.t4g.small",
    "CacheParameterGroupName": "default.valkey8.cluster.on",
    "CacheSubnetGroupName": "net",
    "TransitEncryptionEnabled": True,
    "AutomaticFailoverEnabled": True,
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
}
ONLINE = {"UpdatePolicy": {"UseOnlineResharding": True}}


def configured(*counts: int) -> dict[str, Any]:
    """Return the properties with a configuration of each shard, which has so many replicas."""
    kept = {name: value for name, value in SHARDS.items() if name not in ("NumNodeGroups", "ReplicasPerNodeGroup")}
    return {**kept, "NodeGroupConfiguration": [{"ReplicaCount": count} for count in counts]}


def shape(stack: StackOf) -> list[int]:
    """Return the number of replicas in each shard of the group `G`."""
    api = stack.client("elasticache")
    (group,) = api.describe_replication_groups(ReplicationGroupId=stack.id_of("G"))["ReplicationGroups"]
    slots = [item["Slots"] for item in group["NodeGroups"]]
    assert slots[0].startswith("0-")
    assert slots[-1].endswith("-16383")
    return [len(item["NodeGroupMembers"]) - 1 for item in group["NodeGroups"]]


def test_shards_and_replicas_change_online(stack: StackOf) -> None:
    """UpdatePolicy UseOnlineResharding keeps the group, whether shards come or go."""
    stack.deploy({"G": resource("ReplicationGroup", SHARDS, **ONLINE)})
    name = stack.id_of("G")
    stack.deploy(
        {"G": resource("ReplicationGroup", {**SHARDS, "NumNodeGroups": 4, "ReplicasPerNodeGroup": 2}, **ONLINE)}
    )
    more = shape(stack)
    stack.deploy({"G": resource("ReplicationGroup", {**SHARDS, "NumNodeGroups": 1}, **ONLINE)})

    assert more == [2, 2, 2, 2]
    assert shape(stack) == [1]
    assert stack.id_of("G") == name


def test_without_the_policy_another_number_of_shards_is_another_group(stack: StackOf) -> None:
    """So says the page of CloudFormation."""
    stack.deploy({"G": resource("ReplicationGroup", SHARDS)})
    name = stack.id_of("G")
    stack.deploy({"G": resource("ReplicationGroup", {**SHARDS, "NumNodeGroups": 3})})

    assert shape(stack) == [1, 1, 1]
    assert stack.id_of("G") != name


def test_each_shard_has_the_replicas_of_its_configuration(stack: StackOf) -> None:
    """They come and go in the same update."""
    stack.deploy({"G": resource("ReplicationGroup", configured(1, 2), **ONLINE)})
    first, name = shape(stack), stack.id_of("G")
    stack.deploy({"G": resource("ReplicationGroup", configured(2, 1, 3), **ONLINE)})

    assert first == [1, 2]
    assert shape(stack) == [2, 1, 3]
    assert stack.id_of("G") == name


def test_slots_of_a_shard_do_not_change(stack: StackOf) -> None:
    """The update fails with that reason, and the group stays."""

    def halves(border: int) -> dict[str, Any]:
        ranges = (f"0-{border}", f"{border + 1}-16383")
        return {**configured(), "NodeGroupConfiguration": [{"ReplicaCount": 1, "Slots": text} for text in ranges]}

    stack.deploy({"G": resource("ReplicationGroup", halves(8191), **ONLINE)})
    ended = stack.attempt({"G": resource("ReplicationGroup", halves(4095), **ONLINE)})

    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("Slots of a shard" in reason for reason in stack.reasons())
    assert shape(stack) == [1, 1]
