"""Waiting with an end."""

from __future__ import annotations

from elasticache_kit.emulator.fleet.deadline import Deadline


def test_waiting_ends_when_nothing_is_in_the_way() -> None:
    """The obstacle is asked for until it is gone."""
    obstacles = iter(["one", "two", None])
    assert Deadline(60).wait_for(lambda: next(obstacles)) is None
    assert next(obstacles, "none left") == "none left"


def test_waiting_ends_at_the_deadline() -> None:
    """At the end the obstacle that is still there is given, after it was asked for at least once."""
    assert Deadline(0).wait_for(lambda: "still there") == "still there"


def test_an_expired_deadline_accepts_what_is_ready() -> None:
    """Whoever is ready at the end is not late."""
    assert Deadline(0).wait_for(lambda: None) is None
