"""DescribeEvents.

Told is what AWS documents, in its words: on the pages of notifications and of serverless events, in botocore's and the
AWS CLI's examples, and in published logs of failovers. Users, user groups, parameter groups and subnet groups are
sources of events too, and no page tells a word of such an event; so there are none of them here.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ECEvents.Viewing.html,
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html and
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model

from elasticache_kit.emulator.action import page
from elasticache_kit.emulator.fault import invalid_combination, invalid_value
from elasticache_kit.emulator.state.moment import now

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.event import Event

HOUR = dt.timedelta(hours=1)
KEPT = dt.timedelta(days=14)


def describe_events(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List events, newest first: of the last hour, unless the request names a time or a duration in minutes."""
    kinds = _source_types()
    if request.get("SourceType") not in (None, *kinds):
        raise invalid_value(f"SourceType {request['SourceType']} is not one of {', '.join(kinds)}.")
    if request.get("SourceIdentifier") and not request.get("SourceType"):
        raise invalid_combination("SourceType must be given together with SourceIdentifier.")
    start, end = _span(request)
    chosen = [
        (place, event)
        for place, event in reversed(tuple(enumerate(region.events)))
        if max(start, now() - KEPT) <= event.date <= end
        and request.get("SourceType") in (None, event.source_type)
        and (request.get("SourceIdentifier") or event.source_identifier).lower() == event.source_identifier
    ]
    items, marker = page.cut(chosen, request, key=lambda item: str(item[0]))
    return {"Events": [_describe(event) for _, event in items], "Marker": marker}


@cache
def _source_types() -> tuple[str, ...]:
    model: Any = get_service_model("elasticache")
    return tuple(model.shape_for("SourceType").enum)


def _span(request: Mapping[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    end = _naive(request["EndTime"]) if request.get("EndTime") else now()
    if request.get("StartTime"):
        return _naive(request["StartTime"]), end
    # A duration is up to now: with an end it does not count.
    minutes = None if request.get("EndTime") else request.get("Duration")
    # Nothing is kept that long: a longer span is the whole of it, and no date before the calendar begins.
    return end - (min(dt.timedelta(minutes=int(minutes)), KEPT) if minutes else HOUR), end


def _naive(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _describe(event: Event) -> dict[str, Any]:
    return {
        "SourceIdentifier": event.source_identifier,
        "SourceType": event.source_type,
        "Message": event.message,
        "Date": event.date,
    }
