"""Resharding, inside this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import execution, shard
from elasticache_kit.ops.finding import even
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Call
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def orders(api: Session) -> ReplicationGroup:
    """Observe the group."""
    return replication_group(api, "orders")


def reshard(api: Session, count: int | None, *remove: str) -> list[str]:
    """Change the number of node groups and return their ids."""
    execution.run(shard.plan(orders(api), count, remove=remove), api, lambda _: None)
    return [item.node_group_id for item in orders(api).node_groups]


def test_node_groups_come_and_the_slots_are_even(account: Session) -> None:
    """Each new one has as many replicas as the others."""
    make_sharded(account)

    assert reshard(account, 3) == ["0001", "0002", "0003"]
    assert even(orders(account))
    assert [len(item.members) for item in orders(account).node_groups] == [2, 2, 2]


def test_the_last_node_groups_go_where_none_are_named(account: Session) -> None:
    """And the plan says which, before it is run."""
    make_sharded(account, count=3)
    planned = shard.plan(orders(account), 2)
    call = planned.steps[0]
    assert isinstance(call, Call)

    assert dict(call.parameters)["NodeGroupsToRemove"] == ["0003"]
    assert any("node group 0003 goes" in note for note in planned.notes)
    assert reshard(account, 2) == ["0001", "0002"]


def test_those_that_are_named_go(account: Session) -> None:
    """Whatever their place."""
    make_sharded(account, count=3)

    assert reshard(account, 2, "0001") == ["0002", "0003"]


def test_uneven_slots_are_spread_and_even_ones_left_alone(account: Session) -> None:
    """The same number of node groups."""
    configuration = [
        {"NodeGroupId": "0001", "Slots": "0-99", "ReplicaCount": 1},
        {"NodeGroupId": "0002", "Slots": "100-16383", "ReplicaCount": 1},
    ]
    make_sharded(account, NodeGroupConfiguration=configuration, ReplicasPerNodeGroup=None)
    before = even(orders(account))

    reshard(account, None)

    assert (before, even(orders(account))) == (False, True)
    assert shard.plan(orders(account)).steps == ()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"count": 0}, "at least 1 node group"),
        ({"count": 501}, "at most"),
        ({"count": 1, "remove": ["0009"]}, "there is no node group 0009: it has 0001, 0002"),
        ({"count": 1, "remove": ["0001", "0002"]}, "2 node groups are named to go, and 1 must go"),
        ({"count": 3, "remove": ["0001"]}, "there shall not be fewer"),
    ],
)
def test_what_cannot_be_is_refused(account: Session, arguments: dict[str, Any], reason: str) -> None:
    """With the reason, before anything is called."""
    make_sharded(account)

    with pytest.raises(RefusedError, match=reason):
        shard.plan(orders(account), **arguments)


def test_without_cluster_mode_there_are_no_slots(account: Session) -> None:
    """One reason with two ways out, and not what the rulebook would say to node groups."""
    make_group(account)

    with pytest.raises(RefusedError) as caught:
        shard.plan(orders(account), 2)

    (reason,) = caught.value.reasons
    assert reason.startswith("cluster mode is disabled")


def test_a_member_of_a_global_datastore_is_left_to_it(account: Session) -> None:
    """AWS refuses it there."""
    make_sharded(account)
    member = replace(orders(account), global_replication_group_id="ldgnf-world", global_role="primary")

    with pytest.raises(RefusedError, match="it is a member of the global datastore ldgnf-world"):
        shard.plan(member, 3)
