"""The benchmark of clients that stay ill: what it makes of their logs. Whether they are ill is for it to say."""

from __future__ import annotations

import pytest

from benchmarks.client_defect import Trial, line, measured
from benchmarks.cluster import SLOTS
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.subject import Seen

CALLED, END, RATE = 2.0, 12.0, 100.0


def seen(share: float, *, starved_seconds: float = 0.0, failure: str | None = None) -> Seen:
    """Return a client that has, after the call, a share of its load in one shard, and all of it in the others."""
    now = [0.0]
    history = History(lambda: now[0])
    for name in SLOTS:
        for number in range(round(END * RATE)):
            now[0] = number / RATE
            place = history.invoke(Action.WRITE, name, now[0], number)
            lost = name == "0002" and now[0] >= CALLED and number % 10 >= share * 10
            history.complete(Action.WRITE, name, place, Kind.FAIL if lost else Kind.OK)
    return Seen(
        name="redis-py-defaults", version="1", settings="", history=history, starved_seconds=starved_seconds,
        failure=failure,
    )  # fmt: skip


@pytest.mark.parametrize(("share", "ill"), [(1.0, False), (0.5, True), (0.0, True)])
def test_the_shard_that_has_least_of_its_load_says_whether_a_client_is_ill(share: float, ill: bool) -> None:
    """Also where it is not the one that was struck."""
    told = measured("redis-py", seen(share), CALLED)

    assert told.before == pytest.approx(RATE)
    assert told.share == pytest.approx(share, abs=0.02)
    assert told.ill is ill
    assert not told.void(RATE)


@pytest.mark.parametrize(
    ("told", "void"),
    [
        (measured("redis-py", seen(1.0, starved_seconds=0.3), CALLED), True),
        (measured("redis-py", seen(1.0, failure="OSError: gone"), CALLED), True),
        (measured("redis-py", seen(1.0), CALLED), False),
    ],
)
def test_a_client_without_time_or_load_tells_nothing(told: Trial, void: bool) -> None:
    """It is counted, and not among the ill."""
    assert told.void(RATE) is void
    assert told.void(3 * RATE)
    assert line("redis-py-defaults", [told], RATE).endswith("the machine is too busy" if void else "100%")
