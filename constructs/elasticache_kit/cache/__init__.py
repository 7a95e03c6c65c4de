"""What applications import: a client from the environment, a cache that is never stale, sessions.

Importing this package costs next to nothing; each name brings its own module, and a client library only where it is
used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticache_kit.cache.async_leased_cache import AsyncLeasedCache
    from elasticache_kit.cache.breaker import Breaker
    from elasticache_kit.cache.client_request import Patience
    from elasticache_kit.cache.connection import STEADY, TIGHT, connect, connect_async
    from elasticache_kit.cache.entry import JSON, PICKLE, Serializer
    from elasticache_kit.cache.leased_cache import LeasedCache
    from elasticache_kit.cache.metric import Counts, Event, Metrics, OpenTelemetryMetrics, PrometheusMetrics
    from elasticache_kit.cache.policy import Policy

__all__ = [
    "JSON",
    "PICKLE",
    "STEADY",
    "TIGHT",
    "AsyncLeasedCache",
    "Breaker",
    "Counts",
    "Event",
    "LeasedCache",
    "Metrics",
    "OpenTelemetryMetrics",
    "Patience",
    "Policy",
    "PrometheusMetrics",
    "Serializer",
    "connect",
    "connect_async",
]

_PLACES = {
    "async_leased_cache": ("AsyncLeasedCache",),
    "breaker": ("Breaker",),
    "connection": ("STEADY", "TIGHT", "connect", "connect_async"),
    "client_request": ("Patience",),
    "entry": ("JSON", "PICKLE", "Serializer"),
    "leased_cache": ("LeasedCache",),
    "metric": ("Counts", "Event", "Metrics", "OpenTelemetryMetrics", "PrometheusMetrics"),
    "policy": ("Policy",),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a name with its module, the first time that it is asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
