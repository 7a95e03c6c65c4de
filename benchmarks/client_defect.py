"""Whether clients that were seen to stay ill after a planned failover still do, each beside one that does not.

    .venv/bin/python -m benchmarks.client_defect --trials 3            a table; from the root of the repository
    .venv/bin/python -m benchmarks.client_defect --output json         for machines

A cluster of three node groups, each a primary and a replica, under the load of a drill; in each trial CLUSTER FAILOVER
in one node group, and one client under test. What is told is the share of the load that it has in time at the end, of
what it had before: the least of all node groups, for what was seen struck all of them.

    redis-py      stays near half goodput with its own settings; the control is the same with reinitialize_steps=0
    valkey-py     was seen dead for good, in one of seven runs; the control is valkey-glide

A trial in which the machine left the client's process no time, or in which it was not under load before, is void.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import tempfile
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks.cluster import KEY, SLOTS, STRUCK, Cluster
from benchmarks.injected import Injected
from elasticache_kit.drills import client, runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.checker.goodput import GOING, TOO_LATE_SECONDS
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind

if TYPE_CHECKING:
    from elasticache_kit.drills.history import History
    from elasticache_kit.drills.subject import Seen

CLIENTS = {
    "redis-py": ("redis-py-defaults", "benchmarks.client_factory:redis_without_reinitializing"),
    "valkey-py": ("valkey-py-defaults", "valkey-glide"),
}
BASELINE_SECONDS, AFTER_SECONDS, LAST_SECONDS = 2.0, 10.0, 3.0
# Ill is a client that has less than this share of its load in the end.
WELL = 0.9
STARVED_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Trial:
    """One failover and what became of one client.

    Args:
        library: whose defect it is about.
        client: the client.
        before: writes a second in time before, in the node group that had the fewest.
        share: of those before, the share in the last three seconds, in the node group that had the least.
        starved_seconds: for how long at most the machine left it no time.
        failure: why there was no load; None where there was.
    """

    library: str
    client: str
    before: float
    share: float
    starved_seconds: float
    failure: str | None

    @property
    def ill(self) -> bool:
        """Whether it did not come back."""
        return self.share < WELL

    def void(self, rate: float) -> bool:
        """Tell whether nothing can be said."""
        return self.failure is not None or self.starved_seconds > STARVED_SECONDS or self.before < GOING * rate


def trial(cluster: Cluster, library: str, name: str, rate: float) -> Trial:
    """Run one drill with one client."""
    settings = Settings(
        rate=rate, baseline_seconds=BASELINE_SECONDS, settle_seconds=AFTER_SECONDS, duration_seconds=0,
        sync_timeout_seconds=10, stalls_seconds=(),
    )  # fmt: skip
    experiment = Experiment(
        drill="planned failover", group=cluster.described(), node_group=STRUCK, access=Access(), settings=settings,
        limits=Limits(max_stall_seconds=60), clients=(name,),
    )  # fmt: skip
    result = runner.run(experiment, Injected(cluster, "planned", 0.0), lambda _: None)
    called = next((entry.at for entry in result.history.about(Action.FAULT)), None)
    if called is None or not result.clients:
        return Trial(library, name, 0.0, 0.0, 0.0, "the failover was not made")
    return measured(library, result.clients[0], called)


def measured(library: str, seen: Seen, called: float) -> Trial:
    """Return what a client's log tells."""
    groups = [_rates(seen.history, name, called) for name in SLOTS] if seen.failure is None else []
    return Trial(
        library=library,
        client=seen.name,
        before=min((before for before, _ in groups), default=0.0),
        share=min((after / before for before, after in groups if before), default=0.0),
        starved_seconds=seen.starved_seconds,
        failure=seen.failure,
    )


def _rates(history: History, node_group: str, called: float) -> tuple[float, float]:
    """Return the writes a second that were acknowledged in time before a call and at the end."""
    writes = history.operations(Action.WRITE, node_group)
    moments = [w.intended for w in writes if w.outcome is Kind.OK and w.latency <= TOO_LATE_SECONDS]
    end = max((write.intended for write in writes), default=called)
    # The first half of the load before is left out: the client connects in it.
    before = bisect_left(moments, called) - bisect_left(moments, called - BASELINE_SECONDS / 2)
    after = len(moments) - bisect_left(moments, end - LAST_SECONDS)
    return before / (BASELINE_SECONDS / 2), after / LAST_SECONDS


def line(name: str, trials: Sequence[Trial], rate: float) -> str:
    """Return a line of the table."""
    counted = [item for item in trials if not item.void(rate)]
    shares = ", ".join(f"{item.share:.0%}" for item in counted) or "the machine is too busy"
    version = client.find(name).version or ""
    return (
        f"{name.rpartition(':')[2]:<30} {version:<8}{len(trials):>7}{len(trials) - len(counted):>6}"
        f"{sum(item.ill for item in counted):>5}   {shares}"
    )


@click.command()
@click.option("--trials", type=click.IntRange(min=1), default=3, show_default=True, help="For each client.")
@click.option(
    "--rate", type=click.FloatRange(min=1), default=1000.0, show_default=True, help="Writes a second, and reads."
)
@click.option("--library", "libraries", type=click.Choice(sorted(CLIENTS)), multiple=True, help="All when omitted.")
@click.option("--output", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(trials: int, rate: float, libraries: tuple[str, ...], form: str) -> None:
    """Fail over under load, and see whether clients come back whole."""
    done: list[Trial] = []
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder))
        try:
            for library in libraries or CLIENTS:
                for name in CLIENTS[library]:
                    for number in range(trials):
                        click.echo(f"{name}, {number + 1} of {trials}", err=True)
                        done.append(trial(cluster, library, name, rate))
        finally:
            cluster.fleet.stop()
    if form == "json":
        click.echo(json.dumps([asdict(item) | {"void": item.void(rate), "ill": item.ill} for item in done], indent=2))
        return
    click.echo(
        f"goodput after a planned failover of {KEY}, {rate:g} writes and reads a second in each of {len(SLOTS)} shards"
    )
    click.echo(f"{'client':<30} {'version':<8}{'trials':>7}{'void':>6}{'ill':>5}   share of the load before")
    for name in dict.fromkeys(item.client for item in done):
        click.echo(line(name, [item for item in done if item.client == name], rate))


if __name__ == "__main__":
    main()
