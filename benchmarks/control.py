"""The control: a client that waits for each answer before it asks again, and so sees less of a stop than there was."""

# ruff: noqa: INP001 - beside files to run, not a package

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.cluster import STRUCK
from benchmarks.injected import Injected
from elasticache_kit.drills import runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.outage import quantile

if TYPE_CHECKING:
    from benchmarks.cluster import Cluster
    from elasticache_kit.drills.operation import Operation


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
