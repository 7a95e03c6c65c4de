"""Watching a drill."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console

from elasticache_kit.cli.live import watching
from elasticache_kit.drills.progress import NodeGroupProgress, Phase, Progress
from elasticache_kit.ops.event import Event

EVENT = Event(datetime(2026, 11, 23, tzinfo=UTC), "replication-group", "orders", "Test Failover API called")


def progress(phase: Phase, seconds: float, writes: int, *events: Event, down: str | None = None) -> Progress:
    """Return how a drill goes."""
    group = NodeGroupProgress("0001", writes, 2, writes, 0, down, 1)
    return Progress(phase, seconds, (group,), tuple((seconds, event) for event in events))


def watched(console: Console, *told: Progress) -> str:
    """Return what was written about a drill."""
    with watching(100, console) as watch:
        for one in told:
            watch(one)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_each_phase_and_event_is_one_line() -> None:
    """Not four lines a second, in the log of a CI system."""
    text = watched(
        Console(file=io.StringIO(), width=200),
        progress(Phase.BASELINE, 0.0, 0),
        progress(Phase.BASELINE, 0.25, 50),
        progress(Phase.FAULT, 3.0, 600),
        progress(Phase.FAULT, 3.1, 600, EVENT),
        progress(Phase.FAULT, 3.35, 600, EVENT),
    )

    assert text.splitlines() == [
        "[    0.0 s] load before the fault (0 writes acknowledged, 2 operations failed)",
        "[    3.0 s] the fault, under load (600 writes acknowledged, 2 operations failed)",
        "[    3.1 s] event: orders: Test Failover API called",
    ]


def test_on_a_terminal_bars_stand_below_the_lines() -> None:
    """High for the load that is acknowledged, low for an outage, with the reason."""
    console = Console(file=io.StringIO(), width=160, force_terminal=True, color_system=None)

    text = watched(
        console,
        progress(Phase.BASELINE, 0.0, 0),
        progress(Phase.BASELINE, 0.5, 50),
        progress(Phase.FAULT, 1.0, 50, EVENT, down="refused"),
    )

    assert "█" in text
    assert "▁" in text
    assert "down: refused" in text
    assert "Test Failover API called" in text
