"""The pictures of a report: one for each node group, with a legend of what the numbers in them stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import offset
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.outage import outages
from elasticache_kit.drills.report.chart import chart
from elasticache_kit.drills.report.frame import NARROW, WIDE
from elasticache_kit.drills.report.markup import Markup, tag
from elasticache_kit.drills.report.milestone import milestones

if TYPE_CHECKING:
    from elasticache_kit.drills.report.milestone import Milestone
    from elasticache_kit.drills.result import Result

MOST_PICTURES = 8
_LONG_SECONDS = 60.0
_AROUND_SECONDS = 5.0


def pictures(result: Result, moments: Sequence[Milestone]) -> Iterator[Markup]:
    """Return the legend, and the pictures of the node groups: first of the one that the fault struck."""
    ordered = sorted(
        (group.node_group_id for group in result.experiment.group.node_groups),
        key=lambda group: (group != result.experiment.node_group, group),
    )
    yield tag("h2", "What clients saw")
    if moments:
        yield _legend(result, moments)
    spans = tuple(_spans(result, moments))
    for node_group in ordered[:MOST_PICTURES]:
        struck = " (the fault struck here)" if node_group == result.failed_over else ""
        for name, span in spans[: None if struck else 1]:
            sizes = [chart(result, node_group, moments, span, size) for size in (WIDE, NARROW)]
            yield tag("div", tag("h3", f"node group {node_group}{struck}{name}"), *sizes, class_="panel-box")
    yield tag(
        "p",
        "Shaded: writes failed. Latency counts from when a write was due; stronger cells hold more of them.",
        _of_events(moments),
        class_="facts",
    )
    if len(ordered) > MOST_PICTURES:
        yield tag("p", f"{len(ordered) - MOST_PICTURES} more node groups are in the tables below.")


def _of_events(moments: Sequence[Milestone]) -> str | None:
    if not any(moment.side == "aws" for moment in moments):
        return None
    how = "when they were seen here" if any(moment.is_late for moment in moments) else "its clock"
    return f" Orange numbers are ElastiCache's events, placed by {how}."


def picture(result: Result) -> str:
    """Return the picture of the node group that the fault struck as an SVG file that needs nothing else."""
    moments = milestones(result)
    *_, (_, span) = _spans(result, moments)
    drawn = chart(result, result.experiment.node_group, moments, span, WIDE)
    style = resources.files(__package__ or "").joinpath("report.css").read_text(encoding="utf-8")
    head, _, rest = drawn.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"><style>{style}</style>{rest}\n'


def _spans(result: Result, moments: Sequence[Milestone]) -> Iterator[tuple[str, tuple[float, float]]]:
    """Return the times to draw: the whole drill, and before it a closer look if the drill was long."""
    writes = result.history.operations(Action.WRITE, result.experiment.node_group)
    start = writes[0].intended if writes else result.began
    whole = (start, max(result.ended, start + 1.0))
    called = next((moment.at for moment in moments if moment.is_call), None)
    if called is not None and whole[1] - whole[0] > _LONG_SECONDS:
        end = max((gap.end for gap in outages(writes)), default=called)
        close = (max(start, called - _AROUND_SECONDS), min(whole[1], max(end, called) + 2 * _AROUND_SECONDS))
        if (close[1] - close[0]) < (whole[1] - whole[0]) / 2:
            yield ", around the fault", close
            yield ", the whole drill", whole
            return
    yield "", whole


def _legend(result: Result, moments: Sequence[Milestone]) -> Markup:
    zero = next((moment.at for moment in moments if moment.is_call), result.began)
    return tag(
        "ol",
        *(
            tag(
                "li",
                tag("span", str(moment.number), class_=f"dot {moment.side}"),
                tag("span", offset(moment.at - zero), class_="at"),
                tag("span", moment.text, tag("span", f" ({moment.source})", class_="source"), class_="text"),
            )
            for moment in moments
        ),
        class_="legend",
    )
