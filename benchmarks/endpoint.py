"""What a way to an engine costs: requests per second through each kind of endpoint, held against the engine itself.

    .venv/bin/python benchmarks/endpoint.py                 a table
    .venv/bin/python benchmarks/endpoint.py --output json   for machines

One client asks over all ways in turn, in short slices, so that whatever else the machine does meets all of them alike.
A primary endpoint and a single replica's reader endpoint are addresses of the engine itself. Several replicas are
spread by the front, which also ends TLS; the client's own TLS is in these figures, too.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import socket
import ssl
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan

PORT = 6379
CONNECTIONS = 8
VALUE = b"x" * 100
ANSWER = b"$%d\r\n%b\r\n" % (len(VALUE), VALUE)
REQUEST = b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"


def start(fleet: Fleet, key: str, *, nodes: int, tls: bool) -> None:
    """Start a group with one key in it."""
    members = tuple(NodePlan(cache_cluster_id=f"{key}-{number:03}") for number in range(1, nodes + 1))
    shard = NodeGroupPlan(node_group_id="0001", nodes=members)
    fleet.start_group(GroupPlan(key=key, node_groups=(shard,), cluster_mode=False, tls=tls))
    with fleet.group(key).node(members[0].cache_cluster_id).engine.admin() as admin:
        admin.command("SET", "key", VALUE)
        admin.command("WAIT", nodes - 1, 5000)


def connect(address: str, context: ssl.SSLContext | None) -> list[socket.socket]:
    """Open the connections of one way."""
    opened: list[socket.socket] = []
    for _ in range(CONNECTIONS):
        connection = socket.create_connection((address, PORT))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.append(context.wrap_socket(connection, server_hostname=address) if context else connection)
    return opened


def rate(connections: Sequence[socket.socket], depth: int, seconds: float) -> float:
    """Ask for a while, so many requests at once on each connection, and give the requests per second."""
    request, due = REQUEST * depth, len(ANSWER) * depth
    start_time, asked = time.perf_counter(), 0
    while time.perf_counter() - start_time < seconds:
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            got = 0
            while got < due:
                got += len(connection.recv(due - got))
        asked += depth * len(connections)
    return asked / (time.perf_counter() - start_time)


@click.command()
@click.option("--depth", default=16, show_default=True, help="Requests at once on each connection.")
@click.option("--rounds", default=11, show_default=True, help="Slices of each way; the median counts.")
@click.option("--seconds", default=0.3, show_default=True, help="How long a slice is.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(depth: int, rounds: int, seconds: float, output: str) -> None:
    """Measure each way and print its share of the engine's own rate."""
    with tempfile.TemporaryDirectory() as directory:
        fleet = Fleet(Path(directory))
        try:
            start(fleet, "plain", nodes=3, tls=False)
            start(fleet, "tls", nodes=2, tls=True)
            context = ssl.create_default_context(cafile=fleet.ca_file)
            ways = {
                "engine": connect(fleet.node_address("plain", "plain-001"), None),
                "primary endpoint": connect(fleet.primary_endpoint("plain") or "", None),
                "reader endpoint, 2 replicas": connect(fleet.reader_endpoint("plain") or "", None),
                "primary endpoint, TLS": connect(fleet.primary_endpoint("tls") or "", context),
            }
            slices = [{way: rate(open_, depth, seconds) for way, open_ in ways.items()} for _ in range(rounds)]
            for opened in ways.values():
                for connection in opened:
                    connection.close()
        finally:
            fleet.stop()
    shares = {way: statistics.median(slice_[way] / slice_["engine"] for slice_ in slices) for way in slices[0]}
    rates = {way: statistics.median(slice_[way] for slice_ in slices) for way in slices[0]}
    if output == "json":
        click.echo(json.dumps({"depth": depth, "shares": shares, "requests_per_second": rates}, indent=2))
        return
    click.echo(f"{'way':<30}{'share of the engine':>20}{'requests per second':>22}")
    for way, share in shares.items():
        click.echo(f"{way:<30}{share:>20.2f}{rates[way]:>22,.0f}")


if __name__ == "__main__":
    main()
