"""What outlives the loss of power of all nodes: by a journal of what was acknowledged."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator.fleet import power
from tests.emulator.journal import Journal

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.power import Loss
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

RATE = 500
# An engine begins to sync once a second and makes writers wait where that takes another one.
WINDOW_SECONDS = 2.2
Measured = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a loss of power took.

    Args:
        acknowledged: the number of writes.
        lost: those that are not there afterwards.
        oldest: how old the oldest of them was, in seconds.
        loss: what the fault says itself.
    """

    acknowledged: int
    lost: int
    oldest: float
    loss: Loss


class Durable:
    """A shard of two nodes in a fleet.

    Args:
        fleet: the fleet.
        order: makes its plan.
        connect: makes its clients.
        durability: what it promises.
    """

    def __init__(self, fleet: Fleet, order: Ordering, connect: Connecting, durability: str) -> None:
        self.fleet, self.key, self._connect = fleet, f"of-{durability}", connect
        options: dict[str, Any] = {"durability": durability, "durable": durability != "disabled"}
        fleet.start_group(order(self.key, shards=1, nodes=2, **options))

    def without_sync(self) -> None:
        """Leave it to the kernel when anything is written to the disk."""
        for node in self.fleet.group(self.key).nodes.values():
            with node.engine.admin() as admin:
                admin.command("CONFIG", "SET", "appendfsync", "no")

    def lose_power(self, seconds: float) -> Outcome:
        """Write for a while, lose power in the middle of it, and compare."""
        group = self.fleet.group(self.key)
        primary = group.leader("0001")
        with Journal(primary.address, RATE, prefix=f"{time.monotonic()}-") as journal:
            time.sleep(seconds)  # not to synchronise: the load goes on for so long
            loss = power.lose(group)
        assert not any(node.engine.alive for node in group.nodes.values())
        power.give_back(group, loss)
        lost = journal.lost(self._connect(primary.address))
        last = journal.entries[-1].acknowledged
        return Outcome(len(journal.entries), len(lost), last - lost[0].acknowledged if lost else 0.0, loss)


def test_sync_loses_nothing(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """And both nodes are there again, in their roles."""
    durable = Durable(fleet, order, connect, "sync")
    outcome = durable.lose_power(0.5)

    assert (outcome.lost, outcome.loss.cut_bytes) == (0, 0)
    assert outcome.acknowledged > 0
    assert sorted(fleet.roles(durable.key).values()) == ["primary", "replica"]


def test_sync_without_a_sync_would_be_found_out(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """The control of the test above: the same power loss, where no engine calls fsync."""
    durable = Durable(fleet, order, connect, "sync")
    durable.without_sync()
    outcome = durable.lose_power(0.5)

    assert outcome.lost == outcome.acknowledged > 0


def test_async_loses_the_last_moment(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """What came after the last sync, and the fault says how long that is."""
    outcome = Durable(fleet, order, connect, "async").lose_power(0.5)

    assert outcome.lost < outcome.acknowledged
    assert outcome.oldest <= min(outcome.loss.window_seconds + 0.1, WINDOW_SECONDS)


def test_without_durability_everything_is_lost(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """The group is there again, and cold."""
    outcome = Durable(fleet, order, connect, "disabled").lose_power(0.3)

    assert outcome.lost == outcome.acknowledged > 0


def test_durability_changes_on_a_group_that_runs(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """What was there before is kept from then on, too; and no longer after the change back."""
    durable = Durable(fleet, order, connect, "disabled")
    group = fleet.group(durable.key)
    address = group.leader("0001").address
    connect(address).set("before", "1")
    power.set_durability(group, "sync", durable=True)
    connect(address).set("after", "1")
    power.give_back(group, power.lose(group))
    assert (connect(address).get("before"), connect(address).get("after")) == ("1", "1")

    power.set_durability(group, "disabled", durable=False)
    power.give_back(group, power.lose(group))
    assert connect(address).dbsize() == 0


@pytest.fixture
def durable(request: pytest.FixtureRequest, fleet: Fleet, order: Ordering, connect: Connecting) -> Durable:
    """Start a shard of a durability."""
    return Durable(fleet, order, connect, request.param)


@pytest.mark.prove
@pytest.mark.parametrize("durable", ["sync", "async", "disabled"], indirect=True)
def test_again_and_again(durable: Durable, measured: Measured) -> None:
    """At random moments of the time between two syncs."""
    durability = durable.key.removeprefix("of-")
    for trial in range(10):
        outcome = durable.lose_power(1.5)
        measured(
            "power loss", durability=durability, trial=trial, acknowledged=outcome.acknowledged, lost=outcome.lost,
            oldest_ms=outcome.oldest * 1000, window_ms=outcome.loss.window_seconds * 1000,
        )  # fmt: skip
        match durability:
            case "sync":
                assert outcome.lost == 0
            case "async":
                assert outcome.oldest <= min(outcome.loss.window_seconds + 0.1, WINDOW_SECONDS)
            case _:
                assert outcome.lost == outcome.acknowledged


@pytest.mark.prove
@pytest.mark.parametrize("durable", ["sync"], indirect=True)
def test_again_and_again_without_a_sync(durable: Durable, measured: Measured) -> None:
    """The control of the trials above."""
    for trial in range(3):
        durable.without_sync()
        outcome = durable.lose_power(1.5)
        measured(
            "power loss", durability="sync without fsync", trial=trial, acknowledged=outcome.acknowledged,
            lost=outcome.lost, oldest_ms=outcome.oldest * 1000,
        )  # fmt: skip
        assert outcome.lost == outcome.acknowledged
