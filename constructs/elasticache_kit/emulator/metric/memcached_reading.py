"""What one memcached process tells of itself: `stats` in, metrics of CloudWatch out.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.emulator.metric.value import difference, ratio

if TYPE_CHECKING:
    from elasticache_kit.model.node_type import NodeType

# What is so at a moment, by the name in `stats`.
GAUGES = {
    "BytesUsedForCacheItems": "bytes",
    "BytesUsedForHash": "hash_bytes",
    "CurrConnections": "curr_connections",
    "CurrItems": "curr_items",
}
# What adds up while the process runs; a metric is how much was added.
COUNTERS = {
    "BytesReadIntoMemcached": "bytes_read",
    "BytesWrittenOutFromMemcached": "bytes_written",
    "CasBadval": "cas_badval",
    "CasHits": "cas_hits",
    "CasMisses": "cas_misses",
    "CmdFlush": "cmd_flush",
    "CmdGet": "cmd_get",
    "CmdSet": "cmd_set",
    "CmdTouch": "cmd_touch",
    "DecrHits": "decr_hits",
    "DecrMisses": "decr_misses",
    "DeleteHits": "delete_hits",
    "DeleteMisses": "delete_misses",
    "EvictedUnfetched": "evicted_unfetched",
    "Evictions": "evictions",
    "ExpiredUnfetched": "expired_unfetched",
    "GetHits": "get_hits",
    "GetMisses": "get_misses",
    "IncrHits": "incr_hits",
    "IncrMisses": "incr_misses",
    "NewConnections": "total_connections",
    "NewItems": "total_items",
    "Reclaimed": "reclaimed",
    "SlabsMoved": "slabs_moved",
    "TouchHits": "touch_hits",
    "TouchMisses": "touch_misses",
}


@dataclass(frozen=True, slots=True)
class MemcachedReading:
    """What a process said at a moment.

    Args:
        at: the moment, in seconds.
        fields: `stats`.
    """

    at: float
    fields: Mapping[str, str]


def values(before: MemcachedReading | None, now: MemcachedReading, node_type: NodeType | None) -> dict[str, float]:
    """Return the metrics of a node.

    Args:
        before: what it said last; None where it has said nothing, and nothing that adds up is told then.
        now: what it says.
        node_type: what the node would be on AWS; None leaves out what follows from it.
    """
    fields = now.fields
    found = {metric: float(fields[name]) for metric, name in GAUGES.items() if name in fields}
    if "limit_maxbytes" in fields:
        found["UnusedMemory"] = float(fields["limit_maxbytes"]) - float(fields.get("bytes", 0))
    # Another process begins to count anew.
    if before is None or before.fields.get("pid") != fields.get("pid"):
        return found
    found |= {metric: difference(before.fields, fields, name) for metric, name in COUNTERS.items() if name in fields}
    if node_type is not None and node_type.vcpu:
        busy = sum(difference(before.fields, fields, name) for name in ("rusage_user", "rusage_system"))
        found |= ratio("CPUUtilization", 100 * busy, (now.at - before.at) * node_type.vcpu)
    return found
