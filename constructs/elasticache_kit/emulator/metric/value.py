"""A value: what was added since, and shares that have a denominator."""

from __future__ import annotations

from collections.abc import Mapping


def difference(before: Mapping[str, str], now: Mapping[str, str], name: str) -> float:
    """Return how much a field has grown; one that was reset counts from zero, as it does."""
    new, old = float(now.get(name, 0)), float(before.get(name, 0))
    return new - old if new >= old else new


def ratio(metric: str, part: float, whole: float) -> dict[str, float]:
    """Return a metric that is a share, or none where there is nothing that it is a share of."""
    return {metric: part / whole} if whole > 0 else {}
