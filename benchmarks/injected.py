"""Faults of which it is known for how long they kept writes away."""

# ruff: noqa: INP001 - beside files to run, not a package

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind

if TYPE_CHECKING:
    from benchmarks.cluster import Cluster
    from elasticache_kit.ops.wait import Clock

KINDS = ("stop", "kill", "planned")
_TAKEN_OVER = ("Taking over the", "Failover election won")
_ASKED = ("Manual failover requested by replica",)
_LET_GO = ("Configuration change detected. Reconfiguring myself as a replica",)
_PROMOTE_AFTER_SECONDS = 0.3


@dataclass
class Injected:
    """A fault that says for how long it kept writes away.

    Args:
        cluster: what it strikes.
        kind: how.
        stop_seconds: for how long a process is stopped.
        truth_seconds: for how long writes were kept away, known when it is over.
        busy_seconds: for how long the engine answered nobody after the line that says that it takes over.
    """

    cluster: Cluster
    kind: str
    stop_seconds: float
    truth_seconds: float = 0.0
    busy_seconds: float | None = None
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
        pid = self.cluster.pid(primary)
        began = time.time()
        os.kill(pid, signal.SIGKILL)
        self.cluster.group.kill(primary)
        clock.sleep(_PROMOTE_AFTER_SECONDS)
        self.cluster.ask(replica, "CLUSTER", "FAILOVER", "TAKEOVER")
        answered = time.time()
        self.cluster.group.promote(replica)
        taken_over = self.cluster.logged(replica, _TAKEN_OVER, began)
        self.busy_seconds = answered - taken_over
        clock.sleep(0.3)
        self.cluster.group.recover(primary)
        return taken_over - began

    def _planned(self, primary: str, replica: str, clock: Clock) -> float:
        began = time.time()
        self.cluster.ask(replica, "CLUSTER", "FAILOVER")
        asked, let_go = (self.cluster.logged(primary, line, began) for line in (_ASKED, _LET_GO))
        clock.sleep(0.3)
        return let_go - asked
