"""What the rulebook costs: to load it, and to ask all of its rules about the largest groups that ElastiCache makes.

    .venv/bin/python benchmarks/rulebook.py                 a table
    .venv/bin/python benchmarks/rulebook.py --output json   for machines

Loading is measured in fresh interpreters, from the first import to the first answer, so the data are read too; it is
held against an interpreter that does nothing. A check is held against `dataclasses.asdict` of the same group, which
looks once at every value and judges none. All times are of the processor, so other work on the machine does not count.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import click

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec, check
from elasticache_kit.model.slot import even_ranges

SHAPES = ((500, 0), (250, 1))
LOAD = """
import time
started = time.process_time()
from elasticache_kit.model.replication_group import ReplicationGroupSpec, check
check(ReplicationGroupSpec(replication_group_description="Orders", cache_node_type="cache.r7g.large"))
print(time.process_time() - started)
"""
NOTHING = "import time; print(time.process_time())"


@dataclass(frozen=True, slots=True)
class Load:
    """What it takes until the first answer, medians of all rounds.

    Args:
        seconds: from the first import of the rulebook to its first answer.
        interpreter_seconds: an interpreter that does nothing.
        ratio: one over the other, the median of the ratio of each round.
    """

    seconds: float
    interpreter_seconds: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Check:
    """All rules about one group, medians of all rounds.

    Args:
        node_groups: how many shards it has.
        replicas: how many replicas each of them has.
        milliseconds: all rules once.
        asdict_milliseconds: `dataclasses.asdict` of the same group once.
        ratio: one over the other, the median of the ratio of each round.
        found: the rules that have something to say.
    """

    node_groups: int
    replicas: int
    milliseconds: float
    asdict_milliseconds: float
    ratio: float
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured."""

    rounds: int
    load: Load
    checks: tuple[Check, ...]


def group(node_groups: int, replicas: int) -> ReplicationGroupSpec:
    """Return a group that says everything of each of its shards: slots, replicas and the zone of every node."""
    return ReplicationGroupSpec(
        replication_group_id="orders",
        replication_group_description="Orders",
        engine="valkey",
        engine_version="9.0",
        cache_node_type="cache.r7g.large",
        cluster_mode="enabled",
        cache_parameter_group_name="default.valkey9.cluster.on",
        node_group_configuration=tuple(
            NodeGroupSpec(
                slots=slots,
                replica_count=replicas,
                primary_availability_zone="a",
                replica_availability_zones=("b",) * replicas,
            )
            for slots in even_ranges(node_groups)
        ),
        automatic_failover_enabled=True,
        multi_az_enabled=replicas > 0,
        cache_subnet_group_name="private",
        subnet_zones=("a", "b"),
        transit_encryption_enabled=True,
        at_rest_encryption_enabled=True,
        snapshot_retention_limit=15,
    )


def measure_load(rounds: int) -> Load:
    """Start interpreters that load the rulebook and others that do nothing, in turn."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(code: str) -> float:
        command = [sys.executable, "-c", code]
        return float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    # The first one writes the bytecode, as it does for everybody once.
    run(LOAD)
    pairs = [(run(LOAD), run(NOTHING)) for _ in range(rounds)]
    return Load(
        seconds=statistics.median(load for load, _ in pairs),
        interpreter_seconds=statistics.median(bare for _, bare in pairs),
        ratio=statistics.median(load / bare for load, bare in pairs),
    )


def measure_check(node_groups: int, replicas: int, rounds: int) -> Check:
    """Ask all rules about one group, and walk over it, in turn."""
    spec = group(node_groups, replicas)
    found = tuple(violation.rule_id for violation in check(spec))
    pairs = [(_milliseconds(lambda: check(spec)), _milliseconds(lambda: asdict(spec))) for _ in range(rounds)]
    return Check(
        node_groups=node_groups,
        replicas=replicas,
        milliseconds=statistics.median(checked for checked, _ in pairs),
        asdict_milliseconds=statistics.median(walked for _, walked in pairs),
        ratio=statistics.median(checked / walked for checked, walked in pairs),
        found=found,
    )


def measure(rounds: int, shapes: tuple[tuple[int, int], ...] = SHAPES) -> Report:
    """Measure everything."""
    checks = tuple(measure_check(node_groups, replicas, rounds) for node_groups, replicas in shapes)
    return Report(rounds=rounds, load=measure_load(rounds), checks=checks)


def table(report: Report) -> str:
    """Write a report for people."""
    lines = [
        "load      ms  empty interpreter ms  ratio",
        f"{report.load.seconds * 1000:12.1f} {report.load.interpreter_seconds * 1000:21.1f} {report.load.ratio:6.2f}",
        "",
        "shards x nodes   check ms  asdict ms  ratio  says",
    ]
    lines += [
        f"{item.node_groups:6} x {item.replicas + 1:5} {item.milliseconds:10.2f} {item.asdict_milliseconds:10.2f}"
        f" {item.ratio:6.2f}  {', '.join(item.found)}"
        for item in report.checks
    ]
    return "\n".join([*lines, "", f"medians of {report.rounds} rounds"])


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


@click.command(help=(__doc__ or "").splitlines()[0])
@click.option("--rounds", type=click.IntRange(min=1), default=21, show_default=True)
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(rounds: int, output: str) -> None:
    """Measure, and print what was found."""
    report = measure(rounds)
    click.echo(json.dumps(asdict(report), indent=2) if output == "json" else table(report))


if __name__ == "__main__":
    main()
