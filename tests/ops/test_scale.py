"""Changing the node type and the replicas, inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotOfferedError, RefusedError, ValidationError
from elasticache_kit.ops import execution, scale
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Call, Plan
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

LARGER, SMALLER = "cache.m7g.xlarge", "cache.t4g.small"


def orders(api: Session) -> ReplicationGroup:
    """Observe the group."""
    return replication_group(api, "orders")


def run(api: Session, planned: Plan) -> ReplicationGroup:
    """Run a plan and observe the group."""
    execution.run(planned, api, lambda _: None)
    return orders(api)


def calls(planned: Plan) -> list[str]:
    """Return the operations that a plan calls."""
    return [step.operation for step in planned.steps if isinstance(step, Call)]


def test_the_node_type_changes_at_once(account: Session) -> None:
    """And a second plan has nothing left to do."""
    make_group(account)

    after = run(account, scale.node_type(orders(account), LARGER, scale.allowed(account, orders(account))))

    assert after.cache_node_type == LARGER
    assert scale.node_type(after, LARGER, None).steps == ()


def test_the_maintenance_window_may_have_it(account: Session) -> None:
    """Nobody waits for that, and the group says what is pending."""
    make_group(account)
    planned = scale.node_type(orders(account), LARGER, None, at_once=False)

    after = run(account, planned)

    assert after.cache_node_type == "cache.m7g.large"
    assert [type(step).__name__ for step in planned.steps] == ["Call"]
    assert "CacheNodeType" in after.members[0].pending
    assert any("maintenance window" in note for note in planned.notes)


def test_a_node_type_of_unknown_memory_is_refused_as_any_other(account: Session) -> None:
    """Nobody says any more how much memory cache.t1.micro had."""
    make_group(account)
    now = orders(account)

    with pytest.raises(RefusedError, match=r"AWS does not let it change from cache\.m7g\.large to cache\.t1\.micro"):
        scale.node_type(now, "cache.t1.micro", scale.allowed(account, now))


def test_less_memory_is_noted(account: Session) -> None:
    """With both amounts; more memory is not."""
    make_group(account)

    def warned(name: str) -> bool:
        return any("GiB of memory instead of" in note for note in scale.node_type(orders(account), name, None).notes)

    assert (warned(SMALLER), warned(LARGER)) == (True, False)


def test_a_node_type_that_aws_does_not_let_it_change_to_is_refused(account: Session) -> None:
    """With those that it may change to."""
    make_group(account)

    with pytest.raises(RefusedError, match=rf"does not let it change .* to {SMALLER}: it may change to {LARGER}"):
        scale.node_type(orders(account), SMALLER, [LARGER])


def test_a_node_type_that_there_is_not_is_wrong_use(account: Session) -> None:
    """Before anything is asked."""
    make_group(account)

    with pytest.raises(ValidationError, match="is not a node type"):
        scale.node_type(orders(account), "large", None)


@pytest.mark.parametrize(("count", "call"), [(3, "IncreaseReplicaCount"), (1, "DecreaseReplicaCount")])
def test_every_node_group_gets_as_many_replicas(account: Session, count: int, call: str) -> None:
    """One call for all."""
    make_sharded(account, ReplicasPerNodeGroup=2)
    planned = scale.replicas(orders(account), count)

    after = run(account, planned)

    assert calls(planned) == [call]
    assert [len(item.members) for item in after.node_groups] == [1 + count] * 2


def test_uneven_node_groups_become_even(account: Session) -> None:
    """Some get more and some fewer: two calls that name them, in the order that keeps the most replicas."""
    configuration = [{"NodeGroupId": f"000{n}", "ReplicaCount": count} for n, count in ((1, 1), (2, 3))]
    make_sharded(account, NumNodeGroups=None, ReplicasPerNodeGroup=None, NodeGroupConfiguration=configuration)
    planned = scale.replicas(orders(account), 2)

    after = run(account, planned)

    assert calls(planned) == ["IncreaseReplicaCount", "DecreaseReplicaCount"]
    assert [len(item.members) for item in after.node_groups] == [3, 3]


@pytest.mark.parametrize(("count", "rule"), [(0, "rg-failover-needs-replica"), (6, "rg-num-cache-clusters-range")])
def test_what_the_rulebook_forbids_is_refused(account: Session, count: int, rule: str) -> None:
    """Too few for failover, too many for a node group."""
    make_group(account)

    with pytest.raises(RefusedError, match=rule):
        scale.replicas(orders(account), count)


def test_what_a_group_breaks_already_is_no_reason(account: Session) -> None:
    """The change has not broken it: here a group whose API does not tell its engine version."""
    make_group(account)
    client: Any = account.act
    client.modify_replication_group(
        ReplicationGroupId="orders", AutomaticFailoverEnabled=False, MultiAZEnabled=False, ApplyImmediately=True
    )

    assert len(run(account, scale.replicas(orders(account), 0)).members) == 1


def test_with_moto_alone_the_node_type_changes_and_replicas_say_why_not(moto_alone: Session) -> None:
    """Of the two operations it has one."""
    api = moto_alone
    make_group(api)

    after = run(api, scale.node_type(orders(api), LARGER, scale.allowed(api, orders(api))))

    assert after.cache_node_type == LARGER
    with pytest.raises(NotOfferedError, match="increase_replica_count"):
        run(api, scale.replicas(after, 2))
