"""Application Auto Scaling, where moto knows no ElastiCache."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from moto.applicationautoscaling import models, responses

from elasticache_kit.emulator import auto_scaling

# What may be scaled, beside what moto knows; AAS:RegisterScalableTarget.ScalableDimension.
NAMESPACES = {"ELASTICACHE": "elasticache"}
DIMENSIONS = {
    "ELASTICACHE_CACHE_CLUSTER_NODES": "elasticache:cache-cluster:Nodes",
    "ELASTICACHE_REPLICATION_GROUP_NODE_GROUPS": "elasticache:replication-group:NodeGroups",
    "ELASTICACHE_REPLICATION_GROUP_REPLICAS": "elasticache:replication-group:Replicas",
}


def install() -> Callable[[], None]:
    """Let caches be scaled, by the rulebook, and return what undoes that."""
    wider: dict[str, Any] = {
        "ServiceNamespaceValueSet": _widened(models.ServiceNamespaceValueSet, NAMESPACES),
        "ScalableDimensionValueSet": _widened(models.ScalableDimensionValueSet, DIMENSIONS),
    }
    backend: Any = models.ApplicationAutoscalingBackend
    judged: dict[str, Any] = {
        "register_scalable_target": auto_scaling.register_with(backend.register_scalable_target),
        "put_scaling_policy": auto_scaling.put_policy_with(backend.put_scaling_policy),
    }
    exchanged = [(module, name, value) for module in (models, responses) for name, value in wider.items()]
    exchanged += [(backend, name, value) for name, value in judged.items()]
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in exchanged]
    for holder, name, value in exchanged:
        setattr(holder, name, value)

    def undo() -> None:
        for holder, name, stock in before:
            setattr(holder, name, stock)

    return undo


def _widened(stock: type[Enum], more: dict[str, str]) -> Any:
    return Enum(stock.__name__, {**{member.name: member.value for member in stock}, **more})
