"""EmbeddedMetrics: counts that CloudWatch finds in a log, without an agent and without a call."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from elasticache_kit.model.application_metric import DIMENSION, NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.cache.metric import Event

PERIOD_SECONDS = 60.0
_MILLISECONDS = 1000
_BREAKER = "breaker_open"


class EmbeddedMetrics:
    """Writes what a cache did as one line of JSON in a while, in CloudWatch's embedded metric format.

    Lambda, and ECS with the log driver `awslogs`, send what a program prints to CloudWatch, which makes metrics of such
    a line: the namespace `ElastiCacheKit`, the dimension `Cache`, a metric for each event. The alarm of `DatabaseCache`
    on reads that went past the cache watches them.

    See https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        cache: the id of the cache, ELASTICACHE_KIT_CACHE_NAME.
        period: seconds between two lines; a line is written with an event, so a cache without readers writes none.
            Default: 60.
        write: takes a line. Default: print.
        clock: seconds that never go back. Default: time.monotonic.
        now: seconds since 1970. Default: time.time.
    """

    def __init__(
        self,
        cache: str,
        *,
        period: float = PERIOD_SECONDS,
        write: Callable[[str], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._cache, self._period = cache, period
        self._write = write or _print
        self._clock, self._now = clock, now
        self._counts: Counter[str] = Counter()
        self._is_open = False
        self._begun = clock()
        self._lock = threading.Lock()

    def count(self, event: Event) -> None:
        """Add one, and write a line where it is time."""
        with self._lock:
            self._counts[event.value] += 1
            line = self._line() if self._clock() - self._begun >= self._period else None
        if line is not None:
            self._write(line)

    def breaker(self, *, is_open: bool) -> None:
        """Note it; it goes out with the next line."""
        with self._lock:
            self._is_open = is_open

    def flush(self) -> None:
        """Write what is counted now: before a function is frozen, or a process ends."""
        with self._lock:
            line = self._line() if self._counts else None
        if line is not None:
            self._write(line)

    def _line(self) -> str:
        values: dict[str, int] = {**self._counts, _BREAKER: int(self._is_open)}
        self._counts, self._begun = Counter(), self._clock()
        definition = {
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": [{"Name": name, "Unit": "Count"} for name in values],
        }
        head = {"Timestamp": round(self._now() * _MILLISECONDS), "CloudWatchMetrics": [definition]}
        return json.dumps({"_aws": head, DIMENSION: self._cache, **values})


def _print(line: str) -> None:
    # Other threads print too; one call is one line.
    print(line, flush=True)  # noqa: T201 - the log of the program is where it belongs
