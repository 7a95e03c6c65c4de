"""Which nodes a replication group of a template will have, and whether an alarm names another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from elasticache_kit.model.compliance.resource import Properties, Resource, is_intrinsic, items, literal, number
from elasticache_kit.model.replication_group.spec import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.model.topology import node_groups
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GROUP = "AWS::ElastiCache::ReplicationGroup"
_SCALED = "AWS::ApplicationAutoScaling::ScalableTarget"


def foreign_node(alarm: Resource, cache_cluster_id: object) -> str | None:
    """Return what is wrong with the node that an alarm names; None where it may exist.

    Only a node of a replication group of the same template can be judged: `<group>-0001-001`, the group as Ref or as
    its id.
    """
    whole = alarm.referred(cache_cluster_id)
    if whole is not None and whole.type == _GROUP:
        return f"{whole.logical_id} is a replication group, and no node: CacheClusterId takes the id of a node"
    for group in alarm.others.values():
        rest = _after(group, cache_cluster_id) if group.type == _GROUP else None
        if rest is None or _is_scaled(group):
            continue
        there = _suffixes(group)
        if there and rest not in there:
            return f"{group.logical_id} has no node {rest!r}; its nodes are {_listed(there)}"
    return None


def _after(group: Resource, value: object) -> str | None:
    """Return what follows the id of a group in the id of a node; None where it is another group's or unknown."""
    name = group.get("ReplicationGroupId")
    if isinstance(value, str):
        known_id = name.lower() if isinstance(name, str) else None
        return value[len(known_id) :].lower() if known_id and value.lower().startswith(f"{known_id}-") else None
    if not is_intrinsic(value):
        return None
    joined = cast("Mapping[str, object]", value).get("Fn::Join")
    if isinstance(joined, list) and len(cast("list[object]", joined)) == 2:  # noqa: PLR2004 - delimiter and values
        delimiter, parts = cast("tuple[str, Sequence[object]]", joined)
        first, *rest = parts if isinstance(parts, list) and parts else [None]
        if group.referred(first) is group and all(isinstance(part, str) for part in rest):
            return f"{delimiter}{delimiter.join(cast('list[str]', rest))}"
    pattern = cast("Mapping[str, object]", value).get("Fn::Sub")
    begin = f"${{{group.logical_id}}}"
    return pattern.removeprefix(begin) if isinstance(pattern, str) and pattern.startswith(begin) else None


def _suffixes(group: Resource) -> list[str]:
    """Return what the ids of the nodes end with, nothing where only a deployment knows."""
    if group.properties.get("GlobalReplicationGroupId") is not None:
        return []  # a secondary has as many node groups as its primary
    try:
        found = node_groups("", _spec(group), ())
    except UndecidedError:
        return []
    return [member.cache_cluster_id for node_group in found for member in node_group.members]


def _spec(group: Resource) -> ReplicationGroupSpec:
    configuration = group.get("NodeGroupConfiguration")
    listed = tuple(map(_node_group, items(configuration))) if configuration and configuration is not UNKNOWN else None
    parameters = group.referred(group.properties.get("CacheParameterGroupName"))
    return ReplicationGroupSpec(
        num_cache_clusters=number(group.get("NumCacheClusters")),
        num_node_groups=number(group.get("NumNodeGroups")),
        replicas_per_node_group=number(group.get("ReplicasPerNodeGroup")),
        node_group_configuration=UNKNOWN if configuration is UNKNOWN else listed,
        cluster_mode=_text(group.get("ClusterMode")),
        cache_parameter_group_name=_text(group.get("CacheParameterGroupName")),
        parameter_group_cluster_enabled=None if parameters is None else _turns_cluster_mode_on(parameters),
    )


def _node_group(properties: Properties) -> NodeGroupSpec:
    return NodeGroupSpec(
        node_group_id=_text(literal(properties.get("NodeGroupId"))),
        replica_count=number(literal(properties.get("ReplicaCount"))),
    )


def _turns_cluster_mode_on(parameters: Resource) -> bool | Unknown:
    given = parameters.get("Properties")
    if isinstance(given, Unknown):
        return given
    value = literal(cast("Mapping[str, object]", given or {}).get("cluster-enabled"))
    return value if isinstance(value, Unknown) else value == "yes"


def _is_scaled(group: Resource) -> bool:
    """Tell whether auto scaling may add nodes, of this group or of another one: the target names it by text."""
    targets = (other for other in group.others.values() if other.type == _SCALED)
    return any(target.properties.get("ServiceNamespace") == "elasticache" for target in targets)


def _text(value: object) -> str | Unknown | None:
    return value if value is None or isinstance(value, Unknown) else str(value)


def _listed(suffixes: list[str]) -> str:
    shown = suffixes if len(suffixes) <= 4 else [*suffixes[:2], "...", suffixes[-1]]  # noqa: PLR2004 - a line of text
    return ", ".join(shown)
