"""What a way to an engine costs: requests per second through each kind of endpoint, held against the engine itself.

    .venv/bin/python benchmarks/endpoint.py                 a table
    .venv/bin/python benchmarks/endpoint.py --output json   for machines

One client asks over all ways in turn, in short slices, so that whatever else the machine does meets all of them alike.
A primary endpoint and a single replica's reader endpoint are addresses of the engine itself. Several replicas are
spread by the front, which also ends TLS; the client's own TLS is in these figures, too. Where this machine has a
redis-server that was built with TLS, as Debian's is, it is asked as well. Beside the rates stands what a request costs
the processor in all processes on the way but the client's: that holds on a busy machine, too.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import statistics
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.certificate import CertificateAuthority

PORT = 6379
CONNECTIONS = 8
# What redis-benchmark is asked for, for each second that a slice shall last, more or less.
REQUESTS_PER_SECOND = 20000
ENGINE, TLS, NATIVE = "engine", "primary endpoint, TLS", "redis-server, its own TLS"
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


def connect(address: str, context: ssl.SSLContext | None, count: int = CONNECTIONS) -> list[socket.socket]:
    """Open the connections of one way."""
    opened: list[socket.socket] = []
    for _ in range(count):
        connection = socket.create_connection((address, PORT))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.append(context.wrap_socket(connection, server_hostname=address) if context else connection)
    return opened


def rate(connections: Sequence[socket.socket], depth: int, seconds: float) -> tuple[float, int]:
    """Ask for a while, so many requests at once on each connection; give the requests per second, and how many."""
    request, due = REQUEST * depth, len(ANSWER) * depth
    start_time, asked = time.perf_counter(), 0
    while not asked or time.perf_counter() - start_time < seconds:
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            got = 0
            while got < due:
                got += len(connection.recv(due - got))
        asked += depth * len(connections)
    return asked / (time.perf_counter() - start_time), asked


def processor_seconds(pids: Sequence[int]) -> float:
    """Give the seconds of the processor that processes have used."""
    ticks = 0
    for pid in pids:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def native_tls(authority: CertificateAuthority, directory: Path) -> Generator[tuple[str, int] | None]:
    """Run this machine's redis-server with its own TLS; give its address and process id, None where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    address = "127.15.1.1"  # the block 127.15 is nobody's
    settings = {
        "--bind": address, "--port": "0", "--tls-port": str(PORT), "--save": "", "--dir": str(directory),
        "--tls-cert-file": str(authority.issue(address)), "--tls-key-file": str(authority.key_file),
        "--tls-ca-cert-file": str(authority.ca_file), "--tls-auth-clients": "no",
    }  # fmt: skip
    words = [word for pair in settings.items() for word in pair]
    process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        context = ssl.create_default_context(cafile=authority.ca_file)
        yield (address, process.pid) if _answers(address, context, process) else None
    finally:
        process.kill()
        process.wait()


