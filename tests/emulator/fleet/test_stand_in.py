"""A fleet that ends while a process of a durable group is replaced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import Fleet, NodePlan
from elasticache_kit.emulator.fleet.stand_in import standing_in

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEY, NODE, HELPER = "orders", "orders-001", "orders-001-helper"


@pytest.mark.parametrize(("noted", "found"), [(True, "value"), (False, None)])
def test_the_next_one_finds_what_the_helper_held(
    tmp_path: Path, order: Ordering, connect: Connecting, *, noted: bool, found: str | None
) -> None:
    """The note leads to the data; the control: without it the node that was being replaced comes back empty."""
    first = Fleet(tmp_path / "fleet")
    first.start_group(order(KEY, durable=True))
    connect(first.primary_endpoint(KEY) or "").set("key", "value")
    first.add_replica(KEY, "0001", NodePlan(cache_cluster_id=HELPER))
    first.promote(KEY, HELPER)
    group = first.group(KEY)
    node = group.node(NODE)
    cut_off = standing_in(group, group.node(HELPER), node)
    if noted:
        cut_off.__enter__()
    node.engine.kill()
    node.engine.wipe()
    first.stop()

    second = Fleet(tmp_path / "fleet")
    try:
        second.start_group(order(KEY, durable=True, resumes=True))
        assert connect(second.primary_endpoint(KEY) or "").get("key") == found
        assert not list((tmp_path / "fleet").rglob("*.stand-in"))
    finally:
        second.stop()


def test_nothing_is_left_of_a_replacement_that_ends(shared_fleet: Fleet, order: Ordering) -> None:
    """The node has written everything itself, and the next start takes that."""
    shared_fleet.start_group(order("carts", durable=True))
    shared_fleet.replace_nodes("carts", {})
    assert not list(shared_fleet.directory.rglob("*.stand-in"))
    with shared_fleet.group("carts").node("carts-001").engine.admin() as admin:
        assert admin.info("persistence")["aof_rewrite_in_progress"] == "0"
