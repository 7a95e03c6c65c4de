"""A running drill on standard error: a picture on a terminal, lines elsewhere."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Experiment
    from elasticache_kit.drills.progress import Phase, Progress, Watch

_BARS = "▁▂▃▄▅▆▇█"
_HISTORY = 48


@contextmanager
def watching(experiment: Experiment, console: Console | None = None) -> Generator[Watch]:
    """Show how a drill goes until the block ends.

    Args:
        experiment: what is run.
        console: standard error when omitted.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(console).watch
        return
    # Drawn by the drill's own thread: a second one would make the instrument wait for the interpreter.
    with Live(console=console, auto_refresh=False, transient=True) as live:
        picture = _Picture(experiment)
        yield lambda progress: live.update(picture.draw(progress), refresh=True)


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
    """Draws the load of each node group as bars, the phase and the newest events."""

    def __init__(self, experiment: Experiment) -> None:
        self._title = f"drill {experiment.drill} on {experiment.group.replication_group_id}"
        self._rate = experiment.settings.rate
        self._before: dict[str, tuple[float, int]] = {}
        self._bars: dict[str, Text] = {}

    def draw(self, progress: Progress) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_row(
            Text(f"{self._title}", style="bold"), Text(f"{progress.elapsed_seconds:6.1f} s"), Text(progress.phase)
        )
        for group in progress.node_groups:
            bars = self._bar(group.node_group, group.writes, progress.elapsed_seconds)
            state = (
                Text(f"writer down: {group.writer_down}", style="red")
                if group.writer_down
                else Text("up", style="green")
            )
            counts = Text(
                f"{group.writes:,} writes acknowledged, {group.failed_writes + group.failed_reads:,} operations failed"
            )
            table.add_row(Text(f"node group {group.node_group}"), bars, counts, state)
        for seen_at, event in progress.events[-5:]:
            table.add_row(
                Text(event.source_id, style="dim"), Text(f"{seen_at:6.1f} s", style="dim"), Text(event.message)
            )
        return table

    def _bar(self, node_group: str, writes: int, seconds: float) -> Text:
        bars = self._bars.setdefault(node_group, Text())
        since, count = self._before.get(node_group, (seconds, writes))
        if seconds - since < 0.2:  # noqa: PLR2004 - a phase change redraws at once, too soon for a rate
            self._before.setdefault(node_group, (seconds, writes))
            return bars
        self._before[node_group] = (seconds, writes)
        share = min(1.0, (writes - count) / (seconds - since) / self._rate)
        bars.append(_BARS[round(share * (len(_BARS) - 1))], style="green" if share > 0.5 else "red")  # noqa: PLR2004 - half of the load
        self._bars[node_group] = bars[-_HISTORY:]
        return self._bars[node_group]


def _counts(progress: Progress) -> str:
    writes = sum(group.writes for group in progress.node_groups)
    failed = sum(group.failed_writes + group.failed_reads for group in progress.node_groups)
    return f"{writes} writes acknowledged, {failed} operations failed"
