"""How the largest groups that ElastiCache allows start, answer and end, every node a process.

    .venv/bin/python benchmarks/large_group.py                  90x1, 250x2 and 500x1; about four minutes
    .venv/bin/python benchmarks/large_group.py --shape 90x1
    .venv/bin/python benchmarks/large_group.py --output json    for machines

Each group is made through the API, as a user makes it. It is ready when ElastiCache says so and a stock cluster client
has written to every shard. Then it is described, left in peace for a moment, and deleted. Wants a machine on which
nothing else runs, 8 GiB of memory for 500 nodes, and as many open files a process as four times the nodes.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import boto3
import click
from valkey.cluster import ValkeyCluster

from elasticache_kit.emulator import local_environment
from elasticache_kit.emulator.action import room
from elasticache_kit.emulator.lifecycle import FAST
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.model.slot import key_slot, parse_ranges

SHAPES = ("90x1", "250x2", "500x1")
PATIENCE_SECONDS = 600
REST_SECONDS = 5
DESCRIBED = 10
MIB = 1024 * 1024
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a group of one shape.

    Args:
        shape: node groups x nodes in each.
        available_seconds: from the order until ElastiCache says that it is available.
        writable_seconds: from the order until a client has written to every shard.
        describe_milliseconds: a call of DescribeReplicationGroups, the median of ten.
        rest_cores: how many processors its engines take while nobody asks for anything.
        mib_per_node: memory that a node shares with nobody.
        deleted_seconds: from the call until none of its processes is left.
    """

    shape: str
    available_seconds: float
    writable_seconds: float
    describe_milliseconds: float
    rest_cores: float
    mib_per_node: float
    deleted_seconds: float


def measure(emulator: Emulator, shape: str) -> Found:
    """Make a group, look at it, and delete it."""
    shards, nodes = map(int, shape.split("x"))
    api: Any = boto3.client(
        "elasticache",
        endpoint_url=emulator.endpoint_url,
        region_name=local_environment.DEFAULT_REGION,
        aws_access_key_id=local_environment.ACCESS_KEY_ID,
        aws_secret_access_key=local_environment.SECRET_ACCESS_KEY,
    )
    group, before = f"large-{shape}", engines()
    begun = time.monotonic()
    api.create_replication_group(
        ReplicationGroupId=group, ReplicationGroupDescription="large", Engine="valkey", CacheNodeType="cache.r7g.large",
        CacheParameterGroupName="default.valkey8.cluster.on", EngineVersion="8.1", NumNodeGroups=shards,
        ReplicasPerNodeGroup=nodes - 1, AutomaticFailoverEnabled=True, TransitEncryptionEnabled=False,
    )  # fmt: skip
    until(lambda: described(api, group)["Status"] != "creating")
    if (status := described(api, group)["Status"]) != "available":
        raise click.ClickException(f"{shape} is {status}; the log above says why")
    available = time.monotonic() - begun
    write_everywhere(described(api, group))
    writable = time.monotonic() - begun
    mine = sorted(engines() - before)
    if len(mine) != shards * nodes:
        raise click.ClickException(f"{shape} has {len(mine)} processes and {shards * nodes} nodes")
    calls = [timed(lambda: described(api, group)) for _ in range(DESCRIBED)]
    used = ticks(mine)
    time.sleep(REST_SECONDS)
    rest = (ticks(mine) - used) / TICKS / REST_SECONDS
    size = memory(mine)
    begun = time.monotonic()
    api.delete_replication_group(ReplicationGroupId=group)
    until(lambda: not engines() - before)
    ended = time.monotonic() - begun
    # Until it is gone its nodes count against the quota.
    api.get_waiter("replication_group_deleted").wait(ReplicationGroupId=group, WaiterConfig={"Delay": 1})
    return Found(shape, available, writable, statistics.median(calls) * 1000, rest, size / len(mine), ended)


def described(api: Any, group: str) -> dict[str, Any]:
    """Return the group as ElastiCache describes it."""
    return api.describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]


def write_everywhere(group: dict[str, Any]) -> None:
    """Write a key to every shard with a stock cluster client."""
    endpoint = group["ConfigurationEndpoint"]
    client: Any = ValkeyCluster(host=endpoint["Address"], port=endpoint["Port"], socket_timeout=30)
    try:
        for node_group in group["NodeGroups"]:
            wanted = parse_ranges(node_group["Slots"])
            key = next(str(n) for n in range(10**6) if any(key_slot(str(n).encode()) in held for held in wanted))
            if not client.set(key, node_group["NodeGroupId"]):
                raise click.ClickException(f"node group {node_group['NodeGroupId']} took no write")
    finally:
        client.close()


def until(done: Callable[[], bool]) -> None:
    """Wait for something that comes by itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise click.ClickException(f"not done within {PATIENCE_SECONDS} seconds")
        time.sleep(0.1)


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def engines() -> set[int]:
    """Return the process ids of the servers that descend from this process."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                name, _, rest = (place / "stat").read_text().partition("(")[2].rpartition(")")
            except OSError:  # it has ended meanwhile
                continue
            state, parent = rest.split()[:2]
            if state != "Z":
                parents[int(place.name)], names[int(place.name)] = int(parent), name
    return {pid for pid, name in names.items() if name.startswith("valkey-server") and is_mine(pid, parents)}


def is_mine(pid: int, parents: dict[int, int]) -> bool:
    """Tell whether a process descends from this one."""
    while pid in parents:
        if pid == os.getpid():
            return True
        pid = parents[pid]
    return False


def ticks(pids: Sequence[int]) -> int:
    """Return how much processor time processes have had, in ticks of the clock."""
    found = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found += int(fields[11]) + int(fields[12])
    return found


def memory(pids: Sequence[int]) -> float:
    """Return the memory that processes share with nobody, in MiB."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / MIB


@click.command()
@click.option("--shape", "shapes", multiple=True, default=SHAPES, show_default=True, help="Node groups x nodes.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(shapes: Sequence[str], output: str) -> None:
    """Make each group in turn and print what was found."""
    most = max(shards * nodes for shards, nodes in (map(int, shape.split("x")) for shape in shapes))
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < 4 * most:
        raise click.ClickException(f"a process may have {files} files open; {4 * most} are needed: ulimit -Hn")
    # AWS's default quota for a Region is 300.
    os.environ.setdefault(room.VARIABLE, str(most))
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as directory, Emulator(Path(directory), timing=FAST) as emulator:
        for shape in shapes:
            click.echo(shape, err=True)
            found.append(measure(emulator, shape))
            click.echo(f"  {found[-1]}", err=True)
    if output == "json":
        click.echo(json.dumps([asdict(item) for item in found], indent=2))
        return
    click.echo(f"{'shape':<8}{'available':>11}{'writable':>10}{'described':>11}{'at rest':>9}{'MiB':>6}{'ended':>8}")
    for item in found:
        click.echo(
            f"{item.shape:<8}{item.available_seconds:>9.1f} s{item.writable_seconds:>8.1f} s"
            f"{item.describe_milliseconds:>8.0f} ms{item.rest_cores:>9.2f}{item.mib_per_node:>6.1f}"
            f"{item.deleted_seconds:>6.1f} s"
        )
    click.echo(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    sys.exit(main())
