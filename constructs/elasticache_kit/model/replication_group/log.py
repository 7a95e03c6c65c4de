"""Rules of log delivery."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elasticache_kit.model.log_delivery import DESTINATION_TYPES, LOG_FORMATS, LOG_TYPES
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.log_delivery import LogDeliverySpec
    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_DESTINATIONS = {
    "cloudwatch-logs": "the name of the log group",
    "kinesis-firehose": "the name of the delivery stream",
}


def shape(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-log-shape."""
    for index, entry in _entries(spec):
        yield from entry_shape(entry, f"log_delivery_configurations[{index}]")


def one_per_type(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-log-one-per-type."""
    types = Counter(entry.log_type for _, entry in _entries(spec) if isinstance(entry.log_type, str))
    for log_type, times in types.items():
        if times > 1:
            yield Finding(
                "log_delivery_configurations",
                log_type,
                f"{times} entries deliver this log",
                "keep one of them, and let its destination pass the log on",
            )


def slow_log_version(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-log-slow-version."""
    yield from _version(spec, "slow-log", "slow_log", "valkey 7.2 or redis 6.0")


def engine_log_version(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-log-engine-version."""
    yield from _version(spec, "engine-log", "engine_log", "valkey 7.2 or redis 6.2")


def entry_shape(entry: LogDeliverySpec, path: str) -> Iterator[Finding]:
    """Yield what is wrong with one entry, for the rules of any cache."""
    members = (
        ("log_type", entry.log_type, LOG_TYPES),
        ("log_format", entry.log_format, LOG_FORMATS),
        ("destination_type", entry.destination_type, DESTINATION_TYPES),
    )
    for name, value, allowed in members:
        if value is None or (isinstance(value, str) and value.lower() not in allowed):
            yield Finding(f"{path}.{name}", value, f"it is one of {', '.join(allowed)}", "take one of them")
    if entry.destination is None or entry.destination == "":
        wanted = _DESTINATIONS.get(str(entry.destination_type), "a name")
        yield Finding(f"{path}.destination", entry.destination, "a log goes somewhere", f"give {wanted}")


def _version(spec: ReplicationGroupSpec, log_type: str, feature: str, needed: str) -> Iterator[Finding]:
    for index, entry in _entries(spec):
        if entry.log_type == log_type and not (version := effective.version(spec)).supports(feature):
            yield Finding(
                f"log_delivery_configurations[{index}].log_type",
                log_type,
                f"this log needs {needed}, not {version}",
                "take a newer engine_version, or leave the log out",
            )


def _entries(spec: ReplicationGroupSpec) -> Iterator[tuple[int, LogDeliverySpec]]:
    yield from enumerate(known(spec.log_delivery_configurations) or ())


CHECKS = {
    "rg-log-shape": shape,
    "rg-log-one-per-type": one_per_type,
    "rg-log-slow-version": slow_log_version,
    "rg-log-engine-version": engine_log_version,
}
