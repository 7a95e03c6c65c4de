"""Invalidation for writers that died before they invalidated, or never knew of a cache.

A trigger writes the key of each changed row to an outbox, in the transaction of the change; a listener reads the
outbox and deletes the keys from the cache. A rollback leaves nothing, and what happens while the listener is down waits
for it.

    python -m elasticache_kit.cache.outbox sql orders customers > migration.sql
    python -m elasticache_kit.cache.outbox run --prefix shop

    cache.read(row_key("orders", 7), load)
"""

from elasticache_kit.cache.outbox.key import row_key

__all__ = ["row_key"]
