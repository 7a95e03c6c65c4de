"""How far off the instrument of the drills is, held against faults of which the truth is known.

    .venv/bin/python benchmarks/instrument.py --trials 20                 a table
    .venv/bin/python benchmarks/instrument.py --raw trials.json           every trial, beside it
    .venv/bin/python benchmarks/instrument.py --output json               for machines

A cluster of three node groups, each a primary and a replica, under the load of a drill. In each trial one of these
happens to one node group, and the longest time without an acknowledged write is held against the truth:

    stop      SIGSTOP of the primary; the truth is the time until SIGCONT
    kill      kill -9 of the primary; the truth is the time until the line of the engine's log in which the replica
              takes over
    planned   CLUSTER FAILOVER; the truth is the time between two lines of the old primary's log: it holds clients back
              from when it is asked until it hears that it is a replica, some time after the other has taken over

Trials in which the instrument itself was late are void, and are counted. The control is a client that waits for each
answer before it asks again: over the same stop it must under-report, else the measurement proves nothing.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.drills import runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import gaps, quantile
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.ops.inventory import Endpoint, Member, NodeGroup, ReplicationGroup

if TYPE_CHECKING:
    from elasticache_kit.drills.operation import Operation
    from elasticache_kit.ops.wait import Clock

PORT = 6379
KEY = "calibration"
SLOTS = {"0001": "0-5460", "0002": "5461-10922", "0003": "10923-16383"}
STRUCK = "0001"
KINDS = ("stop", "kill", "planned")
LINE = re.compile(r"\d+:\w (\d+ \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) . (.*)")
TAKEN_OVER = ("Taking over the", "Failover election won")
ASKED = ("Manual failover requested by replica",)
LET_GO = ("Configuration change detected. Reconfiguring myself as a replica",)
# A window in which the instrument was later than this tells of the machine, not of the instrument.
VOID_SECONDS = 0.005
TARGET_SECONDS = 0.005
PROMOTE_AFTER_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault and what the instrument made of it.

    Args:
        kind: which fault.
        truth_seconds: how long it kept writes from being acknowledged.
        measured_seconds: the longest time without an acknowledged write around it.
        healthy_gap_seconds: the longest such time in the node groups that were left alone.
        healthy_failed: how many operations failed there.
        lag_seconds: how late the instrument itself was around it.
        cpu_share: how much of one core it took.
    """

    kind: str
    truth_seconds: float
    measured_seconds: float
    healthy_gap_seconds: float
    healthy_failed: int
    lag_seconds: float
    cpu_share: float

    @property
    def error_seconds(self) -> float:
        """How much too long the reading was."""
        return self.measured_seconds - self.truth_seconds

    @property
    def void(self) -> bool:
        """Whether the instrument was too late for the trial to count."""
        return self.lag_seconds > VOID_SECONDS


