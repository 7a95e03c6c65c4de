"""Where the append only file of an engine ends, and its being cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elasticache_kit.emulator.fleet import append_file, power
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.engine import Engine
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine


@pytest.fixture
def engine(fleet: Fleet, order: Ordering) -> Engine:
    """Start an engine that syncs its file once a second."""
    fleet.start_group(order("written", durable=True, durability="async"))
    return fleet.group("written").node("written-001").engine


def test_the_end_is_in_the_part_that_is_written_to(engine: Engine, connect: Connecting) -> None:
    """That is another file after the engine has written the whole of it anew."""
    client = connect(engine.address)
    client.set("key", "value")
    first = append_file.end(engine)
    assert first is not None
    with engine.admin() as admin:
        admin.command("BGREWRITEAOF")
    until(lambda: append_file.end(engine), lambda mark: mark is not None and mark.path != first.path)
    client.set("key", "other")
    second = append_file.end(engine)

    assert second is not None
    assert second.path.read_bytes()[: second.length].endswith(b"other\r\n")


def test_what_is_behind_a_mark_is_cut(engine: Engine, connect: Connecting, fleet: Fleet) -> None:
    """And only that; the engine reads the rest."""
    client = connect(engine.address)
    client.set("kept", "1")
    mark = append_file.end(engine)
    client.set("cut", "1")
    assert mark is not None
    # While the disk is busy an engine that syncs once a second puts off the write, too.
    until(lambda: append_file.end(engine), lambda end: end is not None and end.length > mark.length)
    fleet.kill("written", "written-001")
    taken = append_file.cut(mark)
    power.give_back(fleet.group("written"), power.Loss(primaries=("written-001",), keeps=True))

    assert taken == len(b"*3\r\n$3\r\nSET\r\n$3\r\ncut\r\n$1\r\n1\r\n")
    assert append_file.cut(mark) == 0
    assert connect(engine.address).keys() == ["kept"]


def test_a_watch_says_what_is_on_the_disk_and_no_more(engine: Engine, connect: Connecting) -> None:
    """Before the first sync that it sees, that is what there was when it began."""
    client = connect(engine.address)
    watch = append_file.SyncWatch(engine)
    begun = watch.last_synced
    client.set("key", "value")
    watch.look()
    assert watch.last_synced == begun
    assert not watch.quiet

    def synced() -> append_file.Mark | None:
        client.incr("count")
        watch.look()
        return watch.synced

    found, now = until(synced, lambda mark: mark is not None), append_file.end(engine)
    assert begun is not None
    assert found is not None
    assert now is not None
    assert begun.length < found.length < now.length