def _answers(address: str, context: ssl.SSLContext, process: subprocess.Popen[bytes]) -> bool:
    """Write the key where a server answers; one that was built without TLS ends at once."""
    for _ in range(200):
        try:
            (connection,) = connect(address, context, 1)
        except OSError:
            if process.poll() is not None:
                return False
            time.sleep(0.02)
            continue
        with connection:
            connection.sendall(b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$%d\r\n%b\r\n" % (len(VALUE), VALUE))
            return connection.recv(100) == b"+OK\r\n"
    return False


@dataclass(slots=True)
class Way:
    """A way to an engine.

    Args:
        address: where it begins.
        pids: whose processor it uses.
        ca_file: what clients trust; None without TLS.
    """

    address: str
    pids: tuple[int, ...]
    ca_file: Path | None = None
    asked: int = 0
    seconds: float = 0.0
    _connections: list[socket.socket] = field(default_factory=list[socket.socket])

    def rate(self, depth: int, seconds: float, client: str) -> float:
        """Ask for a while and give the requests per second."""
        if client == "python" and not self._connections:
            context = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
            self._connections = connect(self.address, context)
        before = processor_seconds(self.pids)
        found, asked = (
            rate(self._connections, depth, seconds)
            if client == "python"
            else rate_of_redis_benchmark(self.address, self.ca_file, depth, int(seconds * REQUESTS_PER_SECOND))
        )
        self.asked += asked
        self.seconds += processor_seconds(self.pids) - before
        return found

    def close(self) -> None:
        """End its connections."""
        for connection in self._connections:
            connection.close()


def rate_of_redis_benchmark(address: str, ca_file: Path | None, depth: int, requests: int) -> tuple[float, int]:
    """Let redis-benchmark ask, which takes less of the processor than a client in Python."""
    words = ["redis-benchmark", "-h", address, "-p", str(PORT), "-c", "50", "-P", str(depth), "-t", "get", "--csv"]
    words += ["-n", str(requests * depth), *(["--tls", "--cacert", str(ca_file)] if ca_file else [])]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return float(said.strip().splitlines()[-1].split(",")[1].strip('"')), requests * depth


@click.command()
@click.option("--depth", default=16, show_default=True, help="Requests at once on each connection.")
@click.option("--rounds", default=11, show_default=True, help="Slices of each way; the median counts.")
@click.option("--seconds", default=0.3, show_default=True, help="How long a slice is.")
@click.option("--client", type=click.Choice(["python", "redis-benchmark"]), default="python", show_default=True)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(depth: int, rounds: int, seconds: float, client: str, output: str) -> None:
    """Measure each way and print its share of the engine's own rate."""
    with tempfile.TemporaryDirectory() as directory:
        fleet = Fleet(Path(directory))
        authority = CertificateAuthority(Path(directory) / "tls")
        try:
            start(fleet, "plain", nodes=3, tls=False)
            start(fleet, "tls", nodes=2, tls=True)
            with native_tls(authority, Path(directory)) as native:
                ways = open_ways(fleet, native)
                slices = [{name: way.rate(depth, seconds, client) for name, way in ways.items()} for _ in range(rounds)]
                for way in ways.values():
                    way.close()
        finally:
            fleet.stop()
    rates = {name: statistics.median(slice_[name] for slice_ in slices) for name in ways}
    shares = {name: statistics.median(slice_[name] / slice_[ENGINE] for slice_ in slices) for name in ways}
    # The kernel counts in ticks; less than one of them is taken for one.
    tick = 1 / os.sysconf("SC_CLK_TCK")
    costs = {name: max(way.seconds, tick) / way.asked * 1e6 for name, way in ways.items()}
    of_native = (
        {
            "rate": statistics.median(slice_[TLS] / slice_[NATIVE] for slice_ in slices),
            "cost": costs[TLS] / costs[NATIVE],
        }
        if NATIVE in ways
        else None
    )
    if output == "json":
        told = {"depth": depth, "shares": shares, "requests_per_second": rates, "microseconds": costs}
        click.echo(json.dumps({**told, "tls_of_native_tls": of_native}, indent=2))
        return
    click.echo(f"{'way':<30}{'share of the engine':>20}{'requests per second':>22}{'processor per request':>24}")
    for name, share in shares.items():
        click.echo(f"{name:<30}{share:>20.2f}{rates[name]:>22,.0f}{costs[name]:>21.1f} us")
    if of_native:
        click.echo(f"\nTLS endpoint against redis-server's own TLS: {of_native['rate']:.2f} of its rate, ", nl=False)
        click.echo(f"{of_native['cost']:.2f} times its processor")
    load, cores = os.getloadavg()[0], os.cpu_count()
    click.echo(f"load average {load:.1f} on {cores} processors; depth {depth}; client {client}")


def open_ways(fleet: Fleet, native: tuple[str, int] | None) -> dict[str, Way]:
    """Give every way; what is asked of is the same key everywhere."""

    def pids(key: str, *numbers: int) -> tuple[int, ...]:
        nodes = [fleet.group(key).node(f"{key}-{number:03}") for number in numbers]
        return tuple(pid for node in nodes if (pid := node.engine.pid) is not None)

    front = (fleet.front_pid,) if fleet.front_pid is not None else ()
    ways = {
        ENGINE: Way(fleet.node_address("plain", "plain-001"), pids("plain", 1)),
        "primary endpoint": Way(fleet.primary_endpoint("plain") or "", pids("plain", 1)),
        "reader endpoint, 2 replicas": Way(fleet.reader_endpoint("plain") or "", pids("plain", 2, 3) + front),
        TLS: Way(fleet.primary_endpoint("tls") or "", pids("tls", 1) + front, fleet.ca_file),
    }
    if native:
        address, pid = native
        ways[NATIVE] = Way(address, (pid,), fleet.ca_file)
    return ways


if __name__ == "__main__":
    main()
