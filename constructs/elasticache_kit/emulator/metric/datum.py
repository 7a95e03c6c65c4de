"""A datum: one value of one metric, as CloudWatch keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from elasticache_kit.model import metric as facts

# What CloudWatch calls units; what AWS's pages call otherwise (Boolean, Number) has none.
_UNITS = frozenset({"Percent", "Bytes", "Count", "Microseconds", "Milliseconds", "Seconds"})

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Datum:
    """One value.

    Args:
        name: the metric.
        value: its value.
        unit: CloudWatch's name of its unit.
        dimensions: what it was measured on.
        minute: the minute that it belongs to, in UTC and without a zone.
    """

    name: str
    value: float
    unit: str
    dimensions: Dimensions
    minute: dt.datetime


def data(
    scope: facts.Scope, values: Mapping[str, float], places: tuple[Dimensions, ...], minute: dt.datetime
) -> Iterator[Datum]:
    """Yield the values that AWS has a metric for, at each of the places that it has them."""
    for known in facts.metrics(scope):
        if known.name in values:
            unit = known.unit if known.unit in _UNITS else "None"
            for dimensions in places:
                yield Datum(known.name, values[known.name], unit, dimensions, minute)
