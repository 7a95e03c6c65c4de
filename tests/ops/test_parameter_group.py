"""Comparing and setting parameters, inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import execution, parameter_group
from elasticache_kit.ops.parameter_group import Difference, ParameterGroup
from elasticache_kit.ops.plan import Call

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


@pytest.fixture
def mine(account: Session) -> Session:
    """An account with the parameter group `mine` of valkey8, which sets one value."""
    client: Any = account.act
    client.create_cache_parameter_group(
        CacheParameterGroupName="mine", CacheParameterGroupFamily="valkey8", Description="of a test"
    )
    client.modify_cache_parameter_group(
        CacheParameterGroupName="mine", ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": "20"}]
    )
    return account


def apply(api: Session, wanted: dict[str, str], **more: Any) -> ParameterGroup:
    """Set what differs, and observe."""
    group = parameter_group.named(api, "mine")
    found = parameter_group.differences(group, wanted, **more)
    execution.run(parameter_group.plan(group, found), api, lambda _: None)
    return parameter_group.named(api, "mine")


def test_what_differs_is_told_with_both_values(mine: Session) -> None:
    """What is as it should be is not, be it set or the default."""
    group = parameter_group.named(mine, "mine")

    found = parameter_group.differences(group, {"timeout": "30", "databases": "16", "maxmemory-policy": "noeviction"})

    assert [(item.name, item.present, item.wanted) for item in found] == [
        ("maxmemory-policy", "volatile-lru", "noeviction"),
        ("timeout", "20", "30"),
    ]


def test_values_are_set_and_nothing_differs_then(mine: Session) -> None:
    """And what was set before stays."""
    after = apply(mine, {"maxmemory-policy": "noeviction"})

    assert dict(after.values) == {"timeout": "20", "maxmemory-policy": "noeviction"}
    assert parameter_group.differences(after, {"maxmemory-policy": "noeviction"}) == ()


def test_only_takes_back_what_nobody_wants(mine: Session) -> None:
    """To the default of the family."""
    assert dict(apply(mine, {"maxmemory-policy": "noeviction"}, only=True).values) == {"maxmemory-policy": "noeviction"}


def test_many_values_are_set_in_parts(mine: Session) -> None:
    """The API takes twenty in one call."""
    values = {f"p{number}": "1" for number in range(45)}

    calls = list(parameter_group.setting("mine", values))

    assert [len(dict(call.parameters)["ParameterNameValues"]) for call in calls] == [20, 20, 5]  # type: ignore[arg-type]
    del mine


def test_a_reboot_is_noted(mine: Session) -> None:
    """For those that take one alone."""
    group = parameter_group.named(mine, "mine")

    def notes(name: str, value: str) -> tuple[str, ...]:
        return parameter_group.plan(group, parameter_group.differences(group, {name: value})).notes

    assert notes("databases", "4") == ("databases: in effect when the nodes are rebooted",)
    assert notes("timeout", "30") == ()


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [("timeout", "-1", "pg-value-allowed"), ("no-such", "1", "pg-parameter"), ("timeout", "x", "pg-value-type")],
)
def test_what_the_family_does_not_take_is_refused(mine: Session, name: str, value: str, rule: str) -> None:
    """By the rulebook, before anything is called."""
    with pytest.raises(RefusedError, match=rule):
        apply(mine, {name: value})


def test_aws_own_group_is_refused(account: Session) -> None:
    """Nobody can change it."""
    group = parameter_group.named(account, "default.valkey8")

    with pytest.raises(RefusedError, match="AWS's own and cannot be changed: make a group of the family valkey8"):
        parameter_group.plan(group, (Difference("timeout", "0", "20", reboot=False),))


def test_an_unknown_group_is_said(account: Session) -> None:
    """By its name."""
    with pytest.raises(NotFoundError, match="there is no parameter group 'none'"):
        parameter_group.named(account, "none")


def test_what_was_set_is_not_set_again(mine: Session) -> None:
    """An interrupted run finds it out."""
    (call,) = parameter_group.setting("mine", {"timeout": "20"})

    assert isinstance(call, Call)
    assert call.done is not None
    assert call.done.look(mine).reached
