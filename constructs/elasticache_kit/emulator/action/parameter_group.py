"""Cache parameter groups and their parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import page, room
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import cache_cluster as provision_cache_cluster
from elasticache_kit.emulator.provision import parameter as provision_parameter
from elasticache_kit.emulator.state.parameter_group import ParameterGroup
from elasticache_kit.model import parameter

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

MOST_PER_CALL = 20


@taking_turns
def create_cache_parameter_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a parameter group that holds its family's defaults."""
    name = str(request.get("CacheParameterGroupName", "")).lower()
    family = request.get("CacheParameterGroupFamily")
    refuse(
        parameter.check(
            parameter.ParameterGroupSpec(
                cache_parameter_group_name=name,
                cache_parameter_group_family=family,
                description=request.get("Description"),
            )
        )
    )
    region.parameter_groups.refuse_taken(name)
    room.for_one(region.parameter_groups, "parameter-groups-per-region", "CacheParameterGroupQuotaExceeded")
    group = ParameterGroup(
        name=name,
        arn=region.arn("parametergroup", name),
        family=str(family),
        description=str(request.get("Description") or ""),
    )
    region.parameter_groups[name] = group
    region.tag([group.arn], request)
    return {"CacheParameterGroup": describe(group)}


def describe_cache_parameter_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List parameter groups with the defaults, or one by name."""
    wanted = str(request.get("CacheParameterGroupName") or "").lower()
    if wanted and not wanted.startswith("default."):
        return {"CacheParameterGroups": [describe(region.parameter_group(wanted))]}
    shown = [*_defaults(region), *(describe(group) for group in region.parameter_groups.values())]
    if wanted:
        region.parameters(wanted)
        shown = [item for item in shown if item["CacheParameterGroupName"] == wanted]
    shown.sort(key=lambda item: item["CacheParameterGroupName"])
    items, marker = page.cut(shown, request, key=lambda item: item["CacheParameterGroupName"])
    return {"CacheParameterGroups": items, "Marker": marker}


@taking_turns
def modify_cache_parameter_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set up to twenty parameters."""
    group = _own(region, request["CacheParameterGroupName"])
    pairs: list[dict[str, str]] = request.get("ParameterNameValues") or []
    if not 1 <= len(pairs) <= MOST_PER_CALL:
        raise invalid_value(f"Between 1 and {MOST_PER_CALL} parameters can be changed in one call; got {len(pairs)}.")
    assign(group, dict(zip(_names(pairs), (pair.get("ParameterValue", "") for pair in pairs), strict=True)))
    _tell(region, group)
    return {"CacheParameterGroupName": group.name}


@taking_turns
def reset_cache_parameter_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters, or all of them, the defaults of the family back."""
    group = _own(region, request["CacheParameterGroupName"])
    pairs: list[dict[str, str]] = request.get("ParameterNameValues") or []
    names = _names(pairs)
    if bool(names) == bool(request.get("ResetAllParameters")):
        raise invalid_combination("Give either ResetAllParameters or ParameterNameValues.")
    for name in names or list(group.values):
        group.values.pop(name, None)
    _tell(region, group)
    return {"CacheParameterGroupName": group.name}


@taking_turns
def delete_cache_parameter_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a parameter group that no cache uses."""
    group = _own(region, request["CacheParameterGroupName"])
    users = [
        item.replication_group_id
        for item in region.replication_groups.values()
        if item.parameter_group_name.lower() == group.name
    ]
    users += [
        item.cache_cluster_id
        for item in region.cache_clusters.values()
        if item.parameter_group_name.lower() == group.name
    ]
    if users:
        raise Fault(
            "InvalidCacheParameterGroupState",
            f"One or more cache clusters are still members of this parameter group {group.name}: {', '.join(users)}.",
        )
    del region.parameter_groups[group.name]
    return {}


