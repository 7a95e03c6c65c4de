"""Application Auto Scaling, where moto knows no ElastiCache."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from moto.applicationautoscaling import models, responses

# What may be scaled, beside what moto knows; AAS:RegisterScalableTarget.ScalableDimension.
NAMESPACES = {"ELASTICACHE": "elasticache"}
DIMENSIONS = {
    "ELASTICACHE_CACHE_CLUSTER_NODES": "elasticache:cache-cluster:Nodes",
    "ELASTICACHE_REPLICATION_GROUP_NODE_GROUPS": "elasticache:replication-group:NodeGroups",
    "ELASTICACHE_REPLICATION_GROUP_REPLICAS": "elasticache:replication-group:Replicas",
}


def install() -> Callable[[], None]:
    """Let caches be scaled and return what undoes that."""
    wider: dict[str, Any] = {
        "ServiceNamespaceValueSet": _widened(models.ServiceNamespaceValueSet, NAMESPACES),
        "ScalableDimensionValueSet": _widened(models.ScalableDimensionValueSet, DIMENSIONS),
    }
    before = [(module, name, getattr(module, name)) for module in (models, responses) for name in wider]
    for module, name, _ in before:
        setattr(module, name, wider[name])

    def undo() -> None:
        for module, name, stock in before:
            setattr(module, name, stock)

    return undo


def _widened(stock: type[Enum], more: dict[str, str]) -> Any:
    return Enum(stock.__name__, {**{member.name: member.value for member in stock}, **more})
