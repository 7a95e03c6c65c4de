"""An earlier run of a drill, read from its report.json, and how this one compares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.slo import METRICS
from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is taken from an earlier run.

    Args:
        drill: the drill's name.
        started: when it began.
        error_bar_seconds: how far off its instrument was; None where that is not known.
        figures: by checker, node group and name.
    """

    drill: str
    started: str
    error_bar_seconds: float | None
    figures: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of both runs.

    Args:
        node_group: the node group.
        metric: its name as in an SLO file.
        before: of the earlier run.
        now: of this one.
        is_time: whether it is in seconds.
        within_error: whether the difference is within what the instruments may be off.
    """

    node_group: str
    metric: str
    before: float
    now: float
    is_time: bool
    within_error: bool

    def said(self, value: float) -> str:
        """Return a value for people."""
        return spoken(value) if self.is_time else f"{value:g}"

    @property
    def change(self) -> str:
        """Return how they differ, for people."""
        if self.now == self.before:
            return "the same"
        word = "more" if self.now > self.before else "less"
        text = f"{self.said(abs(self.now - self.before))} {word}"
        return f"{text}, within the error bars" if self.within_error else text


def read(path: Path) -> Earlier:
    """Read the report.json of an earlier run.

    Raises:
        ValidationError: it is none.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        calibration: dict[str, Any] = document.get("calibration") or {}
        errors = [abs(s["measured_seconds"] - s["truth_seconds"]) for s in calibration.get("stalls", [])]
        return Earlier(
            drill=document["drill"],
            started=document["started"],
            error_bar_seconds=max(errors, default=None),
            figures={
                (finding["checker"], finding["node_group"], name): float(value)
                for finding in document["findings"]
                for name, value in finding["figures"].items()
                if isinstance(value, int | float)
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValidationError(f"{path} is no report.json of a drill: {error}") from error


def differences(result: Result) -> Iterator[Difference]:
    """Yield the figures that this run and an earlier one have both."""
    earlier = result.earlier
    if earlier is None:
        return
    bars = (earlier.error_bar_seconds or 0.0) + (result.calibration.error_seconds if result.calibration else 0.0)
    for finding in result.findings:
        for name, metric in METRICS.items():
            before = earlier.figures.get((finding.checker, finding.node_group, metric.figure))
            now = finding.figures.get(metric.figure)
            if metric.checker == finding.checker and before is not None and isinstance(now, int | float):
                within = metric.is_time and abs(now - before) <= bars
                yield Difference(finding.node_group, name, before, float(now), metric.is_time, within)
