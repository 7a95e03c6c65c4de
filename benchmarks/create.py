"""How long a cluster takes from its order to its first writes, held against `redis-cli --cluster create`.

    .venv/bin/python benchmarks/create.py                 a table
    .venv/bin/python benchmarks/create.py --output json   for machines
    .venv/bin/python benchmarks/create.py --shape 90x1 --rounds 1

Shapes of more nodes than six are made by the fleet alone.

Both start the same server program as often as there are nodes, and are done when a client has written to every shard
and every replica has what was written. `redis-cli` makes no cluster of one node: there a node that is given all slots
stands for it. Needs redis-cli (Debian: redis-tools).
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan, binary
from elasticache_kit.emulator.fleet.admin import Admin, ReplyError
from elasticache_kit.model.slot import even_ranges, key_slot, parse_ranges

SHAPES = ("1x1", "3x1", "3x2")
# Where `redis-cli` finds its servers: all at the address that engines take for their own.
THEIRS = [("127.0.0.1", 17400 + number) for number in range(6)]
LEAST_SHARDS = 3
PATIENCE_SECONDS = 60
POLL_SECONDS = 0.005
MIB = 1024 * 1024

Place = tuple[str, int]


def key_in(slots: str) -> str:
    """Find a key in the first range of slots."""
    wanted = parse_ranges(slots)[0]
    return next(str(number) for number in range(10**6) if key_slot(str(number).encode()) in wanted)


def insist(attempt: Callable[[], bool]) -> None:
    """Try again and again until it has worked."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if attempt():
                return
        except (OSError, ReplyError):
            pass
        if time.monotonic() > deadline:
            raise click.ClickException("a cluster did not become writable")
        time.sleep(POLL_SECONDS)


def write(connect: Callable[[], Admin], key: str, replicas: int) -> bool:
    """Write a key to a primary and see that its replicas have it."""
    with connect() as admin:
        return admin.command("SET", key, "x") == "OK" and admin.command("WAIT", replicas, 500) == replicas


def ours(fleet: Fleet, shards: int, nodes: int) -> float:
    """Let the fleet make a cluster and return the seconds until it is written to."""
    node_groups = tuple(
        NodeGroupPlan(
            node_group_id=f"{shard:04}",
            slots=slots,
            nodes=tuple(NodePlan(cache_cluster_id=f"c-{shard:04}-{node:03}") for node in range(1, nodes + 1)),
        )
        for shard, slots in enumerate(even_ranges(shards), start=1)
    )
    begun = time.perf_counter()
    fleet.start_group(GroupPlan(key="c", node_groups=node_groups, cluster_mode=True, tls=False))
    for group in node_groups:
        engine = fleet.group("c").node(group.nodes[0].cache_cluster_id).engine
        insist(lambda group=group, engine=engine: write(engine.admin, key_in(group.slots or ""), nodes - 1))
    return time.perf_counter() - begun


def theirs(program: Path, directory: Path, shards: int, nodes: int) -> float:
    """Let redis-cli make a cluster and return the seconds until it is written to."""
    places = THEIRS[: shards * nodes]
    begun = time.perf_counter()
    servers = [serve(program, directory / str(port), address, port) for address, port in places]
    try:
        for address, port in places:
            insist(lambda place=(address, port): ping(place))
        create(places, nodes)
        for slots in even_ranges(shards):
            insist(lambda slots=slots: write_somewhere(places, key_in(slots), nodes - 1))
        return time.perf_counter() - begun
    finally:
        for server in servers:
            server.kill()
            server.wait()


def serve(program: Path, directory: Path, address: str, port: int) -> subprocess.Popen[bytes]:
    """Start an empty server in cluster mode."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    words = ["--port", str(port), "--bind", address, "--cluster-enabled", "yes", "--save", "", "--dir", str(directory)]
    # What makes the fleet's replicas quick is granted to these, too.
    words += ["--repl-diskless-sync", "no", "--repl-diskless-load", "swapdb"]
    return subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=directory)


def create(places: Sequence[Place], nodes: int) -> None:
    """Make a cluster of empty servers."""
    if len(places) // nodes < LEAST_SHARDS:
        with Admin(*places[0]) as admin:
            admin.command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        return
    listed = [f"{address}:{port}" for address, port in places]
    words = ["redis-cli", "--cluster", "create", *listed, "--cluster-replicas", str(nodes - 1), "--cluster-yes"]
    run = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    if run.returncode:
        raise click.ClickException(f"redis-cli: {run.stdout[-300:]}{run.stderr}")


def ping(place: Place) -> bool:
    """Tell whether a server answers."""
    with Admin(*place) as admin:
        return admin.command("PING") == "PONG"


def write_somewhere(places: Sequence[Place], key: str, replicas: int) -> bool:
    """Write a key to whichever server takes it."""
    for place in places:
        try:
            if write(lambda place=place: Admin(*place), key, replicas):
                return True
        except ReplyError:
            continue
    return False


def memory(pids: Sequence[int]) -> float:
    """Give the memory of processes that nobody shares with them, in MiB, per process."""
    sizes = [Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii") for pid in pids]
    private = [int(line.split()[1]) for text in sizes for line in text.splitlines() if line.startswith("Private_")]
    return sum(private) * 1024 / MIB / len(pids)


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often each shape is made; the median counts.")
@click.option("--shape", "shapes", multiple=True, default=SHAPES, show_default=True, help="Shards x nodes of each.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(rounds: int, shapes: Sequence[str], output: str) -> None:
    """Make clusters of each shape in turn and print the times."""
    if shutil.which("redis-cli") is None:
        raise click.ClickException("redis-cli is not installed; Debian and Ubuntu have it in the package redis-tools")
    found: list[dict[str, float | str | None]] = []
    with tempfile.TemporaryDirectory() as directory:
        fleet, program = Fleet(Path(directory) / "fleet"), binary.find().path
        try:
            for shape in shapes:
                shards, nodes = map(int, shape.split("x"))
                mine, other, sizes = list[float](), list[float](), list[float]()
                for _ in range(rounds):
                    mine.append(ours(fleet, shards, nodes))
                    sizes.append(memory(fleet.pids()))
                    fleet.stop_group("c")
                    if shards * nodes <= len(THEIRS):
                        other.append(theirs(program, Path(directory) / "theirs", shards, nodes))
                row: dict[str, float | str | None] = {"shape": shape, "seconds": statistics.median(mine)}
                row["redis_cli_seconds"] = statistics.median(other) if other else None
                row["ratio"] = statistics.median(a / b for a, b in zip(mine, other, strict=True)) if other else None
                found.append({**row, "mib_per_node": statistics.median(sizes)})
        finally:
            fleet.stop()
    if output == "json":
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"{'shape':<8}{'seconds':>9}{'redis-cli':>11}{'ratio':>8}{'MiB per node':>14}")
    for row in found:
        compared = "".join(
            f"{'-' if row[name] is None else format(row[name], '.2f'):>{width}}"
            for name, width in (("seconds", 9), ("redis_cli_seconds", 11), ("ratio", 8))
        )
        click.echo(f"{row['shape']:<8}{compared}{row['mib_per_node']:>14.1f}")
    click.echo(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    sys.exit(main())
