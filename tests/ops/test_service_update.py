"""Service updates, inside this process; the local control plane has one that it makes up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.errors import NotOfferedError, RefusedError
from elasticache_kit.ops import execution, service_update
from elasticache_kit.ops.region import UpdateDue
from tests.ops.completed import make_group

if TYPE_CHECKING:
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session

UPDATE = "elasticache-local-update-1"


def plan(api: Session, *caches: str, name: str = UPDATE) -> Plan:
    """Plan an update."""
    return service_update.plan(name, caches, service_update.due(api), ("orders", "sessions"))


def test_it_is_applied_to_what_is_named(account: Session) -> None:
    """And is due for the others still."""
    make_group(account)
    make_group(account, "sessions")

    execution.run(plan(account, "orders"), account, lambda _: None)

    assert [item.cache_id for item in service_update.due(account)] == ["sessions"]


def test_it_is_applied_to_all_where_none_is_named(account: Session) -> None:
    """Then nothing is due."""
    make_group(account)
    make_group(account, "sessions")

    execution.run(plan(account), account, lambda _: None)

    assert service_update.due(account) == ()


@pytest.mark.parametrize(
    ("caches", "name", "reason"),
    [
        (["orders"], "no-such", f"no cache has the update 'no-such' to come: due are {UPDATE}"),
        (["carts"], UPDATE, "carts has not got this update to come: orders have"),
    ],
)
def test_what_is_not_due_is_refused(account: Session, caches: list[str], name: str, reason: str) -> None:
    """With what is."""
    make_group(account)

    with pytest.raises(RefusedError, match=reason):
        plan(account, *caches, name=name)


def test_one_that_is_due_for_nothing_is_refused_by_its_name_alone(account: Session) -> None:
    """Where no cache is named."""
    make_group(account)

    with pytest.raises(RefusedError, match=r"^service update no-such is refused:"):
        plan(account, name="no-such")


def test_one_that_goes_on_is_waited_for(account: Session) -> None:
    """And not asked for again."""
    make_group(account)
    running = tuple(replace(item, status="in-progress") for item in service_update.due(account))

    planned = service_update.plan(UPDATE, (), running, ("orders",))

    assert [type(step).__name__ for step in planned.steps] == ["Wait"]


def test_more_than_the_api_takes_are_asked_for_in_parts() -> None:
    """Twenty caches in one call."""
    due = [UpdateDue(f"g{number:02}", UPDATE, "low", "not-applied", None) for number in range(45)]

    planned = service_update.plan(UPDATE, (), due, ())

    assert [type(step).__name__ for step in planned.steps] == ["Act", "Act", "Act", "Wait"]


def test_what_the_api_leaves_out_is_a_refusal(account: Session) -> None:
    """It answers with success all the same."""
    due = (UpdateDue("gone", UPDATE, "low", "not-applied", None),)

    with pytest.raises(RefusedError, match="gone: gone has no such update"):
        execution.run(service_update.plan(UPDATE, (), due, ("gone",)), account, lambda _: None)


def test_with_moto_alone_it_says_so(moto_alone: Session) -> None:
    """It has no updates."""
    with pytest.raises(NotOfferedError, match="describe_update_actions"):
        service_update.due(moto_alone)
