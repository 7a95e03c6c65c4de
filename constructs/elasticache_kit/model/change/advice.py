"""The safe way to what a change wants: how to keep the data, or the cache itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from elasticache_kit.model.change.fact import POLICY
from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.loss import can_snapshot

if TYPE_CHECKING:
    from elasticache_kit.model.change.fact import TypeFact
    from elasticache_kit.model.change.resource import ResourceChange
    from elasticache_kit.model.change.state import State

_SHARDS = {"NumNodeGroups", "NodeGroupConfiguration"}
_BESIDE = (
    "two deployments: make the new one beside the old one under another logical id and move the clients; "
    "take the old one out in a later deployment"
)
_NO_SNAPSHOT = "memcached has no snapshots: let the clients fill the new one from where the data come from"


def of(change: ResourceChange, fact: TypeFact, old: State, new: State) -> tuple[str, ...]:
    """Return the safe ways around a change of a resource, the best one first."""
    if change.kind in (Kind.NEW, Kind.IN_PLACE, Kind.INTERRUPTION):
        return ("deploy it while the sources of the data can bear it",) if change.loss else ()
    replacing = tuple(item.name for item in change.properties if item.kind in (Kind.REPLACEMENT, Kind.UNKNOWN))
    found = [text for way in _WAYS for text in way(replacing, old, new)]
    if change.kind is Kind.UNKNOWN:
        found += [f"to know it: {text}" for text in _to_know(change)]
    if change.loss is not None:
        found += _keep_the_data(fact, old)
    return tuple(dict.fromkeys(found))


def of_removal(change: ResourceChange, fact: TypeFact, old: State) -> tuple[str, ...]:
    """Return the safe ways around the removal of a resource."""
    if change.loss is None:
        return ()
    ways: list[str] = []
    if change.loss.copy is None:
        policy = "Snapshot, or Retain" if fact.final_snapshot == POLICY and can_snapshot(fact, old) else "Retain"
        way = f"two deployments: deploy DeletionPolicy {policy} first, and take the resource out in the next one"
        if fact.final_snapshot not in (None, POLICY) and can_snapshot(fact, old):
            way += f"; or deploy {fact.final_snapshot} first"
        ways.append(way)
    return tuple(ways)


def of_rename(old_id: str, new_id: str) -> tuple[str, ...]:
    """Return the ways to keep a resource whose logical id changes."""
    return (
        f"keep the logical id {old_id} instead of {new_id}: `override_logical_id`, or the construct's old place and id",
        "or move it without touching it: `cdk refactor` (a stack refactoring of CloudFormation)",
    )


def _online_resharding(replacing: tuple[str, ...], old: State, new: State) -> Iterator[str]:
    shards = _SHARDS & set(replacing)
    if not shards or new.online_resharding is True:
        return
    if _sharded(old):
        yield "for the shards: UpdatePolicy UseOnlineResharding: true; their number changes in place, slots move online"
        if "NodeGroupConfiguration" in new.properties:
            yield "leave Slots out of NodeGroupConfiguration afterwards: they no longer tell the truth"
    else:
        yield (
            "for the shards: cluster mode in steps, each a deployment of its own: ClusterMode compatible, with a "
            "parameter group that has cluster-enabled; then the clients; ClusterMode enabled; then more shards, with "
            "UpdatePolicy UseOnlineResharding"
        )


def _replicas_alone(replacing: tuple[str, ...], _: State, new: State) -> Iterator[str]:
    if {"ReplicasPerNodeGroup", "NodeGroupConfiguration"} & set(replacing) and {
        "ReplicasPerNodeGroup",
        "NodeGroupConfiguration",
    } <= set(new.properties):
        yield "for the replicas: ReplicasPerNodeGroup alone, without NodeGroupConfiguration; they change in place"


def _users(replacing: tuple[str, ...], old: State, _: State) -> Iterator[str]:
    if "AuthToken" in replacing and "AuthToken" not in old.properties:
        yield "for AuthToken: sign in with users instead of a token: UserGroupIds changes in place"


def _zones(replacing: tuple[str, ...], _: State, __: State) -> Iterator[str]:
    if "NumCacheNodes" in replacing:
        yield "for NumCacheNodes: a zone for each node in PreferredAvailabilityZones; their number changes in place"


_WAYS: tuple[Callable[[tuple[str, ...], State, State], Iterator[str]], ...] = (
    _online_resharding,
    _replicas_alone,
    _users,
    _zones,
)


def _keep_the_data(fact: TypeFact, old: State) -> Iterator[str]:
    if fact.holds == "snapshot":
        yield "UpdateReplacePolicy Retain, deployed before: the old snapshot stays"
        return
    if can_snapshot(fact, old):
        yield (
            "snapshot and seed: stop the writers, take a snapshot by hand, name it in "
            f"{' or '.join(fact.restores)} in the same deployment, and acknowledge what is written in between"
        )
        if fact.final_snapshot == POLICY and old.update_replace_policy not in ("Snapshot", "Retain"):
            yield "UpdateReplacePolicy Snapshot, deployed before: a last snapshot of the old one stays"
        elif fact.final_snapshot not in (None, POLICY, *old.properties):
            yield f"{fact.final_snapshot}, deployed before: a last snapshot of the old one stays"
    else:
        yield _NO_SNAPSHOT
    yield _BESIDE


def _to_know(change: ResourceChange) -> Iterator[str]:
    if any(word.startswith("parameter ") for word in change.depends_on):
        yield "compare with the account (leave --deployed out), which knows the values of parameters"
    if change.properties:
        yield "a change set of CloudFormation says whether it replaces (`cdk deploy --no-execute`, Replacement: True)"


def _sharded(state: State) -> bool:
    """Tell whether a group had cluster mode, as far as its own properties tell."""
    properties = state.properties
    if properties.get("ClusterMode") in ("enabled", "compatible"):
        return True
    group = properties.get("CacheParameterGroupName")
    if isinstance(group, str) and group.endswith(".cluster.on"):
        return True
    return not {"NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration"}.isdisjoint(properties)
