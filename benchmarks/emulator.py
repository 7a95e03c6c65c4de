"""What the local control plane costs: describe calls against plain moto server, and with 300 nodes in a Region.

    .venv/bin/python benchmarks/emulator.py                 a table
    .venv/bin/python benchmarks/emulator.py --output json   for machines

Both servers are processes of their own with the same resources: replication groups that stock moto can make, too. One
client asks both in turn, in short slices, so that whatever else the machine does meets both alike. With 300 nodes the
time of a call is held against that with a third of them: it must grow as the answer does. What a start costs, start.py
says.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import boto3
import click

ACCOUNT = "ELASTICACHEKITLOCAL0"
REGION = "eu-west-1"
OURS = """
import sys
from pathlib import Path
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
with Emulator(Path(sys.argv[2]), port=int(sys.argv[1]), timing=INSTANT, engines=False):
    sys.stdin.read()
"""
STOCK = """
import sys, threading
from moto.server import ThreadedMotoServer
import logging
logging.getLogger("werkzeug").setLevel(logging.WARNING)
server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
server.start()
sys.stdin.read()
server.stop()
"""


@dataclass(frozen=True, slots=True)
class Calls:
    """Describe calls against both servers with so many nodes in the Region.

    Args:
        nodes: how many.
        ours: calls per second here.
        stock: calls per second of plain moto server; None where it is not asked.
        milliseconds: how long one call takes here.
    """

    nodes: int
    ours: float
    stock: float | None
    milliseconds: float


@contextlib.contextmanager
def server(program: str, directory: str) -> Generator[int]:
    """Run a server in a process of its own and give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with subprocess.Popen([sys.executable, "-c", program, str(port), directory], stdin=subprocess.PIPE) as process:
        try:
            _await(port, process)
            yield port
        finally:
            process.communicate()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise click.ClickException("a server did not start")


def client(port: int) -> Any:
    """Return a client of a server."""
    return boto3.client(
        "elasticache", endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION, aws_access_key_id=ACCOUNT,
        aws_secret_access_key="not-a-secret",  # noqa: S106 - both take any
    )  # fmt: skip


def fill(port: int, groups: int, begin: int = 0) -> None:
    """Make replication groups of three nodes, which the Region has in any order."""
    made = client(port)
    for number in range(begin, begin + groups):
        made.create_replication_group(
            ReplicationGroupId=f"group-{number}", ReplicationGroupDescription="d", Engine="redis",
            EngineVersion="7.1", CacheNodeType="cache.t4g.small", NumCacheClusters=3, AutomaticFailoverEnabled=True,
        )  # fmt: skip


def caller(port: int, action: str, **members: str) -> Callable[[], bytes]:
    """Return a function that makes one call without an SDK, whose own work would hide the server's."""
    query = "&".join(
        f"{name}={value}" for name, value in {"Action": action, "Version": "2015-02-02", **members}.items()
    )
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/elasticache/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }

    def call() -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/", query, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != http.client.OK:
            raise click.ClickException(body.decode())
        return body

    return call


def rate(call: Callable[[], bytes], seconds: float) -> float:
    """Call for a while and give the calls per second."""
    started, made = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        call()
        made += 1
    return made / (time.perf_counter() - started)


def describe(sizes: Sequence[int], rounds: int, seconds: float) -> list[Calls]:
    """Measure describe calls with more and more nodes."""
    found: list[Calls] = []
    with tempfile.TemporaryDirectory() as directory, server(OURS, directory) as ours, server(STOCK, directory) as stock:
        there = 0
        for groups in sizes:
            for port in (ours, stock):
                fill(port, groups - there, there)
            there = groups
            ways = {port: caller(port, "DescribeReplicationGroups") for port in (ours, stock)}
            slices = [{port: rate(call, seconds) for port, call in ways.items()} for _ in range(rounds)]
            mine, theirs = (statistics.median(item[port] for item in slices) for port in (ours, stock))
            found.append(Calls(3 * groups, mine, theirs, 1000 / mine))
    return found


@click.command()
@click.option("--groups", default=(1, 33, 100), multiple=True, show_default=True, help="Groups of three nodes.")
@click.option("--rounds", default=7, show_default=True, help="Slices of each server; the median counts.")
@click.option("--seconds", default=0.5, show_default=True, help="How long a slice is.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(*, groups: tuple[int, ...], rounds: int, seconds: float, output: str) -> None:
    """Measure, and print ratios against plain moto server."""
    calls, load = describe(groups, rounds, seconds), os.getloadavg()[0]
    if output == "json":
        click.echo(json.dumps({"load": load, "describe": [asdict(item) for item in calls]}, indent=2))
        return
    click.echo(f"{'nodes':>5}  {'calls/s':>8}  {'moto calls/s':>12}  {'ratio':>5}  {'ms':>6}  {'ms per node':>11}")
    for item in calls:
        stock = item.stock or 0.0
        click.echo(
            f"{item.nodes:>5}  {item.ours:>8.1f}  {stock:>12.1f}  {item.ours / stock:>5.2f}  "
            f"{item.milliseconds:>6.1f}  {item.milliseconds / item.nodes:>11.3f}"
        )
    click.echo(f"\nload average {load:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
