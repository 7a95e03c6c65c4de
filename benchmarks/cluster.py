"""A cluster of three node groups of two nodes on real engines, for benchmarks of drills."""

# ruff: noqa: INP001 - beside files to run, not a package

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.ops.inventory import Endpoint, Member, NodeGroup, ReplicationGroup

if TYPE_CHECKING:
    from pathlib import Path

PORT = 6379
KEY = "calibration"
SLOTS = {"0001": "0-5460", "0002": "5461-10922", "0003": "10923-16383"}
STRUCK = "0001"
_LINE = re.compile(r"\d+:\w (\d+ \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) . (.*)")
# The log cuts the time off at whole milliseconds: on average a line was written half of one later.
_CUT_SECONDS = 0.0005


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
                found = _LINE.match(line)
                if found and found[2].startswith(texts):
                    at = datetime.strptime(found[1], "%d %b %Y %H:%M:%S.%f").astimezone().timestamp()
                    if at >= since - 2 * _CUT_SECONDS:
                        return at + _CUT_SECONDS
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
