"""How far off the instrument of the drills is, held against faults of which the truth is known.

    .venv/bin/python -m benchmarks.instrument --trials 20            a table; from the root of the repository
    .venv/bin/python -m benchmarks.instrument --raw trials.json      every trial, beside it
    .venv/bin/python -m benchmarks.instrument --output json          for machines

A cluster of three node groups, each a primary and a replica, under the load of a drill. In each trial one of these
happens to one node group, and the longest time without an acknowledged write is held against the truth:

    stop      SIGSTOP of the primary; the truth is the time until SIGCONT
    kill      kill -9 of the primary; the truth is the time until the line of the engine's log in which the replica
              takes over; that has whole milliseconds, and the middle is taken
    planned   CLUSTER FAILOVER; the truth is the time between two lines of the old primary's log: it holds clients back
              from when it is asked until it hears that it is a replica, some time after the other has taken over

After its line a node that takes over writes nodes.conf and waits until the disk has it, and answers nobody meanwhile:
on a busy disk for longer than the instrument is ever off. So the nodes have their files in memory where there is a
/dev/shm, and for how long they still answered nobody is told beside the error, of which it is a part.

Trials in which the instrument itself was late are void, and are counted. The control is a client that waits for each
answer before it asks again: over the same stop it must under-report, else the measurement proves nothing.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import statistics
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.cluster import Cluster
from benchmarks.control import control
from benchmarks.injected import KINDS
from benchmarks.trial import Trial, trial
from elasticache_kit.drills.outage import quantile

TARGET_SECONDS = 0.005
MEMORY = Path("/dev/shm")  # noqa: S108 - the nodes get a directory of their own in it


def row(kind: str, trials: list[Trial]) -> str:
    """Return a line of the table."""
    counted = [item for item in trials if not item.void]
    errors = sorted(item.error_seconds * 1000 for item in counted)
    if not errors:
        return f"{kind:<9}{len(trials):>7}{len(trials):>6}   all void: the machine is too busy"
    magnitude = quantile([abs(error) for error in errors], 0.95) or 0.0
    return (
        f"{kind:<9}{len(trials):>7}{len(trials) - len(counted):>6}{statistics.median(errors):>9.1f}{errors[0]:>8.1f}"
        f"{errors[-1]:>8.1f}{magnitude:>10.1f}{max(t.healthy_gap_seconds for t in counted) * 1000:>12.1f}"
        f"{sum(t.healthy_failed for t in counted):>8}{statistics.median(t.cpu_share for t in counted):>7.2f}"
    )


def busy(trials: list[Trial]) -> str:
    """Return for how long engines answered nobody that took over."""
    times = [t.busy_seconds * 1000 for t in trials if t.busy_seconds is not None and not t.void]
    return f"{statistics.median(times):.1f} ms, at most {max(times):.1f} ms" if times else "a time that nobody knows"


@click.command()
@click.option("--trials", default=20, show_default=True, help="Trials of each fault.")
@click.option(
    "--rate", default=1000.0, show_default=True, help="Writes per second in each node group, and as many reads."
)
@click.option("--stop", "stop_seconds", default=0.2, show_default=True, help="For how long a process is stopped.")
@click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the nodes have their files.  [default: /dev/shm, or the temporary directory where there is none]",
)
@click.option("--raw", type=click.Path(dir_okay=False, path_type=Path), help="Where every trial is written.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(
    *, trials: int, rate: float, stop_seconds: float, directory: Path | None, raw: Path | None, output: str
) -> None:
    """Measure, and end with 1 where the control does not hold."""
    found: list[Trial] = []
    with tempfile.TemporaryDirectory(dir=directory or (MEMORY if MEMORY.is_dir() else None)) as folder:
        cluster = Cluster(Path(folder))
        try:
            for kind in KINDS:
                for number in range(1, trials + 1):
                    click.echo(f"{kind} {number} of {trials}", err=True)
                    found.append(trial(cluster, kind, rate, stop_seconds))
            seen = control(cluster, rate, stop_seconds)
        finally:
            cluster.fleet.stop()
    document = {
        "load": os.getloadavg()[0],
        "processors": os.cpu_count(),
        "rate": rate,
        "target_seconds": TARGET_SECONDS,
        "trials": [asdict(item) | {"error_seconds": item.error_seconds, "void": item.void} for item in found],
        "control": asdict(seen),
    }
    if raw is not None:
        raw.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if output == "json":
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo("error in ms: measured less truth; p95 is of its magnitude; healthy: node groups left alone")
        click.echo("fault     trials  void   median     min     max       p95 healthy gap  failed    cpu")
        for kind in KINDS:
            click.echo(row(kind, [item for item in found if item.kind == kind]))
        click.echo(f"\nafter the line that says that it takes over the engine answered nobody for {busy(found)}")
        click.echo(
            f"control: a stop of {seen.stop_seconds * 1000:.0f} ms; p99 of a client that waits for each answer "
            f"{seen.closed_p99_seconds * 1000:.1f} ms, of the instrument {seen.open_p99_seconds * 1000:.1f} ms"
        )
        click.echo(f"load average {document['load']:.1f} on {document['processors']} processors")
    if seen.closed_p99_seconds >= seen.open_p99_seconds:
        raise click.ClickException("the control does not hold: a client that waits saw as much as the instrument")


if __name__ == "__main__":
    main()
