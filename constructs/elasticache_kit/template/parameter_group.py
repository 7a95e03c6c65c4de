"""AWS::ElastiCache::ParameterGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from elasticache_kit.model.parameter import ParameterGroupSpec
from elasticache_kit.model.unknown import UNKNOWN, Unknown
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Value
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::ParameterGroup"

_CLUSTER_ENABLED = "cluster-enabled"


class NamedGroup(NamedTuple):
    """What a cache knows of the parameter group that it names, in the terms of its own spec."""

    cache_parameter_group_name: str | Unknown | None
    parameter_group_family: str | Unknown | None = None
    parameter_group_cluster_enabled: bool | Unknown | None = None
    parameter_group_parameters: Mapping[str, str | Unknown] | Unknown | None = None


def spec(scope: Scope, resource: Resource) -> ParameterGroupSpec:
    """Describe a parameter group to the rulebook."""
    properties = Properties.of(scope, resource)
    return ParameterGroupSpec(
        cache_parameter_group_family=properties.text("CacheParameterGroupFamily"),
        description=properties.text("Description"),
        parameters=properties.mapping("Properties"),
    )


def named(scope: Scope, value: Value, properties: Properties) -> NamedGroup:
    """Describe the parameter group of a cache: one of the template, or one of which the name is all that is known."""
    group = scope.linked(value, TYPE)
    if group is None:
        return NamedGroup(properties.text("CacheParameterGroupName"))
    described = spec(scope, group)
    # CloudFormation makes its name up, so the logical id stands for it.
    return NamedGroup(
        group.logical_id,
        UNKNOWN if described.cache_parameter_group_family is None else described.cache_parameter_group_family,
        _cluster_enabled(described),
        {} if described.parameters is None else described.parameters,
    )


def _cluster_enabled(group: ParameterGroupSpec) -> bool | Unknown:
    if group.parameters is None or isinstance(group.parameters, Unknown):
        return UNKNOWN if group.parameters is not None else False
    value = group.parameters.get(_CLUSTER_ENABLED, "no")
    return UNKNOWN if isinstance(value, Unknown) else value == "yes"
