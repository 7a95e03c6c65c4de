"""What it costs to start the local ElastiCache, beside what moto alone costs in the same run.

    .venv/bin/python benchmarks/start.py                 a table
    .venv/bin/python benchmarks/start.py --output json   for machines

Each row is a command in a fresh process, from its first instruction to its end. All take turns, so that whatever else
the machine does meets all alike; of each the round that was disturbed least counts. The ratio is processor time against
that of `import moto.server`. Bytecode is written first: without it Python compiles every module at every start.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import click

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("AWS_") and name not in {"PYTHONDONTWRITEBYTECODE", "MOTO_EC2_LOAD_DEFAULT_AMIS"}
}
MOTO = "import moto.server"
# Plain moto server in this process, until boto3 has an answer of its ElastiCache.
MOTO_ANSWER = """
import logging
logging.getLogger("werkzeug").setLevel(logging.WARNING)
import boto3
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
host, port = server.get_host_and_port()
boto3.client("elasticache", endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-west-1",
    aws_access_key_id="a", aws_secret_access_key="b").describe_replication_groups()
server.stop()
"""
OURS = """
import sys
from pathlib import Path
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
with Emulator(Path(sys.argv[1]), timing=INSTANT, engines=False) as emulator:
    LocalAccount(emulator).client("elasticache").describe_replication_groups()
"""
TESTS = {
    "pytest, no fixture": "def test_it(): pass",
    "pytest, fixture elasticache": "def test_it(elasticache): elasticache.client('elasticache').describe_users()",
    "pytest, a 3x1 cluster with a key": """
def test_it(elasticache_cluster):
    elasticache_cluster(num_node_groups=3, replicas_per_node_group=1).client().set("k", "v")
""",
    "pytest, ten 3x1 clusters": """
import pytest
@pytest.mark.parametrize("number", range(10))
def test_it(elasticache_cluster, number):
    elasticache_cluster(num_node_groups=3, replicas_per_node_group=1).client().set("k", "v")
""",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one start took.

    Args:
        wall_seconds: by the clock of the wall.
        cpu_seconds: of the processor, of all processes that were waited for.
    """

    wall_seconds: float
    cpu_seconds: float


def measured(command: list[str]) -> Cost:
    """Run a command to its end."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def program(text: str, directory: Path) -> Cost:
    """Run a program of Python."""
    return measured([sys.executable, "-c", text, tempfile.mkdtemp(dir=directory)])


def test(text: str, directory: Path) -> Cost:
    """Run pytest over one file."""
    folder = Path(tempfile.mkdtemp(dir=directory))
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    return measured(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={folder}", str(folder)]
    )


def command(directory: Path) -> Cost:
    """Run `elasticache-kit emulator up --no-engines`; the emulator goes on, so its processor time is not seen."""
    kit, where = [sys.executable, "-m", "elasticache_kit.cli", "emulator"], tempfile.mkdtemp(dir=directory)
    try:
        return Cost(measured([*kit, "up", "--no-engines", "--port=0", f"--directory={where}"]).wall_seconds, 0)
    finally:
        measured([*kit, "down", f"--directory={where}"])


def rows(*, engines: bool) -> dict[str, Callable[[Path], Cost]]:
    """Return what is measured, by its name."""
    tests = {name: partial(test, text) for name, text in TESTS.items() if engines or "cluster" not in name}
    return {
        "import moto.server": partial(program, MOTO),
        "moto server, first answer": partial(program, MOTO_ANSWER),
        "ours, first answer": partial(program, OURS),
        "emulator up --no-engines": command,
        **tests,
    }


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Starts of each kind; the fastest counts.")
@click.option("--engines/--no-engines", default=True, show_default=True, help="Whether clusters are started, too.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(*, rounds: int, engines: bool, output: str) -> None:
    """Measure, and print seconds and ratios."""
    ways = rows(engines=engines)
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds + 1):
            for row, measure in ways.items():
                cost = measure(Path(name))
                # The first round writes bytecode and warms the disk.
                if number:
                    found[row].append(cost)
    least = {
        row: Cost(min(item.wall_seconds for item in costs), min(item.cpu_seconds for item in costs))
        for row, costs in found.items()
    }
    moto, load = least["import moto.server"].cpu_seconds, os.getloadavg()[0]
    if output == "json":
        click.echo(json.dumps({"load": load, "starts": {row: asdict(cost) for row, cost in least.items()}}, indent=2))
        return
    click.echo(f"{'':34}  {'wall':>7}  {'processor':>9}  {'ratio':>5}")
    for row, cost in least.items():
        spent = f"{cost.cpu_seconds:>7.2f} s  {cost.cpu_seconds / moto:>5.1f}" if cost.cpu_seconds else f"{'-':>9}"
        click.echo(f"{row:34}  {cost.wall_seconds:>5.2f} s  {spent}")
    click.echo(f"\nload average {load:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
