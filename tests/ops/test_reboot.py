"""Rebooting nodes, inside this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import execution, reboot
from elasticache_kit.ops.plan import Call, Plan
from tests.ops.completed import make_group, make_sharded

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def rebooted(planned: Plan) -> list[tuple[Any, Any]]:
    """Return which nodes a plan reboots, in their order."""
    calls = [dict(step.parameters) for step in planned.steps if isinstance(step, Call)]
    return [(call["CacheClusterId"], call["CacheNodeIdsToReboot"]) for call in calls]


def test_the_primary_is_the_last(account: Session) -> None:
    """And each is waited for."""
    make_group(account)
    planned = reboot.plan(account, "orders")

    events = execution.run(planned, account, lambda _: None)

    assert rebooted(planned) == [("orders-002", ["0001"]), ("orders-001", ["0001"])]
    assert [type(step).__name__ for step in planned.steps] == ["Call", "Wait", "Call", "Wait"]
    assert [item.source_id for item in events][:1] == ["orders-002"]


def test_one_that_is_named_is_rebooted_alone(account: Session) -> None:
    """The others stay up."""
    make_group(account)

    assert rebooted(reboot.plan(account, "orders", ["orders-002"])) == [("orders-002", ["0001"])]


def test_a_cluster_of_memcached_is_rebooted_node_by_node(account: Session) -> None:
    """So that most of what it holds is there at any time."""
    client: Any = account.act
    client.create_cache_cluster(
        CacheClusterId="words", Engine="memcached", CacheNodeType="cache.m7g.large", NumCacheNodes=2
    )
    planned = reboot.plan(account, "words")

    execution.run(planned, account, lambda _: None)

    assert rebooted(planned) == [("words", ["0001"]), ("words", ["0002"])]


def test_cluster_mode_is_refused(account: Session) -> None:
    """With what does it there."""
    make_sharded(account)

    with pytest.raises(RefusedError, match="reboots no nodes of a group in cluster mode: fail over"):
        reboot.plan(account, "orders")


def test_an_unknown_node_is_refused_with_those_that_exist(account: Session) -> None:
    """Before anything is called."""
    make_group(account)

    with pytest.raises(RefusedError, match="there is no node orders-009: it has orders-001, orders-002"):
        reboot.plan(account, "orders", ["orders-009"])


def test_an_unknown_cache_is_said(account: Session) -> None:
    """It may be either kind."""
    with pytest.raises(NotFoundError, match="neither a replication group nor a cache cluster 'none'"):
        reboot.plan(account, "none")
