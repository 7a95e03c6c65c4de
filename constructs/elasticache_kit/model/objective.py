"""Objectives of drills as they are written: a metric, how it is read over the trials, and what it may be at most.

`write_outage_p95: 15s`; `drills.slo` judges them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TIMES = (
    "write_outage",
    "read_outage",
    "healthy_outage",
    "promotion",
    "client_recovery",
    "full_redundancy",
    "goodput_recovery",
    "staleness",
)
COUNTS = ("lost_writes", "stale_reads", "backward_reads", "refused_sign_ins")
READINGS: Mapping[str, float] = MappingProxyType({"max": 1.0, "p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99})
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0}


@dataclass(frozen=True, slots=True)
class Written:
    """An objective that was read.

    Args:
        metric: what is measured, one of TIMES or COUNTS.
        share: how it is read over the trials; 1 is the largest.
        limit: what it may be at most, in seconds or as a count.
    """

    metric: str
    share: float
    limit: float


def read(name: str, value: object) -> Written | str:
    """Return an objective, or what is wrong with it.

    Args:
        name: for example `write_outage_p95`.
        value: for example `15s`, or a whole number for a count.
    """
    metric, _, reading = name.rpartition("_")
    if metric not in (*TIMES, *COUNTS) or reading not in READINGS:
        return (
            f"{name}: no such objective; a metric is one of {', '.join((*TIMES, *COUNTS))}, "
            f"followed by one of {', '.join('_' + known for known in READINGS)}"
        )
    limit = _time(value) if metric in TIMES else _count(value)
    if limit is None:
        wanted = "a duration such as 500ms, 15s or 2min" if metric in TIMES else "a whole number"
        return f"{name}: {value!r} is not {wanted}"
    return Written(metric, READINGS[reading], limit)


def _time(value: object) -> float | None:
    found = _DURATION.fullmatch(str(value).strip())
    return float(found[1]) * _UNITS[found[2]] if found else None


def _count(value: object) -> float | None:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
