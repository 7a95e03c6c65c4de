"""What a cache counts, and where the counts go: plain numbers, Prometheus, or OpenTelemetry."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any, Protocol

from elasticache_kit.cache.credential import missing


class Event(StrEnum):
    """Something that is counted."""

    # Enum's own is written in Python, and a count is part of every hit.
    __hash__ = str.__hash__

    HIT = "hit"
    NEGATIVE_HIT = "negative_hit"
    MISS = "miss"
    # The database was asked.
    LOAD = "load"
    FILL = "fill"
    # A loader was too slow, or somebody wrote meanwhile: its caller got the value, the cache did not.
    FENCED = "fenced"
    # A reader waited for what another one loaded.
    WAIT = "wait"
    REFRESH = "refresh"
    REFRESH_FAILED = "refresh_failed"
    # The database was asked past the cache, because that was down or another loader took too long.
    FALLBACK = "fallback"
    # The cache did not answer, or refused a command.
    UNAVAILABLE = "unavailable"
    INVALIDATION = "invalidation"
    # It will be made up for as soon as the cache answers this process, see `LeasedCache.invalidate`.
    INVALIDATION_OWED = "invalidation_owed"
    # There were too many to remember: TTL and outbox are what is left.
    INVALIDATION_LOST = "invalidation_lost"
    # A value of somebody else, or of another version of a class.
    UNREADABLE = "unreadable"


class Metrics(Protocol):
    """Takes the counts; must not raise, and is called on every read."""

    def count(self, event: Event) -> None:
        """Something happened once."""
        ...

    def breaker(self, *, is_open: bool) -> None:
        """The breaker opened, so that the cache is left alone, or closed again."""
        ...


class Counts:
    """Plain numbers, for tests and for pages of one's own."""

    def __init__(self) -> None:
        self.events: Counter[Event] = Counter()
        self.breaker_is_open = False

    def count(self, event: Event) -> None:
        """Add one. A thread that is interrupted in the middle may lose one, which a count for people can bear."""
        self.events[event] += 1

    def breaker(self, *, is_open: bool) -> None:
        """Note it."""
        self.breaker_is_open = is_open

    def __getitem__(self, event: Event) -> int:
        return self.events[event]


class PrometheusMetrics:
    """elasticache_kit_cache_events_total and elasticache_kit_cache_breaker_open, with the label `cache`.

    Args:
        cache: the value of the label.
        registry: where they are registered. Default: prometheus_client's own.

    Raises:
        MissingToolError: prometheus_client is not installed.
    """

    def __init__(self, cache: str, registry: Any = None) -> None:
        try:
            from prometheus_client import REGISTRY, Counter, Gauge  # noqa: PLC0415 - not everybody's
        except ImportError as error:
            raise missing("prometheus_client", "cache", "PrometheusMetrics") from error
        target = REGISTRY if registry is None else registry
        events: Any = Counter("elasticache_kit_cache_events", "What a cache did.", ["cache", "event"], registry=target)
        state: Any = Gauge(
            "elasticache_kit_cache_breaker_open", "1 while it is left alone.", ["cache"], registry=target
        )
        self._events = {event: events.labels(cache, event.value) for event in Event}
        self._state = state.labels(cache)

    def count(self, event: Event) -> None:
        """Add one."""
        self._events[event].inc()

    def breaker(self, *, is_open: bool) -> None:
        """Set the gauge."""
        self._state.set(int(is_open))


class OpenTelemetryMetrics:
    """elasticache_kit.cache.events, and elasticache_kit.cache.breaker_open, with the attribute `cache`.

    Args:
        cache: the value of the attribute.
        meter: where they are made. Default: the meter `elasticache_kit` of the global provider.

    Raises:
        MissingToolError: opentelemetry-api is not installed.
    """

    def __init__(self, cache: str, meter: Any = None) -> None:
        try:
            from opentelemetry.metrics import get_meter  # noqa: PLC0415 - not everybody's
        except ImportError as error:
            raise missing("opentelemetry-api", "cache", "OpenTelemetryMetrics") from error
        source: Any = get_meter("elasticache_kit") if meter is None else meter
        self._events = source.create_counter("elasticache_kit.cache.events")
        self._state = source.create_up_down_counter("elasticache_kit.cache.breaker_open")
        self._attributes = {event: {"cache": cache, "event": event.value} for event in Event}
        self._cache = {"cache": cache}
        self._is_open = False

    def count(self, event: Event) -> None:
        """Add one."""
        self._events.add(1, self._attributes[event])

    def breaker(self, *, is_open: bool) -> None:
        """Add or take away one where it changed."""
        if is_open != self._is_open:
            self._is_open = is_open
            self._state.add(1 if is_open else -1, self._cache)
