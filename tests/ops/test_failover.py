"""Planning and running a failover."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotOfferedError, RefusedError, WaitTimeoutError
from elasticache_kit.ops import execution, plan
from elasticache_kit.ops.event import EventKind
from elasticache_kit.ops.failover import in_turn, of, timing
from elasticache_kit.ops.failover import plan as plan_failover
from elasticache_kit.ops.inventory import ReplicationGroup, replication_group
from elasticache_kit.ops.plan import Call, Notice
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session
    from tests.ops.scripted import Api, FakeTime

CALLED = "Test Failover API called for node group 0001"
PROMOTED = "Failover from primary node orders-001 to replica node orders-002 completed"
RECOVERING = "Recovering cache nodes 0001"
RECOVERED = "Finished recovery for cache nodes 0001"


def observe(api: Api, **changes: Any) -> ReplicationGroup:
    """Script a group and observe it."""
    api.group(**changes)
    return replication_group(api.session, "orders")


def refusal(group: ReplicationGroup, node_group: str | None = None) -> tuple[str, ...]:
    """Return the reasons for which a failover is refused."""
    with pytest.raises(RefusedError) as caught:
        plan_failover(group, node_group)
    return caught.value.reasons


def test_the_plan_calls_test_failover_and_follows_group_and_members(api: Api) -> None:
    """What is shown names the call with its parameters and every resource that is watched."""
    shown = plan.show(plan_failover(observe(api)))

    watched = "orders, orders-001, orders-002"
    assert shown.splitlines()[:3] == [
        "failover of orders, node group 0001",
        "  1. call TestFailover with ReplicationGroupId=orders, NodeGroupId=0001",
        f"  2. follow the events of {watched} until 'Finished recovery for cache nodes', for at most 30 minutes",
    ]


def test_planning_changes_nothing(api: Api) -> None:
    """The client that may change something is not asked at all."""
    plan_failover(observe(api))

    api.act.assert_no_pending_responses()


def test_a_healthy_group_with_a_replica_is_not_refused(api: Api) -> None:
    """The control for all refusals below."""
    assert plan_failover(observe(api)).steps


def test_a_single_node_is_refused(api: Api) -> None:
    """Without a replica nobody could be promoted."""
    assert refusal(observe(api, members=("orders-001",))) == (
        "node group 0001 has no replica that could be promoted: add one",
    )


@pytest.mark.parametrize("state", ["disabled", "disabling", "enabling"])
def test_a_group_without_automatic_failover_is_refused(api: Api, state: str) -> None:
    """AWS would answer an error."""
    (reason,) = refusal(observe(api, AutomaticFailover=state))

    assert f"automatic failover is '{state}', and it must be 'enabled'" in reason


def test_a_group_that_is_being_modified_is_refused(api: Api) -> None:
    """AWS would answer an error."""
    (reason,) = refusal(observe(api, Status="modifying"))

    assert "status is 'modifying', and it must be 'available'" in reason


def test_a_node_that_is_not_available_is_refused(api: Api) -> None:
    """A second failover must not begin before the first node is replaced."""
    reasons = refusal(observe(api, member_status="rebooting cluster nodes"))

    assert [reason.split(",")[0] for reason in reasons] == [
        "node orders-001 is 'rebooting cluster nodes'",
        "node orders-002 is 'rebooting cluster nodes'",
    ]


def test_an_unknown_node_group_is_refused_with_those_that_exist(api: Api) -> None:
    """A typo is seen at a glance."""
    assert refusal(observe(api), "0009") == ("there is no node group '0009': it has 0001",)


def test_a_refusal_has_every_reason_at_once(api: Api) -> None:
    """Nobody mends one thing to be told of the next."""
    assert len(refusal(observe(api, Status="modifying", AutomaticFailover="disabled", members=("orders-001",)))) == 3


def test_run_calls_once_and_returns_the_new_events(api: Api, fake_time: FakeTime) -> None:
    """Events of an earlier failover do not end the wait for this one."""
    planned = plan_failover(observe(api))
    earlier = (-600.0, "orders-002", RECOVERED)
    api.events(earlier)
    api.act.add_response("test_failover", {}, {"ReplicationGroupId": "orders", "NodeGroupId": "0001"})
    api.events(earlier)
    api.events(earlier, (0, "orders", CALLED), (12, "orders-001", PROMOTED), (12, "orders", PROMOTED))
    api.events(earlier, (0, "orders", CALLED), (60, "orders-001", RECOVERING), (500, "orders-001", RECOVERED))
    notices: list[Notice] = []

    events = execution.run(planned, api.session, notices.append, fake_time.clock())

    assert [event.message for event in events] == [CALLED, PROMOTED, PROMOTED, RECOVERING, RECOVERED]
    assert [notice.event for notice in notices if notice.event] == list(events)
    assert timing(events).promotion_seconds == 12
    assert timing(events).recovery_seconds == 500


def test_run_tells_when_each_step_begins_and_ends(api: Api, fake_time: FakeTime) -> None:
    """The moment of the API call is known, and it is the step that was shown."""
    planned = plan_failover(observe(api))
    api.events()
    api.act.add_response("test_failover", {}, {"ReplicationGroupId": "orders", "NodeGroupId": "0001"})
    api.events((0, "orders-001", RECOVERED))
    notices: list[Notice] = []

    execution.run(planned, api.session, notices.append, fake_time.clock())

    call, follow = planned.steps
    assert [(n.step, n.moment) for n in notices] == [
        (call, "begun"),
        (call, "done"),
        (follow, "begun"),
        (follow, "event"),
        (follow, "done"),
    ]


def test_run_gives_up_when_recovery_does_not_come(api: Api, fake_time: FakeTime) -> None:
    """The wait is bounded, and says what it waited for."""
    planned = plan_failover(observe(api), timeout_seconds=0.3)
    api.events()
    api.act.add_response("test_failover", {})
    for _ in range(3):
        api.events((0, "orders", CALLED))

    with pytest.raises(WaitTimeoutError, match=r"waited 0\.3 s for the event 'Finished recovery for cache nodes'"):
        execution.run(planned, api.session, lambda _: None, fake_time.clock())


def test_a_call_that_aws_refuses_is_not_repeated(api: Api, fake_time: FakeTime) -> None:
    """AWS's own words say why, and nothing is followed."""
    planned = plan_failover(observe(api))
    api.events()
    api.act.add_client_error("test_failover", "APICallRateForCustomerExceededFault", "15 in 24 hours")

    with pytest.raises(RefusedError) as caught:
        execution.run(planned, api.session, lambda _: None, fake_time.clock())

    assert caught.value.reasons == ("TestFailover answered APICallRateForCustomerExceededFault: 15 in 24 hours",)