class Cluster:
    """Three node groups of two nodes on real engines."""

    def __init__(self, directory: Path) -> None:
        self.fleet = Fleet(directory)
        shards = tuple(
            NodeGroupPlan(
                node_group_id=name, slots=slots, nodes=tuple(NodePlan(cache_cluster_id=m) for m in _pair(name))
            )
            for name, slots in SLOTS.items()
        )
        self.fleet.start_group(GroupPlan(key=KEY, node_groups=shards, cluster_mode=True, tls=False))
        self.group = self.fleet.group(KEY)

    def roles(self) -> tuple[str, str]:
        """Return the primary and the replica of the node group that is struck."""
        first, second = _pair(STRUCK)
        return (first, second) if self.info(first, "role") == "master" else (second, first)

    def info(self, member: str, name: str) -> str:
        """Return what a node says of its replication."""
        with self.group.node(member).engine.admin() as admin:
            return admin.info("replication").get(name, "")

    def ask(self, member: str, *words: str) -> None:
        """Send a node a command."""
        with self.group.node(member).engine.admin() as admin:
            admin.command(*words)

    def pid(self, member: str) -> int:
        """Return a node's process id."""
        return self.group.node(member).engine.pid or 0

    def logged(self, member: str, texts: tuple[str, ...], since: float) -> float:
        """Return the wall-clock time of the first line of a node's log that begins with one of these texts."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            for line in self.group.node(member).engine.log.read_text(errors="replace").splitlines():
                found = LINE.match(line)
                if found and found[2].startswith(texts):
                    at = datetime.strptime(found[1], "%d %b %Y %H:%M:%S.%f").astimezone().timestamp()
                    # The log has whole milliseconds.
                    if at >= since - 0.001:
                        return at
            time.sleep(0.01)
        raise click.ClickException(f"the log of {member} does not tell of {texts[0]!r}")

    def described(self) -> ReplicationGroup:
        """Return what ElastiCache would tell of it."""
        address = self.fleet.node_address
        groups = tuple(
            NodeGroup(
                name, "available", slots, None, None,
                tuple(Member(m, "0001", None, "available", Endpoint(address(KEY, m), PORT), None) for m in _pair(name)),
            )
            for name, slots in SLOTS.items()
        )  # fmt: skip
        return ReplicationGroup(
            replication_group_id=KEY, status="available", engine="valkey", engine_version=None, cache_node_type="",
            cluster_enabled=True, automatic_failover="enabled", multi_az="enabled", transit_encryption=False,
            auth_token_enabled=False, user_group_ids=(), node_groups=groups,
            configuration_endpoint=Endpoint(self.fleet.configuration_endpoint(KEY) or "", PORT),
        )  # fmt: skip


def _pair(node_group: str) -> tuple[str, str]:
    return f"{KEY}-{node_group}-001", f"{KEY}-{node_group}-002"


@dataclass
class Injected:
    """A fault that says for how long it kept writes away.

    Args:
        cluster: what it strikes.
        kind: how.
        stop_seconds: for how long a process is stopped.
    """

    cluster: Cluster
    kind: str
    stop_seconds: float
    truth_seconds: float = 0.0
    promotes: bool = False

    def show(self) -> str:
        """Return what it does."""
        return self.kind

    def struck(self, node_group: str) -> tuple[str, ...]:
        """Return the one node group that it strikes."""
        return (node_group,)

    def inject(self, node_group: str, history: History, clock: Clock) -> None:
        """Do it."""
        primary, replica = self.cluster.roles()
        history.log(Action.FAULT, Kind.INVOKE, node_group)
        act: dict[str, Callable[[str, str, Clock], float]] = {
            "stop": self._stop, "kill": self._kill, "planned": self._planned,
        }  # fmt: skip
        self.truth_seconds = act[self.kind](primary, replica, clock)
        history.log(Action.FAULT, Kind.OK, node_group)

    def _stop(self, primary: str, _replica: str, clock: Clock) -> float:
        pid = self.cluster.pid(primary)
        began = time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        try:
            clock.sleep(self.stop_seconds)
        finally:
            os.kill(pid, signal.SIGCONT)
        return time.monotonic() - began

    def _kill(self, primary: str, replica: str, clock: Clock) -> float:
        began = time.time()
        self.cluster.group.kill(primary)
        clock.sleep(PROMOTE_AFTER_SECONDS)
        self.cluster.group.promote(replica)
        truth = self.cluster.logged(replica, TAKEN_OVER, began) - began
        clock.sleep(0.3)
        self.cluster.group.recover(primary)
        return truth

    def _planned(self, primary: str, replica: str, clock: Clock) -> float:
        began = time.time()
        self.cluster.ask(replica, "CLUSTER", "FAILOVER")
        asked, let_go = (self.cluster.logged(primary, line, began) for line in (ASKED, LET_GO))
        clock.sleep(0.3)
        return let_go - asked


def trial(cluster: Cluster, kind: str, rate: float, stop_seconds: float) -> Trial:
    """Run one drill with one fault."""
    fault = Injected(cluster, kind, stop_seconds)
    settings = Settings(
        rate=rate, baseline_seconds=0.5, settle_seconds=0.5, duration_seconds=1.0, sync_timeout_seconds=10,
        stalls_seconds=(),
    )  # fmt: skip
    experiment = Experiment(
        drill="calibration", group=cluster.described(), node_group=STRUCK, access=Access(), settings=settings,
        limits=Limits(max_stall_seconds=60),
    )  # fmt: skip
    result = runner.run(experiment, fault, lambda _: None)
    began = next(entry.at for entry in result.history.about(Action.FAULT))
    writes = {name: result.history.operations(Action.WRITE, name) for name in SLOTS}
    found = [gap for gap in gaps(writes[STRUCK]) if gap.end > began]
    around = [o for log in writes.values() for o in log if began - 0.1 <= o.intended <= began + 1.0]
    healthy = [name for name in SLOTS if name != STRUCK]
    return Trial(
        kind=kind,
        truth_seconds=fault.truth_seconds,
        measured_seconds=max(gap.seconds for gap in found),
        healthy_gap_seconds=max(gap.seconds for name in healthy for gap in gaps(writes[name])),
        healthy_failed=sum(o.outcome is not Kind.OK for name in healthy for o in writes[name]),
        lag_seconds=max(o.invoked - o.intended for o in around),
        cpu_share=result.cpu_share or 0.0,
    )


@dataclass(frozen=True, slots=True)
class Control:
    """The same stop, seen by a client that waits for each answer and by the instrument.

    Args:
        stop_seconds: how long it was.
        closed_p99_seconds: the latency that 99 % of the waiting client's operations kept.
        open_p99_seconds: the same of the instrument's, counted from when each was due.
        closed_operations: how many operations the waiting client made.
    """

    stop_seconds: float
    closed_p99_seconds: float
    open_p99_seconds: float
    closed_operations: int


def control(cluster: Cluster, rate: float, stop_seconds: float) -> Control:
    """Let both look at one stop."""
    latencies: list[float] = []
    over = threading.Event()
    primary, _ = cluster.roles()

    def closed_loop() -> None:
        with cluster.group.node(primary).engine.admin() as admin:
            while not over.is_set():
                began = time.monotonic()
                admin.command("PING")
                latencies.append(time.monotonic() - began)
                time.sleep(max(0.0, 1 / rate - latencies[-1]))

    fault = Injected(cluster, "stop", stop_seconds)
    waiting = threading.Thread(target=closed_loop)
    waiting.start()
    try:
        settings = Settings(rate=rate, baseline_seconds=1, settle_seconds=1, duration_seconds=2, stalls_seconds=())
        result = runner.run(
            Experiment(
                drill="control", group=cluster.described(), node_group=STRUCK, access=Access(), settings=settings,
                limits=Limits(max_stall_seconds=60),
            ),
            fault,
            lambda _: None,
        )  # fmt: skip
    finally:
        over.set()
        waiting.join()
    writes: list[Operation] = list(result.history.operations(Action.WRITE, STRUCK))
    return Control(
        fault.truth_seconds,
        quantile(latencies, 0.99) or 0.0,
        quantile([o.latency for o in writes], 0.99) or 0.0,
        len(latencies),
    )


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


@click.command()
@click.option("--trials", default=20, show_default=True, help="Trials of each fault.")
@click.option(
    "--rate", default=1000.0, show_default=True, help="Writes per second in each node group, and as many reads."
)
@click.option("--stop", "stop_seconds", default=0.2, show_default=True, help="For how long a process is stopped.")
@click.option("--raw", type=click.Path(dir_okay=False, path_type=Path), help="Where every trial is written.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(trials: int, rate: float, stop_seconds: float, raw: Path | None, output: str) -> None:
    """Measure, and end with 1 where the control does not hold."""
    found: list[Trial] = []
    with tempfile.TemporaryDirectory() as directory:
        cluster = Cluster(Path(directory))
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
        click.echo(
            f"\ncontrol: a stop of {seen.stop_seconds * 1000:.0f} ms; p99 of a client that waits for each answer "
            f"{seen.closed_p99_seconds * 1000:.1f} ms, of the instrument {seen.open_p99_seconds * 1000:.1f} ms"
        )
        click.echo(f"load average {document['load']:.1f} on {document['processors']} processors")
    if seen.closed_p99_seconds >= seen.open_p99_seconds:
        raise click.ClickException("the control does not hold: a client that waits saw as much as the instrument")


if __name__ == "__main__":
    main()
