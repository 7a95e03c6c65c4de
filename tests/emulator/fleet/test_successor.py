"""Engines of a cluster elect a primary by themselves, and whoever promotes respects that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Ordering

pytestmark = pytest.mark.engine

SECOND = "electing-0001-002"


def test_an_elected_primary_comes_first(fleet: Fleet, order: Ordering) -> None:
    """It stays the primary; with one replica there would be nobody else to promote."""
    fleet.start_group(order("electing", shards=3, nodes=2, parameters={"cluster-node-timeout": "500"}))
    fleet.kill("electing", "electing-0001-001")
    before = fleet.successors("electing", "0001")
    until(lambda: fleet.roles("electing")[SECOND], lambda role: role == "primary")

    assert before == (SECOND,)
    assert fleet.replicas_by_offset("electing", "0001") == ()
    assert fleet.successors("electing", "0001") == (SECOND,)
    fleet.promote("electing", SECOND)
    fleet.recover("electing", "electing-0001-001")
    assert fleet.roles("electing")["electing-0001-001"] == "replica"
