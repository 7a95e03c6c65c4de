"""A running drill on standard error: lines for what happens, and on a terminal bars for the load below them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from elasticache_kit.drills.progress import NodeGroupProgress, Phase, Progress, Watch

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 40
_MOST_GROUPS = 12
# A phase change draws at once, too soon after the last picture for a rate.
_SHORTEST_SECONDS = 0.2
_HALF = 0.5


@contextmanager
def watching(rate: float, console: Console | None = None) -> Generator[Watch]:
    """Show how a drill goes until the block ends.

    Args:
        rate: writes per second that are due in each node group.
        console: standard error when omitted.
    """
    console = console or Console(stderr=True)
    lines = _Lines(console)
    if not console.is_terminal:
        yield lines.watch
        return
    picture = _Picture(rate)
    # Drawn by the drill's own thread: a second one would make the instrument wait for the interpreter.
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def watch(progress: Progress) -> None:
            lines.watch(progress)
            live.update(picture.draw(progress), refresh=True)

        yield watch


class _Lines:
    """Prints a line for each phase and each event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase: Phase | None = None
        self._events = 0

    def watch(self, progress: Progress) -> None:
        if progress.phase is not self._phase:
            self._phase = progress.phase
            self._say(progress.elapsed_seconds, f"{progress.phase.value} ({_counts(progress)})")
        for seen_at, event in progress.events[self._events :]:
            self._say(seen_at, f"event: {event.source_id}: {event.message}")
        self._events = len(progress.events)

    def _say(self, seconds: float, text: str) -> None:
        self._console.print(f"[{seconds:7.1f} s] {text}", markup=False, highlight=False, soft_wrap=True)


class _Picture:
    """Draws the acknowledged writes of each node group as bars, a bar for each quarter of a second."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._before: dict[str, tuple[float, int]] = {}
        self._bars: dict[str, Text] = {}

    def draw(self, progress: Progress) -> Group:
        """Return the picture of a moment."""
        head = Text(f"{progress.elapsed_seconds:8.1f} s  {progress.phase.value}", style="bold")
        shown = progress.node_groups[:_MOST_GROUPS]
        return Group(head, *(self._row(group, progress.elapsed_seconds) for group in shown))

    def _row(self, group: NodeGroupProgress, seconds: float) -> Text:
        bars = self._grow(group, seconds)
        state = ("down: " + group.writer_down, "red") if group.writer_down else ("up", "green")
        counts = f"  {group.writes:>7,} writes ok  {group.failed_writes + group.failed_reads:>6,} failed  "
        padding = " " * (_WIDTH - len(bars))
        return Text.assemble((f"  {group.node_group}  ", "bold"), bars, padding, counts, state)

    def _grow(self, group: NodeGroupProgress, seconds: float) -> Text:
        bars = self._bars.setdefault(group.node_group, Text())
        since, count = self._before.setdefault(group.node_group, (seconds, group.writes))
        if seconds - since >= _SHORTEST_SECONDS:
            self._before[group.node_group] = (seconds, group.writes)
            share = min(1.0, (group.writes - count) / (seconds - since) / self._rate)
            bars.append(_BARS[round(share * (len(_BARS) - 1))], style="green" if share > _HALF else "red")
        self._bars[group.node_group] = bars[-_WIDTH:]
        return self._bars[group.node_group]


def _counts(progress: Progress) -> str:
    writes = sum(group.writes for group in progress.node_groups)
    failed = sum(group.failed_writes + group.failed_reads for group in progress.node_groups)
    return f"{writes} writes acknowledged, {failed} operations failed"
