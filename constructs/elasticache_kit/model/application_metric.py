"""The metrics that an application tells of its cache, and alarms of the constructs watch."""

from __future__ import annotations

NAMESPACE = "ElastiCacheKit"
# Which cache: its id, as ELASTICACHE_KIT_CACHE_NAME has it.
DIMENSION = "Cache"
# Reads that went to the database past a cache that was down; AWS sees nothing of them.
FALLBACK = "fallback"
# All ways that a read can end.
READS = ("hit", "negative_hit", "miss", FALLBACK)
