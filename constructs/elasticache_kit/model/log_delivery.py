"""Log delivery: which log of the engine goes where, and in which form.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown

LOG_TYPES = ("slow-log", "engine-log")
LOG_FORMATS = ("json", "text")
DESTINATION_TYPES = ("cloudwatch-logs", "kinesis-firehose")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDeliverySpec:
    """One LogDeliveryConfiguration; None is a member that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        log_type: `slow-log` or `engine-log`.
        log_format: `json` or `text`.
        destination_type: `cloudwatch-logs` or `kinesis-firehose`.
        destination: the name of the log group, or of the delivery stream.
    """

    log_type: str | Unknown | None = None
    log_format: str | Unknown | None = None
    destination_type: str | Unknown | None = None
    destination: str | Unknown | None = None
