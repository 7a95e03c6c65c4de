"""Running a plan: what is done before is passed over, what is secret stays so, what never comes ends the wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.errors import NotOfferedError, RefusedError, WaitTimeoutError
from elasticache_kit.ops import execution
from elasticache_kit.ops.plan import Act, Call, Deferred, Notice, Plan, Seen, State, Wait, document, show

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session
    from tests.ops.scripted import Api, FakeTime

SECRET = "a-token-that-nobody-sees"  # noqa: S105 - no secret: a text of these tests
REBOOT = Call("RebootCacheCluster", (("CacheClusterId", "orders-001"), ("CacheNodeIdsToReboot", ["0001"])))


def state(*seen: Seen) -> State:
    """Return a state that is seen so, one look after the other; the last one stays."""
    looks = iter(seen)
    last = seen[-1]
    return State("it is so", lambda _: next(looks, last))


def run(api: Api, fake_time: FakeTime, *steps: Call | Act | Wait) -> list[Notice]:
    """Run steps and return what was told."""
    notices: list[Notice] = []
    execution.run(Plan("a test", steps), api.session, notices.append, fake_time.clock())
    return notices


def test_a_step_that_was_done_before_is_passed_over(api: Api, fake_time: FakeTime) -> None:
    """Nothing is called: the script of the API is empty."""
    done = Call("RebootCacheCluster", REBOOT.parameters, done=state(Seen(True)))

    assert [item.moment for item in run(api, fake_time, done)] == ["skipped"]


def test_a_step_that_was_not_done_is_done(api: Api, fake_time: FakeTime) -> None:
    """The control: the same step where the state is not reached."""
    api.act.add_response("reboot_cache_cluster", {}, {"CacheClusterId": "orders-001", "CacheNodeIdsToReboot": ["0001"]})

    left = Call("RebootCacheCluster", REBOOT.parameters, done=state(Seen(False)))

    assert [item.moment for item in run(api, fake_time, left)] == ["begun", "done"]


def test_a_wait_tells_each_change_once_and_ends_with_the_state(api: Api, fake_time: FakeTime) -> None:
    """Two looks that see the same are one line."""
    waiting = Wait(state(Seen(False, "1 %"), Seen(False, "1 %"), Seen(False, "2 %"), Seen(True)), 60)

    told = run(api, fake_time, waiting)

    assert [item.text for item in told if item.moment == "progress"] == ["1 %", "2 %"]
    assert told[-1].moment == "done"


def test_a_wait_ends_where_the_state_is_never_reached(api: Api, fake_time: FakeTime) -> None:
    """At once with a reason, or with its time."""
    with pytest.raises(RefusedError, match="it has failed"):
        run(api, fake_time, Wait(state(Seen(False, failed="it has failed")), 60))
    with pytest.raises(WaitTimeoutError, match=r"waited 60 s for this: it is so"):
        run(api, fake_time, Wait(state(Seen(False)), 60))


def test_a_secret_is_sent_and_never_shown(api: Api, fake_time: FakeTime) -> None:
    """Not in the plan, not in its document, not in an error of the API that repeats it."""
    token = Deferred("the secret orders", lambda _: SECRET)
    call = Call("ModifyReplicationGroup", (("ReplicationGroupId", "orders"), ("AuthToken", token)))
    api.act.add_client_error(
        "modify_replication_group",
        "InvalidParameterValue",
        f"{SECRET} is no token",
        expected_params={"ReplicationGroupId": "orders", "AuthToken": SECRET},
    )
    plan = Plan("a test", (call,))

    with pytest.raises(RefusedError) as caught:
        execution.run(plan, api.session, lambda _: None, fake_time.clock())

    assert str(call) == "call ModifyReplicationGroup with ReplicationGroupId=orders, AuthToken=(the secret orders)"
    assert caught.value.reasons == ("ModifyReplicationGroup answered InvalidParameterValue: (hidden) is no token",)
    assert SECRET not in f"{show(plan)}{document(plan)}{plan!r}{caught.value.__cause__!r}"


def test_deferred_values_are_found_in_lists_and_records(api: Api, fake_time: FakeTime) -> None:
    """A password of a user is two levels down."""
    password = Deferred("the password", lambda _: SECRET)
    mode = {"Type": "password", "Passwords": [password]}
    api.act.add_response(
        "modify_user", {}, {"UserId": "ann", "AuthenticationMode": {"Type": "password", "Passwords": [SECRET]}}
    )

    run(api, fake_time, Call("ModifyUser", (("UserId", "ann"), ("AuthenticationMode", mode))))


def test_an_act_tells_how_far_it_is(api: Api, fake_time: FakeTime) -> None:
    """What it says is told as progress."""

    def act(_session: Session, say: object, _clock: object) -> None:
        assert callable(say)
        say("half")

    assert [item.text for item in run(api, fake_time, Act("count", act)) if item.moment == "progress"] == ["half"]


def test_an_operation_that_the_api_does_not_know_is_said(api: Api, fake_time: FakeTime) -> None:
    """A sentence with what to do, for whoever has moto alone."""
    api.act.add_client_error("reboot_cache_cluster", "InvalidAction", "no such action")

    with pytest.raises(NotOfferedError, match=r"does not know this operation .*moto alone has only a part"):
        run(api, fake_time, REBOOT)


def test_an_empty_plan_says_that_nothing_is_left() -> None:
    """Not an empty page."""
    assert show(Plan("a test", ())) == "a test\n  nothing is left to do"
