"""The properties that replace a resource under a condition: each with the condition.

What CloudFormation's page says is in `data/replacement.json`; where nothing says when it replaces, that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from elasticache_kit.model.change.fact import ELASTICACHE
from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.value import ABSENT, Deferred, Difference, compare
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.unknown import Unknown

_UNTOLD = "nothing that AWS publishes says when it replaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A resource before and after.

    Args:
        old: its properties before.
        new: its properties after.
        online_resharding: UpdatePolicy UseOnlineResharding, UNKNOWN where only the deployment knows.
    """

    old: Mapping[str, object]
    new: Mapping[str, object]
    online_resharding: bool | Unknown


@dataclass(frozen=True, slots=True)
class Decision:
    """What a change does, and why where that is worth a word."""

    kind: Kind
    why: str | None = None


def decide(type_name: str, name: str, situation: Situation) -> Decision:
    """Return what the change of a conditional property does."""
    known = _CONDITIONS.get((type_name.removeprefix(ELASTICACHE), name))
    return known(situation) if known else Decision(Kind.UNKNOWN, _UNTOLD)


def _node_type(situation: Situation) -> Decision:
    engine = situation.old.get("Engine")
    if engine == Engine.REDIS:
        return Decision(Kind.INTERRUPTION)
    if engine == Engine.MEMCACHED:
        return Decision(
            Kind.UNKNOWN, "CloudFormation's page refuses it for memcached, the API scales it; new nodes start empty"
        )
    return Decision(Kind.UNKNOWN, "it depends on Engine")


def _cache_nodes(situation: Situation) -> Decision:
    names = ("PreferredAvailabilityZone", "PreferredAvailabilityZones")
    given = [_given(side, name) for side in (situation.old, situation.new) for name in names]
    if True in given:
        return Decision(Kind.IN_PLACE)
    if all(answer is False for answer in given):
        return Decision(Kind.REPLACEMENT, "no zone is given, before or now")
    return Decision(Kind.UNKNOWN, "it depends on whether a zone is given")


def _auth_token(situation: Situation) -> Decision:
    match _given(situation.old, "AuthToken"), _given(situation.new, "AuthToken"):
        case False, True:
            return Decision(Kind.REPLACEMENT, "the group had no token")
        case True, True:
            return Decision(Kind.INTERRUPTION)
        case True, False:
            return Decision(Kind.UNKNOWN, "nothing that AWS publishes says what the removal of a token does")
        case _:
            return Decision(Kind.UNKNOWN, "it depends on whether the group had a token")


def _node_group_configuration(situation: Situation) -> Decision:
    together = _given(situation.new, "ReplicasPerNodeGroup")
    if together is True:
        return Decision(Kind.REPLACEMENT, "ReplicasPerNodeGroup stands beside it")
    resharded = _resharded(situation)
    if together is None and resharded.kind is not Kind.REPLACEMENT:
        return Decision(Kind.UNKNOWN, "it depends on whether ReplicasPerNodeGroup stands beside it")
    return resharded


def _node_groups(situation: Situation) -> Decision:
    old, new = (side.get("NumNodeGroups", 1) for side in (situation.old, situation.new))
    if compare(old, new) is Difference.SAME and situation.online_resharding is not True:
        return Decision(Kind.UNKNOWN, "the number stays 1, and nothing says what writing it down, or not, does")
    return _resharded(situation)


def _resharded(situation: Situation) -> Decision:
    if isinstance(situation.online_resharding, Unknown):
        return Decision(Kind.UNKNOWN, "it depends on UpdatePolicy UseOnlineResharding")
    if situation.online_resharding:
        return Decision(Kind.IN_PLACE, "the slots move online, by UpdatePolicy UseOnlineResharding")
    return Decision(Kind.REPLACEMENT, "UpdatePolicy UseOnlineResharding is not true")


def _replicas(situation: Situation) -> Decision:
    match _given(situation.new, "NodeGroupConfiguration"):
        case True:
            return Decision(Kind.REPLACEMENT, "NodeGroupConfiguration stands beside it")
        case False:
            return Decision(Kind.IN_PLACE)
        case None:
            return Decision(Kind.UNKNOWN, "it depends on whether NodeGroupConfiguration stands beside it")


def _given(properties: Mapping[str, object], name: str) -> bool | None:
    """Tell whether a property is given; None where only the deployment knows."""
    value = properties.get(name, ABSENT)
    if isinstance(value, Unknown) or (isinstance(value, Deferred) and value.optional):
        return None
    return value is not ABSENT


_CONDITIONS: dict[tuple[str, str], Callable[[Situation], Decision]] = {
    ("CacheCluster", "CacheNodeType"): _node_type,
    ("CacheCluster", "NumCacheNodes"): _cache_nodes,
    ("ReplicationGroup", "AuthToken"): _auth_token,
    ("ReplicationGroup", "NodeGroupConfiguration"): _node_group_configuration,
    ("ReplicationGroup", "NumNodeGroups"): _node_groups,
    ("ReplicationGroup", "ReplicasPerNodeGroup"): _replicas,
}
