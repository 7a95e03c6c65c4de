"""Waiting for a condition, with a clock that the caller may replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from elasticache_kit.errors import WaitTimeoutError

_T = TypeVar("_T")

FIRST_INTERVAL_SECONDS = 0.2
LONGEST_INTERVAL_SECONDS = 2.0
_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time in seconds and sleeps; real unless replaced.

    A `sleep` that raises ends the wait, which is how a drill stops one.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


REAL_CLOCK = Clock()


def until(
    attempt: Callable[[], _T | None],
    *,
    what: str,
    timeout_seconds: float,
    clock: Clock = REAL_CLOCK,
    longest_interval_seconds: float = LONGEST_INTERVAL_SECONDS,
) -> _T:
    """Return the first answer of `attempt` that is not None.

    The pause between two attempts grows from 0.2 seconds: a local failover is over in seconds, one on AWS takes
    minutes, and the API is throttled per account.

    Args:
        attempt: asked again and again; None means "not yet".
        what: completes the sentence "waited N s for ...".
        timeout_seconds: how long to go on asking; `attempt` is asked at least once.
        clock: real time when omitted.
        longest_interval_seconds: what the pause grows to; 2 seconds when omitted.

    Raises:
        WaitTimeoutError: `attempt` had no answer in time.
    """
    deadline = clock.now() + timeout_seconds
    interval = FIRST_INTERVAL_SECONDS
    while True:
        answer = attempt()
        if answer is not None:
            return answer
        left = deadline - clock.now()
        if left <= 0:
            raise WaitTimeoutError(f"waited {timeout_seconds:g} s for {what}, and it did not happen")
        clock.sleep(min(interval, left))
        interval = min(interval * _GROWTH, longest_interval_seconds)
