"""How far off the instrument of the drills is, held against faults of which the truth is known.

    .venv/bin/python benchmarks/instrument.py --trials 20                   a table, and the raw data beside it
    .venv/bin/python benchmarks/instrument.py --output json                 for machines

A cluster of three node groups, each a primary and a replica, under the load of a drill. In each trial one of these
happens to one node group, and the longest time without an acknowledged write is held against the truth:

    stop      SIGSTOP of the primary for a known time
    kill      kill -9 of the primary: the truth is the line of the engine's log in which a replica won its election
    planned   CLUSTER FAILOVER of the replica: the truth is that line, too

Windows in which the instrument itself was late are void, and are counted. The control is a client that waits for each
answer before it asks again: over the same stop it must under-report, else the measurement proves nothing.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import valkey

from elasticache_kit.drills import resp, runner
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import gaps, quantile
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.ops.inventory import Endpoint, Member, NodeGroup, ReplicationGroup

if TYPE_CHECKING:
    from elasticache_kit.ops.wait import Clock

PORT = 6379
KEY = "calibration"
GROUPS = ("0001", "0002", "0003")
KINDS = ("stop", "kill", "planned")
WON = re.compile(r"(\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) .*Failover election won")
TARGET_SECONDS = 0.005
VOID_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault and what the instrument made of it.

    Args:
        kind: which fault.
        truth_seconds: how long writes could not be acknowledged.
        measured_seconds: the longest time without an acknowledged write around it.
        healthy_gap_seconds: the longest such time in a node group that was left alone.
        healthy_failed: operations that failed there.
        lag_seconds: how late the instrument itself was around it.
        cpu_share: how much of one core it took.
        void: whether it was too late for the trial to count.
    """

    kind: str
    truth_seconds: float
    measured_seconds: float
    healthy_gap_seconds: float
    healthy_failed: int
    lag_seconds: float
    cpu_share: float
    void: bool

    @property
    def error_seconds(self) -> float:
        """How much too long the reading was."""
        return self.measured_seconds - self.truth_seconds


class Cluster:
    """Three node groups of two nodes on real engines."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        shards = tuple(
            NodeGroupPlan(node_group_id=name, nodes=tuple(NodePlan(f"{KEY}-{name}-{n:03}") for n in (1, 2)))
            for name in GROUPS
        )
        fleet.start_group(GroupPlan(key=KEY, node_groups=shards, cluster_mode=True, tls=False))

    def engine(self, member: str) -> tuple[int, Path]:
        """Return a node's process id and its log."""
        engine = self._fleet.group(KEY).node(member).engine
        return engine.pid, engine.log_path

    def members(self, node_group: str) -> tuple[str, str]:
        """Return the primary and the replica of a node group as they are now."""
        both = [f"{KEY}-{node_group}-{n:03}" for n in (1, 2)]
        roles = {member: self.ask(member, "ROLE") for member in both}
        primary = next(m for m in both if "master" in str(roles[m]))
        return primary, next(m for m in both if m != primary)

    def ask(self, member: str, *words: str) -> object:
        """Send a node one command as an operator of the fleet may."""
        with self._fleet.group(KEY).node(member).engine.admin() as admin:
            return admin.command(*words)


def main() -> None:
    """Placeholder."""
