"""One trial of the instrument: a drill with a fault of which the truth is known."""

# ruff: noqa: INP001 - beside files to run, not a package

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.cluster import SLOTS, STRUCK
from benchmarks.injected import Injected
from elasticache_kit.drills import runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import gaps

if TYPE_CHECKING:
    from benchmarks.cluster import Cluster

# A window in which the instrument was later than this tells of the machine, not of the instrument.
VOID_SECONDS = 0.005


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
        busy_seconds: for how long the engine answered nobody after the line that says that it takes over; after a kill.
    """

    kind: str
    truth_seconds: float
    measured_seconds: float
    healthy_gap_seconds: float
    healthy_failed: int
    lag_seconds: float
    cpu_share: float
    busy_seconds: float | None

    @property
    def error_seconds(self) -> float:
        """How much too long the reading was."""
        return self.measured_seconds - self.truth_seconds

    @property
    def void(self) -> bool:
        """Whether the instrument was too late for the trial to count."""
        return self.lag_seconds > VOID_SECONDS


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
        busy_seconds=fault.busy_seconds,
    )
