"""ElastiCache's events: what happened to a replication group and its members, in AWS's own words.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ECEvents.Viewing.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from elasticache_kit.ops.session import Session, reaching
from elasticache_kit.ops.wait import REAL_CLOCK, Clock

# DescribeEvents answers the last hour when it is not told otherwise; a failover never takes that long to begin.
_LOOK_BACK_MINUTES = 60
# The API is throttled for each account, and events come minutes late.
_FOLLOW_INTERVAL_SECONDS = 5.0


class EventKind(StrEnum):
    """The steps of a failover that events tell of, and everything else."""

    CALLED = "called"
    PROMOTED = "promoted"
    RECOVERING = "recovering"
    RECOVERED = "recovered"
    OTHER = "other"


# Older engines say "master node", and a replication group sometimes says only "Failover to replica node".
_KINDS = (
    (EventKind.CALLED, re.compile(r"test failover api called", re.IGNORECASE)),
    (
        EventKind.PROMOTED,
        re.compile(r"failover (from (primary|master) node \S+ )?to replica node \S+ completed", re.IGNORECASE),
    ),
    (EventKind.RECOVERING, re.compile(r"recovering cache nodes?", re.IGNORECASE)),
    (EventKind.RECOVERED, re.compile(r"finished recovery for cache nodes?", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """One event as DescribeEvents tells it.

    Args:
        date: when it happened by AWS's clock.
        source_type: `replication-group`, `cache-cluster`, ...
        source_id: the resource's id.
        message: AWS's text.
    """

    date: datetime
    source_type: str
    source_id: str
    message: str

    @property
    def kind(self) -> EventKind:
        """The step of a failover that this event tells of."""
        return next((kind for kind, pattern in _KINDS if pattern.search(self.message)), EventKind.OTHER)


def recent(
    session: Session, sources: Collection[str] | None = None, *, minutes: int = _LOOK_BACK_MINUTES
) -> tuple[Event, ...]:
    """Return the events of the last hour from these sources, oldest first.

    AWS reports the same text from a group and from its member; both are kept.

    Args:
        session: where to ask.
        sources: the ids whose events count; all of the Region when omitted.
        minutes: how far to look back, at most 14 days; an hour when omitted.

    Raises:
        NotOfferedError: the API has no events, as moto alone.
        ConnectionFailedError: the API cannot be reached.
    """
    found: set[Event] = set()
    with reaching():
        for page in session.ask.get_paginator("describe_events").paginate(Duration=minutes):
            for record in page["Events"]:
                source_id = record.get("SourceIdentifier", "")
                if (sources is None or source_id in sources) and "Date" in record:
                    source_type, text = record.get("SourceType", ""), record.get("Message", "")
                    found.add(Event(record["Date"], source_type, source_id, text))
    return tuple(sorted(found))


def first(events: Iterable[Event], kind: EventKind) -> Event | None:
    """Return the earliest event of a kind, or None."""
    return min((event for event in events if event.kind is kind), default=None)


def last(events: Iterable[Event], kind: EventKind) -> Event | None:
    """Return the latest event of a kind, or None."""
    return max((event for event in events if event.kind is kind), default=None)


def follow(
    session: Session,
    sources: Collection[str] | None,
    tell: Callable[[Event], None],
    *,
    minutes: int = _LOOK_BACK_MINUTES,
    seconds: float = float("inf"),
    clock: Clock = REAL_CLOCK,
) -> None:
    """Tell the events of the last minutes, and each one that comes, until the time is over.

    Args:
        session: where to ask.
        sources: the ids whose events count; all of the Region when None.
        tell: told of each event once, the oldest first.
        minutes: how far to look back first; an hour when omitted.
        seconds: how long to follow; without end when omitted.
        clock: real time when omitted.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    known: set[Event] = set()
    deadline = clock.now() + seconds
    while True:
        for item in recent(session, sources, minutes=minutes):
            if item not in known:
                known.add(item)
                tell(item)
        if clock.now() >= deadline:
            return
        clock.sleep(min(_FOLLOW_INTERVAL_SECONDS, deadline - clock.now()))
