"""Settings of running engines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import Fleet, NodePlan
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Ordering

pytestmark = pytest.mark.engine

KEY = "orders"
FIRST, SECOND = f"{KEY}-001", f"{KEY}-002"


@pytest.fixture(scope="module")
def group(shared_fleet: Fleet, order: Ordering) -> Iterator[Fleet]:
    """A fleet with a primary and a replica."""
    shared_fleet.start_group(order(KEY, nodes=2, parameters={"maxmemory-samples": "3"}))
    yield shared_fleet
    shared_fleet.stop_group(KEY)


def asked(fleet: Fleet, setting: str) -> dict[str, str]:
    """Ask every node for a setting."""
    found: dict[str, str] = {}
    for name in fleet.roles(KEY):
        with fleet.group(KEY).node(name).engine.admin() as admin:
            answer = admin.command("CONFIG", "GET", setting)
        assert isinstance(answer, list)
        found[name] = str(answer[1])
    return found


def test_some_are_in_force_at_once(group: Fleet) -> None:
    """On every node, on one that is recovered, and on one that comes later."""
    group.set_parameters(KEY, {"maxmemory-policy": "allkeys-lfu", "maxmemory-samples": "7"})
    group.recover(KEY, SECOND)
    group.add_replica(KEY, "0001", NodePlan(cache_cluster_id="late"))
    assert set(asked(group, "maxmemory-policy").values()) == {"allkeys-lfu"}
    assert set(asked(group, "maxmemory-samples").values()) == {"7"}
    group.remove_replica(KEY, "late")


def test_others_wait_for_a_reboot(group: Fleet) -> None:
    """Only the node that is rebooted has them."""
    group.set_parameters(KEY, {}, on_reboot={"databases": "32", "maxmemory-samples": "9"})
    assert set(asked(group, "databases").values()) == {"16"}
    group.restart(KEY, SECOND)
    assert asked(group, "databases") == {FIRST: "16", SECOND: "32"}
    assert asked(group, "maxmemory-samples")[SECOND] == "9"


def test_what_the_engine_refuses_is_told(group: Fleet) -> None:
    """In its own words; nothing is changed, and nodes that start later do not get it."""
    before = asked(group, "maxmemory-policy")
    with pytest.raises(EngineStartError, match="maxmemory-policy"):
        group.set_parameters(KEY, {"maxmemory-policy": "no-such-policy"})
    group.restart(KEY, SECOND)
    assert asked(group, "maxmemory-policy") == before