def describe_cache_parameters(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the parameters of a group with their values, by source: `user` where they were set, else `system`."""
    family, values = region.parameters(request["CacheParameterGroupName"])
    # Of some families no page lists the parameters: what was set is all that can be told.
    known = family in parameter.families()
    listed: Mapping[str, parameter.Parameter] = parameter.family(family).parameters if known else {}
    shown = [_parameter(item, values) for item in listed.values()]
    shown += [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "DataType": "string", "IsModifiable": True}
        for name, value in values.items()
        if not known
    ]
    source = request.get("Source")
    chosen = [item for item in shown if source in (None, item["Source"])]
    items, marker = page.cut(chosen, request, key=lambda item: item["ParameterName"])
    return {"Parameters": items, "Marker": marker}


def describe_engine_default_parameters(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the parameters of a family with their defaults."""
    del region
    name = request["CacheParameterGroupFamily"]
    if name not in parameter.families():
        raise invalid_value(
            f"CacheParameterGroupFamily {name} is not a valid parameter group family. "
            f"Valid families are: {', '.join(parameter.families())}"
        )
    shown = [_parameter(item, {}) for item in parameter.family(name).parameters.values()]
    items, marker = page.cut(shown, request, key=lambda item: item["ParameterName"])
    return {"EngineDefaults": {"CacheParameterGroupFamily": name, "Parameters": items, "Marker": marker}}


def assign(group: ParameterGroup, values: Mapping[str, str]) -> None:
    """Set parameters after the rulebook has looked at them.

    Raises:
        Fault: a name that the family does not have, a value that is not allowed, a parameter that cannot be set.
    """
    refuse(
        parameter.check(
            parameter.ParameterGroupSpec(
                cache_parameter_group_family=group.family, description=group.description, parameters=values
            )
        )
    )
    group.values.update(values)


def describe(group: ParameterGroup) -> dict[str, Any]:
    """Show a parameter group as the API does."""
    return {
        "CacheParameterGroupName": group.name,
        "CacheParameterGroupFamily": group.family,
        "Description": group.description,
        "IsGlobal": False,
        "ARN": group.arn,
    }


def _tell(region: Region, group: ParameterGroup) -> None:
    """Bring the engines that have a parameter group to it; the API answers before they have it."""
    for cache in region.replication_groups.values():
        if cache.parameter_group_name.lower() == group.name:
            runtime.current().lifecycle.start(
                f"parameters of {cache.replication_group_id}",
                lambda cache=cache: provision_parameter.renew(region, cache),
            )
    for cluster in region.cache_clusters.values():
        if cluster.parameter_group_name.lower() == group.name:
            runtime.current().lifecycle.start(
                f"parameters of {cluster.cache_cluster_id}",
                lambda cluster=cluster: provision_cache_cluster.renew_parameters(region, cluster),
            )


def _names(pairs: list[dict[str, str]]) -> list[str]:
    if any(not pair.get("ParameterName") for pair in pairs):
        raise invalid_value("Every entry of ParameterNameValues has a ParameterName.")
    return [pair["ParameterName"] for pair in pairs]


def _own(region: Region, name: str) -> ParameterGroup:
    if name.lower().startswith("default."):
        raise invalid_value(f"Default parameter group {name} cannot be changed or deleted: make one of your own.")
    return region.parameter_group(name)


def _defaults(region: Region) -> Iterable[dict[str, Any]]:
    for family in parameter.families():
        names = {parameter.default_parameter_group(family, cluster_mode=mode) for mode in (False, True)}
        for name in sorted(names):
            yield {
                "CacheParameterGroupName": name,
                "CacheParameterGroupFamily": family,
                "Description": f"Default parameter group for {family}",
                "IsGlobal": False,
                "ARN": region.arn("parametergroup", name),
            }


def _parameter(item: parameter.Parameter, values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ParameterName": item.name,
        "ParameterValue": values.get(item.name, item.default),
        "Source": "user" if item.name in values else "system",
        "DataType": item.type,
        "AllowedValues": item.allowed,
        "IsModifiable": item.modifiable,
        "MinimumEngineVersion": item.minimum_engine_version,
        "ChangeType": item.change_type,
    }
