"""The picture of one node group: its panels over time, with outages shaded and milestones marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.outage import Gap, outages
from elasticache_kit.drills.report.frame import Box, Frame, Size
from elasticache_kit.drills.report.markup import Markup, join, tag
from elasticache_kit.drills.report.panel import Load, panels
from elasticache_kit.drills.report.series import Window, ticks

if TYPE_CHECKING:
    from elasticache_kit.drills.report.milestone import Milestone
    from elasticache_kit.drills.result import Result

_RADIUS = 9.0
_TITLE = 26.0
_AXIS = 28.0
_TOP = 4.0
_LABEL_WIDTH = 44.0


def chart(
    result: Result, node_group: str, moments: Sequence[Milestone], span: tuple[float, float], size: Size
) -> Markup:
    """Draw one node group between two moments of the history's clock."""
    zero = next((moment.at for moment in moments if moment.is_call), span[0])
    frame = Frame(size, Window.fitting(span, size.bins, result.experiment.settings.rate), zero)
    history = result.history
    load = Load(
        history.operations(Action.WRITE, node_group),
        history.operations(Action.READ, node_group),
        history.about(Action.REDUNDANCY, node_group=node_group),
        history.about(Action.SIGN_IN, node_group=node_group),
    )
    shown = [moment for moment in moments if frame.window.bin(moment.at) is not None]
    badges, top = _badges(frame, shown)
    drawn, bottom = _panels(frame, load, top)
    found = outages(load.writes)
    return tag(
        "svg",
        _shades(frame, found, Box(top + 6.0, bottom - top - 6.0)),
        drawn,
        *(tag("line", x1=frame.x(m.at), x2=frame.x(m.at), y1=top, y2=bottom, class_=f"moment {m.side}") for m in shown),
        badges,
        _axis(frame, bottom),
        class_=f"chart {size.name}",
        viewBox=f"0 0 {size.width:g} {bottom + _AXIS:g}",
        role="img",
        aria_label=_spoken(node_group, found),
    )


def _panels(frame: Frame, load: Load, top: float) -> tuple[Markup, float]:
    parts: list[Markup] = []
    for panel in panels(load):
        box = Box(top + _TITLE, panel.height)
        title = tag("text", panel.title, x=frame.left, y=box.top - 8.0, class_="panel")
        parts += [title, panel.draw(frame, load, box)]
        top = box.bottom
    return join(*parts), top


def _shades(frame: Frame, found: Sequence[Gap], box: Box) -> Markup:
    parts: list[Markup] = []
    for gap in found:
        if gap.end >= frame.window.start and gap.start <= frame.window.end:
            x, width = frame.x(gap.start), max(1.0, frame.x(gap.end) - frame.x(gap.start))
            parts.append(tag("rect", x=x, y=box.top, width=width, height=box.height, class_="outage"))
            if width > _LABEL_WIDTH:
                parts.append(tag("text", spoken(gap.seconds), x=x + width / 2, y=box.top + 14.0, class_="gap middle"))
    return join(*parts)


def _badges(frame: Frame, moments: Sequence[Milestone]) -> tuple[Markup, float]:
    """Draw numbered circles in as many rows as keep them apart; returns them and where they end."""
    ends: list[float] = []
    parts: list[Markup] = []
    for moment in moments:
        x = frame.x(moment.at)
        row = next((number for number, end in enumerate(ends) if end < x - _RADIUS), len(ends))
        ends[row : row + 1] = [x + _RADIUS + 2.0]
        y = _TOP + _RADIUS + row * (2 * _RADIUS + 3.0)
        title = tag("title", moment.text)
        circle, number = tag("circle", cx=x, cy=y, r=_RADIUS), tag("text", str(moment.number), x=x, y=y + 4.0)
        parts.append(tag("g", title, circle, number, class_=f"badge {moment.side}"))
    return join(*parts), _TOP + len(ends) * (2 * _RADIUS + 3.0)


def _axis(frame: Frame, y: float) -> Markup:
    marks: list[Markup] = []
    for value in ticks(frame.window.start - frame.zero, frame.window.end - frame.zero, frame.size.labels):
        x = frame.x(frame.zero + value)
        label = f"{round(value, 6):+g} s".replace("-", "\N{MINUS SIGN}") if round(value, 6) else "0"
        marks += [
            tag("line", x1=x, x2=x, y1=y, y2=y + 5.0, class_="axis"),
            tag("text", label, x=x, y=y + 19.0, class_=f"tick {'middle' if x < frame.right - 12 else 'end'}"),
        ]
    return join(tag("line", x1=frame.left, x2=frame.right, y1=y, y2=y, class_="axis"), *marks)


def _spoken(node_group: str, found: Sequence[Gap]) -> str:
    told = "; ".join(f"writes failed for {spoken(gap.seconds)}" for gap in found[:5]) or "no write failed"
    return f"Load of node group {node_group} over time: {told}."
