"""Listener: drains the outbox into the cache, for as long as it runs.

It listens on the writer endpoint itself: RDS Proxy pins a connection that listens, and a replica takes no LISTEN. Two
listeners share the work, because each takes rows that the other has not locked.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.outbox.migration import CHANNEL, OUTBOX
from elasticache_kit.errors import ConnectionFailedError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

    from elasticache_kit.cache.leased_cache import LeasedCache

LOG = logging.getLogger("elasticache_kit.cache.outbox")
BATCH = 500
# So often it looks whether it is to stop, and so often it drains although nobody notified it.
TICK_SECONDS, POLL_SECONDS = 0.5, 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0

_TAKE = f"SELECT id, key FROM {OUTBOX} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"  # noqa: S608 - a constant
_DONE = f"DELETE FROM {OUTBOX} WHERE id = ANY(%s)"  # noqa: S608 - a constant


class CacheAwayError(Exception):
    """The cache does not take invalidations now; never leaves the listener."""


def drain(connection: psycopg.Connection[Any], caches: Sequence[LeasedCache], batch: int = BATCH) -> int:
    """Invalidate what stands in the outbox, one batch of it, and return how many rows those were.

    Rows go only when every cache has done it, so nothing is lost, and a key may be invalidated twice.

    Args:
        connection: to the database.
        caches: where the keys may be, one for each schema version in use.
        batch: how many rows at most.

    Raises:
        CacheAwayError: a cache does not answer; the rows stay.
    """
    with connection.transaction():
        rows: list[tuple[int, str]] = connection.execute(_TAKE, (batch,)).fetchall()
        for key in dict.fromkeys(key for _, key in rows):
            for cache in caches:
                try:
                    if not cache.invalidate(key):
                        raise CacheAwayError
                except ValidationError as error:
                    # Such a key was never cached; it must not stop the others.
                    LOG.warning("a row of the outbox is left out: %s", error)
        connection.execute(_DONE, ([number for number, _ in rows],))
    return len(rows)


@dataclass(slots=True)
class Listener:
    """Drains the outbox whenever the database notifies, and after each outage.

    Args:
        connect: connects to the writer endpoint of the database, with autocommit.
        caches: where the keys may be.
        stop: ends it when it is set, after the batch at hand.
        ready: is set when it listens and has drained what waited.
    """

    connect: Callable[[], psycopg.Connection[Any]]
    caches: Sequence[LeasedCache]
    stop: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)
    drained: int = 0
    _pause: float = FIRST_PAUSE

    def run(self) -> None:
        """Run until `stop` is set; outages of database and cache are waited out."""
        from psycopg import Error  # noqa: PLC0415 - an extra

        while not self.stop.is_set():
            try:
                self._listen()
            except (Error, CacheAwayError, ConnectionFailedError) as error:
                self.ready.clear()
                what = "the cache does not answer" if isinstance(error, CacheAwayError) else f"the database: {error}"
                LOG.warning("tries again in %.1f s: %s", self._pause, what)
                self.stop.wait(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _listen(self) -> None:
        with self.connect() as connection:
            # Before it drains: what is written while it does so is notified.
            connection.execute(f"LISTEN {CHANNEL}")
            while not self.stop.is_set():
                while not self.stop.is_set() and (done := drain(connection, self.caches)):
                    self.drained += done
                self._pause = FIRST_PAUSE
                self.ready.set()
                self._await(connection)

    def _await(self, connection: psycopg.Connection[Any]) -> None:
        waited = 0.0
        while waited < POLL_SECONDS and not self.stop.is_set():
            if any(True for _ in connection.notifies(timeout=TICK_SECONDS, stop_after=1)):
                return
            waited += TICK_SECONDS
