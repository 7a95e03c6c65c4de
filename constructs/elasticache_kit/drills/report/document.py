"""A drill's result as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from elasticache_kit.drills import matrix
from elasticache_kit.drills.checker.availability import errors
from elasticache_kit.drills.checker.recovery import called_at
from elasticache_kit.drills.history import Action, Entry
from elasticache_kit.drills.outage import outages
from elasticache_kit.ops.event import EventKind, first

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

SCHEMA = 1


def errors_by_kind(result: Result) -> Iterator[tuple[str, Action, str, int]]:
    """Return how many operations failed, by node group, action and kind of error; the most frequent first."""
    for group in result.experiment.group.node_groups:
        for action in (Action.WRITE, Action.READ):
            counts = errors(result.history.operations(action, group.node_group_id))
            yield from ((group.node_group_id, action, kind, count) for kind, count in counts.most_common())


def document(result: Result) -> dict[str, object]:
    """Return everything that a report shows; times are seconds since the drill began unless a name says otherwise."""
    experiment, group = result.experiment, result.experiment.group
    called = called_at(result.history)
    return {
        "schema": SCHEMA,
        "drill": experiment.drill,
        "verdict": result.verdict.value,
        "invalid": result.invalid,
        "stamp": result.stamp,
        "replication_group": {
            "id": group.replication_group_id,
            "engine": group.engine,
            "engine_version": group.engine_version,
            "cache_node_type": group.cache_node_type,
            "cluster_mode_enabled": group.cluster_enabled,
            "transit_encryption": group.transit_encryption,
            "node_groups": {g.node_group_id: [m.cache_cluster_id for m in g.members] for g in group.node_groups},
            "region": experiment.region,
        },
        "node_group": experiment.node_group,
        "run_id": experiment.run_id,
        "fault": result.fault,
        "started": result.started.isoformat(),
        "load_seconds": result.ended - result.began,
        "fault_at": None if called is None else called - result.began,
        "settings": asdict(experiment.settings),
        "limits": asdict(experiment.limits),
        "calibration": None if result.calibration is None else asdict(result.calibration),
        "instrument_cpu_share": result.cpu_share,
        "findings": [asdict(finding) for finding in result.findings],
        "clients": matrix.document([result]),
        "trials": [
            [asdict(finding) for finding in trial.findings]
            for trial in (result.trials if len(result.trials) > 1 else ())
        ],
        "outages": list(_outages(result)),
        "errors": [
            {"node_group": node_group, "action": action.value, "error": kind, "count": count}
            for node_group, action, kind, count in errors_by_kind(result)
        ],
        "events": list(_events(result)),
        "keys_removed": result.cleaned_up,
    }


def line(entry: Entry, began: float) -> dict[str, object]:
    """Return one entry of the history as a JSON object, without what it does not tell."""
    fields: dict[str, object] = {
        "at": round(entry.at - began, 6),
        "kind": entry.kind.value,
        "action": entry.action.value,
        "node_group": entry.node_group or None,
        "operation": entry.operation,
        "intended": None if entry.intended is None else round(entry.intended - began, 6),
        "number": entry.number,
        "numbers": entry.numbers or None,
        "node": entry.node,
        "error": entry.error,
        "member": entry.member,
        "role": entry.role,
        "call": entry.call,
        "event": None if entry.event is None else {**asdict(entry.event), "date": entry.event.date.isoformat()},
    }
    return {name: value for name, value in fields.items() if value is not None}


def _outages(result: Result) -> Iterator[dict[str, object]]:
    for group in result.experiment.group.node_groups:
        for action in (Action.WRITE, Action.READ):
            for gap in outages(result.history.operations(action, group.node_group_id)):
                yield {
                    "node_group": group.node_group_id,
                    "action": action.value,
                    "start": gap.start - result.began,
                    "end": gap.end - result.began,
                    "seconds": gap.seconds,
                    "failed": gap.failed,
                }


def _events(result: Result) -> Iterator[dict[str, object]]:
    entries = sorted(
        (entry for entry in result.history.about(Action.EVENT) if entry.event is not None),
        key=lambda entry: entry.event.date.timestamp() if entry.event else 0.0,
    )
    start = first((entry.event for entry in entries if entry.event), EventKind.CALLED)
    for entry in entries:
        event = entry.event
        if event is not None:
            yield {
                "date": event.date.isoformat(),
                "seconds_after_call": (event.date - start.date).total_seconds() if start else None,
                "seen_at": entry.at - result.began,
                "source_type": event.source_type,
                "source_id": event.source_id,
                "message": event.message,
            }
