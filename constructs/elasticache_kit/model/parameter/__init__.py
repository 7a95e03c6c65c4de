"""Parameters of the engines, the families that they come in, and parameter groups.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html
"""

from __future__ import annotations

from elasticache_kit.model.parameter.family import (
    Parameter,
    ParameterFamily,
    default_group_family,
    default_parameter_group,
    families,
    family,
)
from elasticache_kit.model.parameter.group import RULES, ParameterGroupSpec, check

__all__ = [
    "RULES",
    "Parameter",
    "ParameterFamily",
    "ParameterGroupSpec",
    "check",
    "default_group_family",
    "default_parameter_group",
    "families",
    "family",
]
