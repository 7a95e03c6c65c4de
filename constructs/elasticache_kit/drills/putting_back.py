"""Putting back what a drill changed: on success, on failure, on Ctrl-C, and by `drill cleanup` after kill -9."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills import credential, local_fault, residue
from elasticache_kit.errors import ElastiCacheKitError, NotFoundError, RefusedError
from elasticache_kit.ops import (
    execution,
    experiment,
    global_datastore,
    inventory,
    rotation,
    scale,
    secret,
    shard,
    snapshot,
    target,
    wait,
)
from elasticache_kit.ops.plan import Call, Plan, Wait

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.drills.record import Record
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session

Say = Callable[[str], None]
_GONE = frozenset({"SnapshotNotFoundFault", "ReplicationGroupNotFoundFault"})
_TIMEOUT_SECONDS = 4 * 3600.0


def put_back(record: Record, session: Session, access: Access | None, say: Say) -> bool:
    """Put back all that a record holds, the newest first; return whether all of it is.

    What cannot be put back stays on record, and the rest is put back all the same.

    Args:
        record: what was changed.
        session: where.
        access: how to get into the cache, for the keys; they expire by themselves when omitted.
        say: told of each change.
    """
    whole = True
    for change in reversed(record.changes.copy()):
        try:
            WAYS[change.kind](session, record, change.what, access)
        except ElastiCacheKitError as error:
            whole = False
            say(f"not put back: {change}: {error}")
        else:
            record.forget(change)
            if change.kind != "keys":
                say(f"put back: {change}")
    return whole


def _fault(session: Session, record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    """End a fault; one of which only the beginning is on record is looked for by what it is about."""
    ids = [what["id"]] if "id" in what else [item["id"] for item in local_fault.going_on(session) if _is(item, what)]
    for fault_id in ids:
        local_fault.end(session, fault_id)
    _rest(session, record.group)


def _is(item: Mapping[str, Any], what: Mapping[str, Any]) -> bool:
    return item.get("kind") == what.get("kind") and what.get("CacheClusterId", "") in ("", *item.get("nodes", []))


def _experiment(session: Session, record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    """Stop an experiment of AWS FIS; with its end the power is back."""
    experiment.stop(session, what)
    _rest(session, record.group)


def _replicas(session: Session, record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    _rest(session, record.group)
    _run(scale.replicas(_group(session, record), int(what["count"])), session)


def _shards(session: Session, record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    _rest(session, record.group)
    group = _group(session, record)
    added = [g.node_group_id for g in group.node_groups if g.node_group_id not in what["ids"]]
    _run(shard.plan(group, int(what["count"]), remove=added), session)


def _snapshot(session: Session, _record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    name = str(what["name"])
    found = snapshot.find(session, name)
    if found is not None and found.status != target.AVAILABLE:
        wait.until(
            lambda: (snapshot.find(session, name) or found).status == target.AVAILABLE or None,
            what=f"the snapshot {name}",
            timeout_seconds=_TIMEOUT_SECONDS,
        )
    _delete(session, Call("DeleteSnapshot", (("SnapshotName", name),)))


def _restored(session: Session, _record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    name = str(what["id"])
    try:
        inventory.replication_group(session, name)
    except NotFoundError:
        return
    _rest(session, name)
    call = Call("DeleteReplicationGroup", (("ReplicationGroupId", name), ("RetainPrimaryCluster", False)))
    _delete(session, call)


def _primary_region(session: Session, _record: Record, what: Mapping[str, Any], _access: Access | None) -> None:
    _run(global_datastore.failover(global_datastore.observe(session, what["global"]), what["region"]), session)


def _rotation(session: Session, record: Record, what: Mapping[str, Any], access: Access | None) -> None:
    """Bring a rotation that was begun to its end, for the cache takes two passwords until then."""
    name = str(what["secret"])
    if rotation.begun(secret.observe(session, name)):
        _run(credential.plan(session, _group(session, record), name, what.get("username") or None), session)
    if access is not None:
        access.renew(secret.password(session, name))


def _keys(session: Session, record: Record, what: Mapping[str, Any], access: Access | None) -> None:
    """Remove keys that the instrument did not; where that is not possible they expire."""
    if access is not None:
        asyncio.run(residue.sweep(_group(session, record), access, str(what["run_id"])))


def _delete(session: Session, call: Call) -> None:
    try:
        _run(Plan(f"cleanup by {call.operation}", (call,)), session)
    except RefusedError as error:
        if not any(gone in str(error) for gone in _GONE):
            raise


def _rest(session: Session, group: str) -> None:
    state = target.settled(group, "at rest", lambda _: True)
    step = Wait(state, _TIMEOUT_SECONDS)
    wait.until(lambda: step.state.look(session).reached or None, what=state.text, timeout_seconds=step.timeout_seconds)


def _group(session: Session, record: Record) -> ReplicationGroup:
    return inventory.replication_group(session, record.group)


def _run(plan: Plan, session: Session) -> None:
    execution.run(plan, session, lambda _: None)


Way = Callable[["Session", "Record", Mapping[str, Any], "Access | None"], None]

WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "experiment": _experiment,
        "fault": _fault,
        "replicas": _replicas,
        "shards": _shards,
        "snapshot": _snapshot,
        "restored group": _restored,
        "primary region": _primary_region,
        "rotation": _rotation,
        "keys": _keys,
    }
)