def test_times_are_unknown_where_events_are_missing() -> None:
    """Nothing is made up."""
    assert timing(()).promotion_seconds is None
    assert timing(()).recovery_seconds is None


def test_the_call_of_the_plan_is_an_operation_of_the_service(api: Api) -> None:
    """The plan names the operation and the parameters as the API's own model does."""
    (call, _) = plan_failover(observe(api)).steps
    assert isinstance(call, Call)

    model = api.session.act.meta.service_model.operation_model(call.operation)

    assert model.input_shape is not None
    assert set(dict(call.parameters)) == set(model.input_shape.required_members)


def test_several_node_groups_fail_over_one_after_the_other(account: Session) -> None:
    """Each waits for the recovery of the one before, and roles have changed in all."""
    make_sharded(account, "shards", 3)
    planned = in_turn(replication_group(account, "shards"), ("0001", "0002", "0003"))

    events = execution.run(planned, account, lambda _: None)

    kinds = [type(step).__name__ for step in planned.steps]
    assert kinds == ["Call", "Follow", "Wait", "Call", "Follow", "Wait", "Call", "Follow"]
    promoted = [item.message.split()[-2] for item in events if item.kind is EventKind.PROMOTED]
    assert promoted[::2] == ["shards-0001-002", "shards-0002-002", "shards-0003-002"]
    for item in replication_group(account, "shards").node_groups:
        assert timing(of(item, events)).recovery_seconds is not None


def test_the_primary_endpoint_follows_and_roles_swap(account: Session) -> None:
    """In process, without engines: the whole of what the control plane shows."""
    make_group(account)
    before = replication_group(account, "orders")

    execution.run(plan_failover(before), account, lambda _: None)

    after = replication_group(account, "orders")
    assert [member.role for member in before.members] == ["primary", "replica"]
    assert [member.role for member in after.members] == ["replica", "primary"]
    assert before.node_groups[0].primary_endpoint == after.node_groups[0].primary_endpoint


def test_more_than_the_quota_is_refused_before_anything_is_called(account: Session) -> None:
    """The sixteenth in 24 hours, by this kit as by the API."""
    make_group(account)
    group = replication_group(account, "orders")
    now = datetime.now(UTC)

    with pytest.raises(RefusedError, match="15 node groups in 24 hours: 15 were called, this asks for 1 more"):
        in_turn(group, (None,), spent=(now,) * 15)

    for _ in range(15):
        execution.run(plan_failover(group), account, lambda _: None)
    with pytest.raises(RefusedError, match="TestFailover answered APICallRateForCustomerExceeded"):
        execution.run(plan_failover(group), account, lambda _: None)


def test_with_moto_alone_it_says_so(moto_alone: Session) -> None:
    """One sentence, no traceback."""
    api = moto_alone
    make_group(api, NumCacheClusters=None, NumNodeGroups=1, ReplicasPerNodeGroup=1)
    planned = plan_failover(replication_group(api, "orders"))

    with pytest.raises(NotOfferedError, match=r"test_failover.*moto alone has only a part of ElastiCache"):
        execution.run(planned, api, lambda _: None)
