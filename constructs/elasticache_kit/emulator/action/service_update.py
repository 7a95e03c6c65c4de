"""Service updates: what AWS offers for running caches, and how far each is.

AWS publishes them as it has them. Here there is one, which says that it is local, so that code which applies updates
can be tried; to apply it changes its own status and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import not_yet, page
from elasticache_kit.emulator.action.argument import names, structure, texts
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_value
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.emulator.state.service_update import ServiceUpdate, UpdateAction

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

LOCAL = ServiceUpdate(
    name="elasticache-local-update-1",
    description="An update that the local emulator makes up.",
    severity="medium",
    type="security-update",
    released=dt.datetime(2026, 1, 15),  # noqa: DTZ001 - moto's serializer wants it without a zone
    recommended_by=dt.datetime(2027, 1, 15),  # noqa: DTZ001 - as above
)
_STATUSES = ("available", "cancelled", "expired")
_CAN_BEGIN, _CAN_STOP = ("not-applied", "stopped"), ("waiting-to-start", "in-progress")


def describe_service_updates(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the updates, or one by name."""
    del region
    if request.get("ServiceUpdateName"):
        _named(request["ServiceUpdateName"])
    wanted = _statuses(request)
    chosen = [LOCAL] if not wanted or "available" in wanted else []
    items, marker = page.cut(chosen, request, key=lambda item: item.name, least=1)
    return {"ServiceUpdates": [_describe(item) for item in items], "Marker": marker}


def describe_update_actions(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List how far the updates are on each cache."""
    groups, clusters = names(request, "ReplicationGroupIds"), names(request, "CacheClusterIds")
    span = structure(request, "ServiceUpdateTimeRange")
    start, end = span.get("StartTime"), span.get("EndTime")
    wanted = _statuses(request)
    chosen = [
        (source, engine, action)
        for source, engine, action in _actions(region)
        if not (groups or clusters) or source[1] in (groups if source[0] == "ReplicationGroupId" else clusters)
        if request.get("ServiceUpdateName") in (None, LOCAL.name)
        and (not wanted or "available" in wanted)
        and request.get("Engine") in (None, "", engine)
        and (not texts(request, "UpdateActionStatus") or action.status in texts(request, "UpdateActionStatus"))
        and (start is None or _naive(start) <= LOCAL.released)
        and (end is None or _naive(end) >= LOCAL.released)
    ]
    items, marker = page.cut(chosen, request, key=lambda item: item[0][1], least=1)
    return {"UpdateActions": [_describe_action(*item) for item in items], "Marker": marker}


@taking_turns
def batch_apply_update_action(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin an update on caches; those that cannot are listed apart."""
    not_yet.refuse_with_engines("BatchApplyUpdateAction")

    def begin(source: tuple[str, str], action: UpdateAction) -> None:
        _set(action, "waiting-to-start")

        def finish() -> None:
            if action.status == "waiting-to-start":
                _set(action, "complete")

        later(region, f"update {source[1]}", runtime.current().lifecycle.timing.modify, finish)

    return _batch(region, request, _CAN_BEGIN, begin)


@taking_turns
def batch_stop_update_action(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Stop an update that has not ended; caches on which it has are listed apart."""

    def stop(source: tuple[str, str], action: UpdateAction) -> None:
        _set(action, "stopping")
        later(
            region,
            f"stop the update of {source[1]}",
            runtime.current().lifecycle.timing.modify,
            lambda: _set(action, "stopped"),
        )

    return _batch(region, request, _CAN_STOP, stop)


def _batch(region: Region, request: Mapping[str, Any], allowed: tuple[str, ...], act: Any) -> dict[str, Any]:
    _named(request["ServiceUpdateName"])
    groups, clusters = names(request, "ReplicationGroupIds"), names(request, "CacheClusterIds")
    if not groups and not clusters:
        raise invalid_value("Give ReplicationGroupIds or CacheClusterIds.")
    known = {source: action for source, _, action in _actions(region)}
    done: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    asked = [*(("ReplicationGroupId", item) for item in groups), *(("CacheClusterId", item) for item in clusters)]
    for source in asked:
        shown = {source[0]: source[1], "ServiceUpdateName": LOCAL.name}
        action = known.get(source)
        if action is None:
            left.append({**shown, "ErrorType": "NotFound", "ErrorMessage": f"{source[1]} has no such update."})
        elif action.status not in allowed:
            text = f"The update is {action.status}; it must be {' or '.join(allowed)}."
            left.append({**shown, "ErrorType": "InvalidState", "ErrorMessage": text})
        else:
            act(source, action)
            done.append({**shown, "UpdateActionStatus": action.status})
    return {"ProcessedUpdateActions": done, "UnprocessedUpdateActions": left}


def _actions(region: Region) -> Iterator[tuple[tuple[str, str], str, UpdateAction]]:
    """Yield every cache with the member that names it, its engine, and how far the update is there."""
    sources = [
        *(
            (("ReplicationGroupId", group.replication_group_id), str(group.spec.engine or "redis"))
            for group in region.replication_groups.values()
        ),
        *((("CacheClusterId", cluster.cache_cluster_id), cluster.engine) for cluster in region.cache_clusters.values()),
    ]
    for source, engine in sources:
        yield source, engine, region.update_actions.setdefault((LOCAL.name, source[1]), UpdateAction())


def _named(name: str) -> None:
    if name != LOCAL.name:
        raise Fault("ServiceUpdateNotFoundFault", f"There is no service update {name}.")


def _statuses(request: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = texts(request, "ServiceUpdateStatus")
    if unknown := [item for item in wanted if item not in _STATUSES]:
        raise invalid_value(f"ServiceUpdateStatus {', '.join(unknown)} is not one of {', '.join(_STATUSES)}.")
    return wanted


def _set(action: UpdateAction, status: str) -> None:
    action.status, action.changed = status, now()


def _naive(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _describe(item: ServiceUpdate) -> dict[str, Any]:
    return {
        "ServiceUpdateName": item.name,
        "ServiceUpdateReleaseDate": item.released,
        "ServiceUpdateEndDate": item.recommended_by,
        "ServiceUpdateSeverity": item.severity,
        "ServiceUpdateRecommendedApplyByDate": item.recommended_by,
        "ServiceUpdateStatus": "available",
        "ServiceUpdateDescription": item.description,
        "ServiceUpdateType": item.type,
        "Engine": "valkey, redis, memcached",
        "AutoUpdateAfterRecommendedApplyByDate": False,
        "EstimatedUpdateTime": "30 minutes per node",
    }


def _describe_action(source: tuple[str, str], engine: str, action: UpdateAction) -> dict[str, Any]:
    return {
        source[0]: source[1],
        "ServiceUpdateName": LOCAL.name,
        "ServiceUpdateReleaseDate": LOCAL.released,
        "ServiceUpdateSeverity": LOCAL.severity,
        "ServiceUpdateStatus": "available",
        "ServiceUpdateRecommendedApplyByDate": LOCAL.recommended_by,
        "ServiceUpdateType": LOCAL.type,
        "UpdateActionAvailableDate": LOCAL.released,
        "UpdateActionStatus": action.status,
        "UpdateActionStatusModifiedDate": action.changed,
        "SlaMet": "yes" if now() <= LOCAL.recommended_by else "no",
        "EstimatedUpdateTime": "30 minutes per node",
        "Engine": engine,
    }
