"""The panels of a picture: throughput, latency and replicas, one above the other on the same time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.report.frame import Box, Frame
from elasticache_kit.drills.report.markup import Markup, join, tag
from elasticache_kit.drills.report.series import Heat, heat, throughput, ticks

if TYPE_CHECKING:
    from elasticache_kit.drills.history import Entry
    from elasticache_kit.drills.operation import Operation

_ROWS = 20
_SHADES = 6
_STRIP = 12.0
# The primary is asked ten times a second: where it did not answer for so long the line has a gap.
_SILENCE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """What is drawn of one node group.

    Args:
        writes: in the order in which they were intended.
        reads: likewise.
        probes: how many replicas the primary said to be in sync.
        sign_ins: those of a rotation; none otherwise.
    """

    writes: Sequence[Operation]
    reads: Sequence[Operation]
    probes: Sequence[Entry]
    sign_ins: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the picture: its title, its height, and how it is drawn into a box."""

    title: str
    height: float
    draw: Callable[[Frame, Load, Box], Markup]


def _writes(frame: Frame, load: Load, box: Box) -> Markup:
    return _throughput(frame, load.writes, box, "write")


def _reads(frame: Frame, load: Load, box: Box) -> Markup:
    return _throughput(frame, load.reads, box, "read")


def _throughput(frame: Frame, operations: Sequence[Operation], box: Box, kind: str) -> Markup:
    series = throughput(operations, frame.window)
    total = [ok + failed for ok, failed in zip(series.ok, series.failed, strict=True)]
    # Scaled to the usual load: a peak of late answers is no higher load.
    high = max(1.0, sorted(total)[len(total) // 2] * 1.35)
    return join(
        frame.scale(box, [(value / high, f"{value:,.0f}") for value in ticks(0, high, 2)]),
        _bars(frame, [value / high for value in total], box, "failed"),
        _bars(frame, [value / high for value in series.ok], box, kind),
    )


def _bars(frame: Frame, shares: Sequence[float], box: Box, kind: str) -> Markup:
    """Draw bars that touch each other as one path."""
    steps = (f"V{box.y(share):.1f}H{frame.left + number * frame.bar:.1f}" for number, share in enumerate(shares, 1))
    return tag("path", d=f"M{frame.left:g} {box.bottom:g}{''.join(steps)}V{box.bottom:g}Z", class_=kind)


def _latency(frame: Frame, load: Load, box: Box) -> Markup:
    found = heat(load.writes, frame.window, _ROWS)
    low, high = math.log10(found.low), math.log10(found.high)
    below = Box(box.top + _STRIP, box.height - _STRIP)
    scale = [((decade - low) / (high - low), _label(decade)) for decade in range(round(low), round(high) + 1)]
    failed = throughput(load.writes, frame.window).failed
    bars = (
        tag("rect", x=frame.left + n * frame.bar, y=box.top, width=frame.bar, height=_STRIP - 3, class_="failed")
        for n, value in enumerate(failed)
        if value
    )
    return join(frame.scale(below, scale), *bars, *_cells(frame, found, below))


def _cells(frame: Frame, found: Heat, box: Box) -> Iterator[Markup]:
    most = math.log1p(max(found.cells.values(), default=1))
    for (number, row), count in sorted(found.cells.items()):
        yield tag(
            "rect",
            x=frame.left + number * frame.bar,
            y=box.y((row + 1) / found.rows),
            width=frame.bar + 0.2,
            height=box.height / found.rows + 0.2,
            class_=f"heat h{math.ceil(_SHADES * math.log1p(count) / most)}",
        )


def _label(decade: int) -> str:
    seconds = 10.0**decade
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"


def _replicas(frame: Frame, load: Load, box: Box) -> Markup:
    most = max((probe.number or 0 for probe in load.probes), default=0) or 1
    points: list[str] = []
    before = -math.inf
    for probe in load.probes:
        if frame.window.bin(probe.at) is not None:
            x, y = frame.x(probe.at), box.y((probe.number or 0) / most)
            points.append(f"M{x:.1f} {y:.1f}" if probe.at - before > _SILENCE_SECONDS else f"H{x:.1f}V{y:.1f}")
            before = probe.at
    line = tag("path", d="".join(points), class_="step") if points else None
    return join(frame.scale(box, [(0, "0"), (1, str(most))]), line)


def _sign_ins(frame: Frame, load: Load, box: Box) -> Markup:
    """Draw a line for each that was let in, and over them a higher one for each that was not."""

    def lines(name: str, top: float, *, let_in: bool) -> Markup:
        places = (frame.x(entry.at) for entry in load.sign_ins if (entry.kind is Kind.OK) == let_in)
        return tag("path", d="".join(f"M{x:.1f} {top:g}V{box.bottom:g}" for x in places), class_=name)

    return join(lines("let-in", box.top + _STRIP / 2, let_in=True), lines("turned-away", box.top, let_in=False))


PANELS = (
    Panel("writes acknowledged / s", 104.0, _writes),
    Panel("reads answered / s", 72.0, _reads),
    Panel("write latency, failed ones on top", 132.0, _latency),
    Panel("replicas in sync", 34.0, _replicas),
)
_SIGN_INS = Panel("sign-ins, refused or unanswered ones red", 26.0, _sign_ins)


def panels(load: Load) -> Sequence[Panel]:
    """Return what is drawn, from above."""
    return (*PANELS, _SIGN_INS) if load.sign_ins else PANELS
