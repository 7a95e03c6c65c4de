"""What one Valkey or Redis engine tells of itself: INFO in, metrics of CloudWatch out.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html, which names the field of INFO
behind most metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from elasticache_kit.emulator.metric.value import difference, ratio

if TYPE_CHECKING:
    from elasticache_kit.model.node_type import NodeType

Fields: TypeAlias = "Mapping[str, str]"

# What is so at a moment, by the field of INFO.
GAUGES = {
    "BytesUsedForCache": "used_memory",
    "CurrConnections": "connected_clients",
    "BlockedConnections": "blocked_clients",
    "KeysTracked": "tracking_total_keys",
    "MemoryFragmentationRatio": "mem_fragmentation_ratio",
    "AllocatorFragmentationBytes": "allocator_frag_bytes",
    "AllocatorFragmentationRatio": "allocator_frag_ratio",
    "UsedMemoryDataset": "used_memory_dataset",
    "PubSubChannels": "pubsub_channels",
    "PubSubShardChannels": "pubsubshard_channels",
    "SaveInProgress": "rdb_bgsave_in_progress",
}
# What adds up while the engine runs; a metric is how much was added.
COUNTERS = {
    "CacheHits": "keyspace_hits",
    "CacheMisses": "keyspace_misses",
    "Evictions": "evicted_keys",
    "Reclaimed": "expired_keys",
    "NewConnections": "total_connections_received",
    "RejectedConnections": "rejected_connections",
    "ProcessedCommands": "total_commands_processed",
    "NetworkBytesIn": "total_net_input_bytes",
    "NetworkBytesOut": "total_net_output_bytes",
    "ErrorCount": "total_error_replies",
    "ActiveDefragHits": "active_defrag_hits",
    "AuthenticationFailures": "acl_access_denied_auth",
    "CommandAuthorizationFailures": "acl_access_denied_cmd",
    "KeyAuthorizationFailures": "acl_access_denied_key",
    "ChannelAuthorizationFailures": "acl_access_denied_channel",
}
# The kinds of commands by the category that the engine itself puts a command in.
CATEGORIES = {
    "@string": "StringBasedCmds",
    "@hash": "HashBasedCmds",
    "@list": "ListBasedCmds",
    "@set": "SetBasedCmds",
    "@sortedset": "SortedSetBasedCmds",
    "@geo": "GeoSpatialBasedCmds",
    "@hyperloglog": "HyperLogLogBasedCmds",
    "@stream": "StreamBasedCmds",
    "@pubsub": "PubSubBasedCmds",
    "@scripting": "EvalBasedCmds",
    "@keyspace": "KeyBasedCmds",
}
READ, WRITE = "GetTypeCmds", "SetTypeCmds"


@dataclass(frozen=True, slots=True)
class EngineReading:
    """What an engine said at a moment.

    Args:
        at: the moment, in seconds.
        process: the process that said it; another one begins to count anew.
        fields: INFO, with the statistics of commands and errors.
    """

    at: float
    process: int | None
    fields: Fields


def parse(text: str) -> dict[str, str]:
    """Return the fields of INFO by name."""
    lines = (line.partition(":") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def kinds(commands: Iterable[Any]) -> dict[str, frozenset[str]]:
    """Return the metrics that count a command, by its name, from what COMMAND answers."""
    found: dict[str, frozenset[str]] = {}
    for command in commands:
        name, flags, categories = str(command[0]), _words(command[2]), _words(command[6])
        counted = {metric for category, metric in CATEGORIES.items() if category in categories}
        counted |= {READ} if "readonly" in flags else set[str]()
        counted |= {WRITE} if "write" in flags else set[str]()
        if name == "cluster":
            counted.add("ClusterBasedCmds")
        if counted:
            found[name] = frozenset(counted)
    return found


def values(
    before: EngineReading | None, now: EngineReading, node_type: NodeType | None, kinds: Mapping[str, frozenset[str]]
) -> dict[str, float]:
    """Return the metrics of a node.

    Args:
        before: what it said last; None where it has said nothing, and nothing that adds up is told then.
        now: what it says.
        node_type: what the node would be on AWS; None leaves out what follows from it.
        kinds: the metrics that count each command.
    """
    fields = now.fields
    found = {metric: float(fields[name]) for metric, name in GAUGES.items() if name in fields}
    found |= _keys(fields) | _memory(fields, node_type) | _replication(fields)
    if before is None or before.process != now.process:
        return found
    found |= {metric: difference(before.fields, fields, name) for metric, name in COUNTERS.items() if name in fields}
    hits, misses = found.get("CacheHits", 0.0), found.get("CacheMisses", 0.0)
    found |= ratio("CacheHitRate", 100 * hits, hits + misses)
    found |= _processor(before, now, node_type) | _commands(before.fields, fields, kinds)
    if fields.get("connected_slaves", "0") != "0":
        found["ReplicationBytes"] = difference(before.fields, fields, "master_repl_offset")
    return found


def _keys(fields: Fields) -> dict[str, float]:
    databases = [
        dict(part.split("=", 1) for part in text.split(",")) for name, text in fields.items() if _is_database(name)
    ]
    found = {
        "CurrItems": float(sum(int(item["keys"]) for item in databases)),
        "CurrVolatileItems": float(sum(int(item["expires"]) for item in databases)),
    }
    if "db0" in fields:
        found["DB0AverageTTL"] = float(dict(part.split("=", 1) for part in fields["db0"].split(","))["avg_ttl"])
    return found


def _is_database(name: str) -> bool:
    return name.startswith("db") and name[2:].isdecimal()


def _memory(fields: Fields, node_type: NodeType | None) -> dict[str, float]:
    used = float(fields.get("used_memory", 0))
    allowed = float(fields.get("maxmemory", 0)) or float(node_type.maxmemory_bytes or 0 if node_type else 0)
    found = ratio("DatabaseMemoryUsagePercentage", 100 * used, allowed)
    # The buffers of replicas and of the append-only file are not what eviction looks at.
    counted = used - float(fields.get("mem_not_counted_for_evict", 0))
    found |= ratio("DatabaseMemoryUsageCountedForEvictPercentage", 100 * counted, allowed)
    if node_type is not None and node_type.memory_gib is not None:
        found["FreeableMemory"] = max(0.0, node_type.memory_gib * 2**30 - float(fields.get("used_memory_rss", 0)))
    return found


def _replication(fields: Fields) -> dict[str, float]:
    is_primary = fields.get("role") == "master"
    found = {"IsMaster": float(is_primary)}
    if not is_primary:
        linked = fields.get("master_link_status") == "up"
        found["MasterLinkHealthStatus"] = float(linked)
        if linked:
            found["ReplicationLag"] = max(0.0, float(fields.get("master_last_io_seconds_ago", 0)))
    return found


def _processor(before: EngineReading, now: EngineReading, node_type: NodeType | None) -> dict[str, float]:
    def share(*names: str) -> float:
        return sum(difference(before.fields, now.fields, name) for name in names if name in now.fields)

    seconds = now.at - before.at
    thread = share("used_cpu_sys_main_thread", "used_cpu_user_main_thread")
    found = ratio("EngineCPUUtilization", 100 * thread, seconds)
    if node_type is not None and node_type.vcpu:
        found |= ratio("CPUUtilization", 100 * share("used_cpu_sys", "used_cpu_user"), seconds * node_type.vcpu)
    return found


def _commands(before: Fields, now: Fields, kinds: Mapping[str, frozenset[str]]) -> dict[str, float]:
    calls: dict[str, float] = {}
    microseconds: dict[str, float] = {}
    for field, text in now.items():
        if not field.startswith("cmdstat_"):
            continue
        told, old = _statistics(text), _statistics(before.get(field, ""))
        # A subcommand is written behind its command.
        for metric in kinds.get(field.removeprefix("cmdstat_").partition("|")[0], ()):
            calls[metric] = calls.get(metric, 0.0) + told.get("calls", 0.0) - old.get("calls", 0.0)
            microseconds[metric] = microseconds.get(metric, 0.0) + told.get("usec", 0.0) - old.get("usec", 0.0)
    found = dict(calls)
    for metric, number in calls.items():
        found |= ratio(f"{metric}Latency", microseconds[metric], number)
    found |= ratio("SuccessfulReadRequestLatency", microseconds.get(READ, 0.0), calls.get(READ, 0.0))
    found |= ratio("SuccessfulWriteRequestLatency", microseconds.get(WRITE, 0.0), calls.get(WRITE, 0.0))
    return found


def _statistics(text: str) -> dict[str, float]:
    pairs = (part.partition("=") for part in text.split(",") if part)
    return {name: float(value) for name, _, value in pairs if name in {"calls", "usec"}}


def _words(answer: object) -> set[str]:
    return {str(word) for word in cast("Sequence[object]", answer)}
