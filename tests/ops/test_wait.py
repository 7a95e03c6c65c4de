"""Waiting."""

from __future__ import annotations

import pytest

from elasticache_kit.errors import WaitTimeoutError
from elasticache_kit.ops.wait import Clock, until


class _Time:
    """A clock that only sleeping moves, and that remembers the naps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.naps.append(seconds)

    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)


def test_until_returns_the_first_answer() -> None:
    """The first answer that is not None ends the wait."""
    answers = iter([None, None, "here", "too late"])

    assert until(lambda: next(answers), what="it", timeout_seconds=60, clock=_Time().clock()) == "here"


def test_until_does_not_sleep_when_the_answer_is_there() -> None:
    """Something that is so already costs no time."""
    time = _Time()

    until(lambda: 0, what="it", timeout_seconds=60, clock=time.clock())

    assert time.naps == []


def test_until_asks_less_often_as_time_goes_by() -> None:
    """Pauses grow, up to two seconds."""
    time = _Time()
    answers = iter([None] * 20 + [1])

    until(lambda: next(answers), what="it", timeout_seconds=3600, clock=time.clock())

    assert time.naps == sorted(time.naps)
    assert time.naps[0] == 0.2
    assert time.naps[-1] == 2.0


def test_until_gives_up_at_the_deadline() -> None:
    """The deadline is kept to the second, and the message says what was awaited."""
    time = _Time()

    with pytest.raises(WaitTimeoutError, match=r"^waited 5 s for the event 'x', and it did not happen$"):
        until(lambda: None, what="the event 'x'", timeout_seconds=5, clock=time.clock())

    assert time.now == pytest.approx(5)


def test_until_ends_when_sleep_raises() -> None:
    """A drill that is over ends the wait of its fault by raising from sleep."""

    def sleep(_seconds: float) -> None:
        raise KeyError("over")

    with pytest.raises(KeyError):
        until(lambda: None, what="it", timeout_seconds=5, clock=Clock(sleep=sleep))
