"""Observing snapshots, and the states that they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.errors import NotFoundError
from elasticache_kit.ops import snapshot
from tests.ops.completed import make_group

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def test_an_unknown_snapshot_is_said(account: Session) -> None:
    """With what shows the known ones."""
    with pytest.raises(NotFoundError, match="there is no snapshot 'none'"):
        snapshot.named(account, "none")


def test_snapshots_come_with_the_oldest_first(account: Session) -> None:
    """Of the Region, or of one group."""
    client: Any = account.act
    make_group(account)
    make_group(account, "sessions")
    for name, group in (("zulu", "orders"), ("alpha", "sessions")):
        client.create_snapshot(SnapshotName=name, ReplicationGroupId=group)

    assert [item.name for item in snapshot.observe(account)] == ["zulu", "alpha"]
    assert [item.name for item in snapshot.observe(account, "sessions")] == ["alpha"]


def test_states_follow_a_snapshot(account: Session) -> None:
    """From missing to available to missing."""

    def seen() -> list[bool]:
        states = (snapshot.exists("one"), snapshot.available("one"), snapshot.missing("one"))
        return [state.look(account).reached for state in states]

    client: Any = account.act
    make_group(account)
    before = seen()
    client.create_snapshot(SnapshotName="one", ReplicationGroupId="orders")
    during = seen()
    client.delete_snapshot(SnapshotName="one")

    assert (before, during, seen()) == ([False, False, True], [True, True, False], [False, False, True])
