"""The breaker, by a clock of its own."""

from __future__ import annotations

from elasticache_kit.cache import Breaker


def test_it_opens_after_failures_in_a_row() -> None:
    """A success between them begins anew."""
    breaker = Breaker(failures=3, clock=lambda: 0)
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows()
    for _ in range(3):
        breaker.failed()
    assert breaker.is_open
    assert not breaker.allows()


def test_one_call_tries_after_each_pause() -> None:
    """Others wait for what comes of it, and a success closes it."""
    now, changes = [0.0], list[bool]()
    breaker = Breaker(failures=1, pause=1, changed=changes.append, clock=lambda: now[0])
    breaker.failed()
    now[0] = 0.9
    assert not breaker.allows()
    now[0] = 1.0
    assert [breaker.allows() for _ in range(3)] == [True, False, False]
    breaker.failed()
    now[0] = 1.9
    assert not breaker.allows()
    now[0] = 2.0
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]
    assert changes == [True, False]
