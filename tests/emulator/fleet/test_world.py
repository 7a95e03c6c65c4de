"""Groups that replicate from each other, as the members of a global datastore do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import valkey

from elasticache_kit.emulator.fleet import Fleet
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.lag import set_lag
from elasticache_kit.errors import RefusedError
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer
from tests.emulator.wire import until

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

EAST, WEST, SOUTH = "east", "west", "south"
PATIENCE = 60.0
# Long enough to be told from none on a busy machine.
LAG_SECONDS = 0.8


@pytest.fixture
def world(fleet: Fleet, order: Ordering) -> Fleet:
    """A fleet with a primary group of two nodes behind TLS, and a secondary of two nodes."""
    fleet.start_group(order(EAST, nodes=2, tls=True))
    fleet.start_group(order(WEST, nodes=2, tls=True, source_key=EAST))
    return fleet


@pytest.fixture
def at(world: Fleet, connect: Connecting) -> Any:
    """Give the maker of clients of a group's primary endpoint."""

    def make(key: str) -> Any:
        return connect(world.primary_endpoint(key) or "", ssl=True, ssl_ca_certs=str(world.ca_file))

    return make


def arrives(client: Any, key: str, value: str) -> bool:
    """Wait until a value is there."""
    return Deadline(PATIENCE).wait_for(lambda: None if client.get(key) == value else "not there yet") is None


def test_a_secondary_has_what_the_primary_has_and_takes_no_writes(world: Fleet, at: Any, connect: Connecting) -> None:
    """At its primary endpoint and at its reader endpoint, before and after failovers on either side."""
    east, west = at(EAST), at(WEST)
    east.set("key", "1")
    assert arrives(west, "key", "1")
    with pytest.raises(valkey.ReadOnlyError):
        west.set("key", "2")
    world.kill(EAST, "east-001")
    world.promote(EAST, "east-002")
    at(EAST).set("key", "3")
    assert arrives(west, "key", "3")
    world.recover(EAST, "east-001")
    world.kill(WEST, "west-001")
    world.promote(WEST, "west-002")
    world.recover(WEST, "west-001")
    at(EAST).set("key", "4")
    reader = connect(world.reader_endpoint(WEST) or "", ssl=True, ssl_ca_certs=str(world.ca_file))
    assert arrives(at(WEST), "key", "4")
    assert arrives(reader, "key", "4")
    with pytest.raises(valkey.ReadOnlyError):
        at(WEST).set("key", "5")


def test_roles_are_exchanged_without_loss(world: Fleet, at: Any, order: Ordering) -> None:
    """Under load: what was acknowledged before is on all members after, the old primary and the third follow."""
    world.start_group(order(SOUTH, tls=True, source_key=EAST))
    with Writer(lambda: at(EAST)) as writer:
        assert Deadline(PATIENCE).wait_for(lambda: None if writer.acknowledged > 100 else "too few") is None
        world.move_primary(EAST, WEST, [SOUTH])
    assert writer.failures > 0
    west = at(WEST)
    assert west.set("after", "value")
    for key in (EAST, SOUTH):
        assert arrives(at(key), "after", "value")
        with pytest.raises(valkey.ReadOnlyError):
            at(key).set("after", "other")
    written = {key: at(key).keys("written-*") for key in (EAST, WEST, SOUTH)}
    assert len(written[WEST]) >= writer.acknowledged
    assert set(written[EAST]) == set(written[WEST]) == set(written[SOUTH])
    world.move_primary(WEST, EAST, [SOUTH])
    assert at(EAST).set("back", "value")
    assert arrives(at(SOUTH), "back", "value")


def test_a_dead_primary_is_left_behind(world: Fleet, at: Any) -> None:
    """What has arrived stays; the secondary takes writes."""
    at(EAST).set("key", "1")
    assert arrives(at(WEST), "key", "1")
    for name in ("east-001", "east-002"):
        world.kill(EAST, name)
    world.move_primary(EAST, WEST)
    west = at(WEST)
    assert (west.get("key"), west.set("key", "2")) == ("1", True)


def test_a_secondary_that_stands_alone_keeps_what_it_has(world: Fleet, at: Any) -> None:
    """It takes writes, and hears no longer of what was its primary."""
    at(EAST).set("key", "1")
    assert arrives(at(WEST), "key", "1")
    world.follow(WEST, None)
    at(EAST).set("key", "2")
    west = at(WEST)
    assert (west.get("key"), west.set("other", "value")) == ("1", True)
    assert digest(world, WEST)[0] == 2


def seconds_until(east: Any, west: Any, value: str) -> float:
    """Write to the primary, and return how long the secondary takes to have it."""
    begun = time.monotonic()
    east.set("key", value)
    assert arrives(west, "key", value)
    return time.monotonic() - begun


def test_another_region_is_behind_by_the_lag(world: Fleet, at: Any) -> None:
    """What the primary sends arrives late, and at once again when the lag is taken away; the copy is not made anew."""
    east, west = at(EAST), at(WEST)
    east.set("key", "1")
    assert arrives(west, "key", "1")
    copies = east.info("stats")["sync_full"]
    set_lag(world.group(WEST), {"west-001": LAG_SECONDS})
    assert seconds_until(east, west, "2") >= LAG_SECONDS * 0.9
    set_lag(world.group(WEST), {"west-001": 0})
    # A busy machine may be late itself, but not each time.
    values = (str(number) for number in range(3, 1000))
    until(lambda: seconds_until(east, west, next(values)), lambda seconds: seconds < LAG_SECONDS / 2)
    assert east.info("stats")["sync_full"] == copies


def test_members_that_there_is_no_room_for_are_kept_account_of(tmp_path: Path, order: Ordering) -> None:
    """Nothing follows them, their roles may be exchanged, and one with engines does not take over from one without."""
    fleet = Fleet(tmp_path / "fleet", most_engines=1)
    try:
        fleet.start_group(order(EAST, nodes=2))
        fleet.start_group(order(WEST, source_key=EAST))
        fleet.start_group(order(SOUTH))
        assert fleet.on_paper == (EAST, WEST)
        fleet.move_primary(EAST, WEST)
        fleet.follow(EAST, None)
        with pytest.raises(RefusedError, match="no room"):
            fleet.move_primary(EAST, SOUTH)
    finally:
        fleet.stop()
