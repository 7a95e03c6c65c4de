"""Where the events of a cache are published."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Topic:
    """An SNS topic of a cache.

    Args:
        arn: the topic.
        status: `active`, or `inactive` while nothing is published.
    """

    arn: str
    status: str = "active"
