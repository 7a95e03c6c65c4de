"""The distribution of a figure over the trials of a drill, each trial a dot, so that none hides in a mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.report.frame import NARROW, WIDE, Size
from elasticache_kit.drills.report.markup import Markup, join, tag
from elasticache_kit.drills.report.series import ticks
from elasticache_kit.drills.slo import METRICS

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

_ROW, _AXIS, _LABEL, _RIGHT = 34.0, 26.0, {"wide": 150.0, "narrow": 110.0}, 16.0


def distributions(result: Result) -> Iterator[Markup]:
    """Yield the section of a report; nothing where there was one trial."""
    trials = result.trials
    if len(trials) < 2:  # noqa: PLR2004 - one dot is no distribution
        return
    struck = result.experiment.node_group
    rows = [(name, _values(trials, name, struck)) for name, metric in METRICS.items() if metric.is_time]
    shown = [(name.replace("_", " "), values) for name, values in rows if values]
    yield tag("h2", f"All {len(trials)} trials")
    if shown:
        yield tag(
            "div",
            tag("h3", f"node group {struck}, each trial a dot; n = {len(trials)}"),
            *(_picture(shown, size) for size in (WIDE, NARROW)),
            class_="panel-box",
        )


def _values(trials: Sequence[Result], name: str, node_group: str) -> list[float]:
    metric = METRICS[name]
    found = (
        finding.figures.get(metric.figure)
        for trial in trials
        for finding in trial.of(node_group)
        if finding.checker == metric.checker
    )
    return [float(value) for value in found if isinstance(value, int | float)]


def _picture(rows: Sequence[tuple[str, Sequence[float]]], size: Size) -> Markup:
    left, height = _LABEL[size.name], len(rows) * _ROW
    high = max([0.001, *(value for _, values in rows for value in values)])
    width = size.width - left - _RIGHT

    def x(value: float) -> float:
        return left + value / high * width

    parts = [_row(name, values, number * _ROW + _ROW / 2, x, left) for number, (name, values) in enumerate(rows)]
    axis = [
        join(
            tag("line", x1=x(value), x2=x(value), y1=0.0, y2=height, class_="grid"),
            tag("text", spoken(value) if value else "0", x=x(value), y=height + 18.0, class_="tick middle"),
        )
        for value in ticks(0, high, 4)
    ]
    return tag(
        "svg",
        *axis,
        *parts,
        class_=f"chart {size.name}",
        viewBox=f"0 0 {size.width:g} {height + _AXIS:g}",
        role="img",
        aria_label="; ".join(f"{name}: median {spoken(quantile(values, 0.5))}" for name, values in rows),
    )


def _row(name: str, values: Sequence[float], y: float, place: Callable[[float], float], left: float) -> Markup:
    median = quantile(values, 0.5) or 0.0
    dots = (
        tag("circle", tag("title", spoken(value)), cx=place(value), cy=y, r=5.0, class_="trial") for value in values
    )
    return join(
        tag("text", name, x=left - 10.0, y=y + 4.0, class_="tick end"),
        tag("line", x1=place(median), x2=place(median), y1=y - 11, y2=y + 11, class_="median"),
        *dots,
    )
