"""The sampler: asks the engines once a minute, and whenever somebody asks CloudWatch."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.metric.cache_metrics import CacheMetrics
from elasticache_kit.emulator.state.moment import now

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.metric.datum import Datum

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 60.0
# Who asks more often than this is told what is known.
FRESH_SECONDS = 1.0
EXIT_SECONDS = 5.0
# CloudWatch keeps a minute for 15 days; this is three hours of a small fleet, and keeps a large one in bounds.
MOST_DATA = 100_000


@dataclass(slots=True)
class _Kept:
    data: deque[Datum] = field(default_factory=lambda: deque(maxlen=MOST_DATA))
    sampled: float = float("-inf")


@dataclass(slots=True)
class Sampler:
    """Keeps the metrics of every region of every account.

    Args:
        fleet: the engines.
    """

    fleet: Fleet
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict[tuple[str, str], _Kept])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _metrics: CacheMetrics = field(init=False)

    def __post_init__(self) -> None:
        self._metrics = CacheMetrics(self.fleet)

    def start(self) -> None:
        """Begin to ask once a minute."""
        self._thread = threading.Thread(target=self._run, name="metric-sampler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and return when it has ended."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(EXIT_SECONDS)

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._kept.clear()
            self._metrics = CacheMetrics(self.fleet)

    def data(self, account_id: str, region_name: str) -> list[Datum]:
        """Return what is known of a region, with this moment."""
        with self._lock:
            kept = self._kept.setdefault((account_id, region_name), _Kept())
            if time.monotonic() - kept.sampled >= FRESH_SECONDS:
                minute = now().replace(second=0, microsecond=0)
                kept.data.extend(self._metrics.read(_region(account_id, region_name), minute))
                kept.sampled = time.monotonic()
            return list(kept.data)

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD_SECONDS):
            for account_id, region_name in _places():
                try:
                    self.data(account_id, region_name)
                except Exception:
                    logger.exception("the metrics of %s could not be read", region_name)


def _places() -> list[tuple[str, str]]:
    return [(account_id, name) for account_id, name, _ in elasticache_backends.iter_backends()]


def _region(account_id: str, region_name: str) -> Any:
    backends: Any = elasticache_backends
    return backends[account_id][region_name].region
