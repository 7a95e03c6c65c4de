"""Reserved nodes: a reservation lowers a bill, and there is no bill here. Prices are 0."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action import page
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_value
from elasticache_kit.emulator.state.reserved_node import Offering, ReservedNode
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.node_type import node_types

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

YEAR_SECONDS = 31_536_000
_DURATIONS = {"1": YEAR_SECONDS, "3": 3 * YEAR_SECONDS, "31536000": YEAR_SECONDS, "94608000": 3 * YEAR_SECONDS}
_TYPES = ("No Upfront", "Partial Upfront", "All Upfront")
_LEGACY_TYPES = ("Light Utilization", "Medium Utilization", "Heavy Utilization")
# Ids of the same offering are the same in every emulator.
_NAMESPACE = uuid.UUID("6b9f2a6e-5f0e-4f6c-9d3d-0c2d6f6f0e11")


@cache
def offerings() -> Mapping[str, Offering]:
    """Return what can be reserved by id: every current node type with each engine, for one year and for three."""
    found: dict[str, Offering] = {}
    for node_type in node_types().values():
        engines = [item for item in Engine if node_type.min_version(item)] if node_type.supports("create_new") else []
        for engine in engines:
            for years in (1, 3):
                for kind in _TYPES:
                    text = f"{node_type.name} {engine} {years} {kind}"
                    offering_id = str(uuid.uuid5(_NAMESPACE, text))
                    found[offering_id] = Offering(offering_id, node_type.name, years * YEAR_SECONDS, engine, kind)
    return found


def describe_reserved_cache_nodes_offerings(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List what can be reserved."""
    del region
    chosen = [item for item in offerings().values() if _matches(item, request)]
    if wanted := request.get("ReservedCacheNodesOfferingId"):
        _offering(wanted)
        chosen = [item for item in chosen if item.offering_id == wanted]
    items, marker = page.cut(chosen, request, key=lambda item: item.offering_id)
    return {"ReservedCacheNodesOfferings": [_describe_offering(item) for item in items], "Marker": marker}


@taking_turns
def purchase_reserved_cache_nodes_offering(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Reserve nodes; nothing else changes."""
    offering = _offering(request["ReservedCacheNodesOfferingId"])
    node_id = str(request.get("ReservedCacheNodeId") or f"ri-{uuid.uuid4()}").lower()
    region.reserved_nodes.refuse_taken(node_id)
    count = request.get("CacheNodeCount")
    if count is not None and count < 1:
        raise invalid_value(f"CacheNodeCount {count} must be at least 1.")
    bought = ReservedNode(node_id, region.arn("reserved-instance", node_id), offering, count or 1)
    region.reserved_nodes[node_id] = bought
    region.tag([bought.arn], request)
    return {"ReservedCacheNode": _describe(bought)}


def describe_reserved_cache_nodes(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List what was reserved."""
    nodes = region.reserved_nodes.listed(request.get("ReservedCacheNodeId"))
    offering = request.get("ReservedCacheNodesOfferingId")
    chosen = [
        item for item in nodes if _matches(item.offering, request) and offering in (None, "", item.offering.offering_id)
    ]
    items, marker = page.cut(chosen, request, key=lambda item: item.reserved_node_id)
    return {"ReservedCacheNodes": [_describe(item) for item in items], "Marker": marker}


def _offering(offering_id: str) -> Offering:
    found = offerings().get(offering_id)
    if found is None:
        raise Fault("ReservedCacheNodesOfferingNotFound", f"There is no offering {offering_id}.")
    return found


def _matches(item: Offering, request: Mapping[str, Any]) -> bool:
    duration = request.get("Duration") or None
    if duration is not None and duration not in _DURATIONS:
        raise invalid_value(f"Duration {duration} is not one of {', '.join(_DURATIONS)}.")
    kind = request.get("OfferingType") or None
    if kind is not None and kind not in (*_TYPES, *_LEGACY_TYPES):
        raise invalid_value(f"OfferingType {kind} is not one of {', '.join((*_TYPES, *_LEGACY_TYPES))}.")
    return (
        (duration is None or _DURATIONS[duration] == item.duration_seconds)
        and kind in (None, item.offering_type)
        and request.get("CacheNodeType") in (None, "", item.cache_node_type)
        and request.get("ProductDescription") in (None, "", item.product_description)
    )


def _describe_offering(item: Offering) -> dict[str, Any]:
    return {
        "ReservedCacheNodesOfferingId": item.offering_id,
        "CacheNodeType": item.cache_node_type,
        "Duration": item.duration_seconds,
        "FixedPrice": 0.0,
        "UsagePrice": 0.0,
        "ProductDescription": item.product_description,
        "OfferingType": item.offering_type,
        "RecurringCharges": [],
    }


def _describe(item: ReservedNode) -> dict[str, Any]:
    return {
        **_describe_offering(item.offering),
        "ReservedCacheNodeId": item.reserved_node_id,
        "StartTime": item.started,
        "CacheNodeCount": item.count,
        "State": "active",
        "ReservationARN": item.arn,
    }
