"""Where logs are delivered: CloudWatch Logs and Firehose of the same account, in moto.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Logging-destinations.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

if TYPE_CHECKING:
    from elasticache_kit.emulator.log_entry import LogEntry
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.model.log_delivery import LogDeliverySpec

FIREHOSE = "kinesis-firehose"


def trouble(region: Region, delivery: LogDeliverySpec) -> str | None:
    """Say why nothing can be delivered, or None. AWS publishes no words for it, only the status `error`."""
    if delivery.destination_type == FIREHOSE:
        backend: Any = get_backend("firehose")[region.account_id][region.name]
        known = delivery.destination in backend.delivery_streams
        return None if known else f"The delivery stream {delivery.destination} does not exist."
    backend = get_backend("logs")[region.account_id][region.name]
    return None if delivery.destination in backend.groups else f"The log group {delivery.destination} does not exist."


def put(region: Region, delivery: LogDeliverySpec, stream: str, entries: Sequence[LogEntry]) -> None:
    """Deliver entries in the form that was asked for; to a destination that exists.

    Args:
        region: where the cache and the destination are.
        delivery: the destination and the form.
        stream: the log stream of CloudWatch Logs, which is made where it is not there; Firehose has none.
        entries: what is delivered.
    """
    ordered = sorted(entries, key=lambda entry: entry.milliseconds)
    lines = [(entry.milliseconds, entry.written(str(delivery.log_format))) for entry in ordered]
    if delivery.destination_type == FIREHOSE:
        backend: Any = get_backend("firehose")[region.account_id][region.name]
        backend.put_record_batch(delivery.destination, [{"Data": f"{line}\n".encode()} for _, line in lines])
        return
    backend = get_backend("logs")[region.account_id][region.name]
    backend.ensure_log_stream(delivery.destination, stream)
    events = [{"timestamp": milliseconds, "message": line} for milliseconds, line in lines]
    backend.put_log_events(delivery.destination, stream, events)
