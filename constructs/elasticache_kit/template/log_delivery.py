"""LogDeliveryConfigurations, which replication groups and cache clusters share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.log_delivery import LogDeliverySpec
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from elasticache_kit.template.properties import Properties

_NAMES = (("CloudWatchLogsDetails", "LogGroup"), ("KinesisFirehoseDetails", "DeliveryStream"))


def specs(properties: Properties) -> tuple[LogDeliverySpec, ...] | Unknown | None:
    """Describe the log deliveries of a cache to the rulebook."""
    entries = properties.entries("LogDeliveryConfigurations")
    if not isinstance(entries, tuple):
        return entries
    return tuple(
        LogDeliverySpec(
            log_type=entry.text("LogType"),
            log_format=entry.text("LogFormat"),
            destination_type=entry.text("DestinationType"),
            destination=_destination(entry.inner("DestinationDetails")),
        )
        for entry in entries
    )


def _destination(details: Properties | Unknown | None) -> str | Unknown | None:
    if details is None or isinstance(details, Unknown):
        return details
    for name, member in _NAMES:
        inner = details.inner(name)
        if inner is not None:
            return UNKNOWN if isinstance(inner, Unknown) else inner.text(member)
    return None
