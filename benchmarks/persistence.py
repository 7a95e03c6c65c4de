"""What keeping the state costs: requests and deployments with the state on disk, against the same without.

    .venv/bin/python benchmarks/persistence.py                 a table
    .venv/bin/python benchmarks/persistence.py --output json   for machines

Two emulators without engines run in processes of their own, one with `keep` and one without. One client asks both in
turn, so that whatever else the machine does meets both alike: parameters of Systems Manager, one request each, and the
deployment of a stack with a VPC, a cache, its users, secrets, alarms and a topic, its update and its removal. The more
there is the dearer a write is, so both are measured again with many stacks there.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import click

from elasticache_kit.emulator.account import LocalAccount

PROGRAM = """
import sys
from pathlib import Path
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
with Emulator(Path(sys.argv[1]), timing=INSTANT, engines=False, keep=sys.argv[2] == "keep") as emulator:
    print(emulator.endpoint_url, flush=True)
    sys.stdin.read()
"""
ZONES = ("a", "b")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an account needs to know of an emulator in another process."""

    endpoint_url: str
    account_id: str = "123456789012"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one thing takes.

    Args:
        what: what is done.
        stacks: how many other stacks there are.
        kept: milliseconds with the state on disk.
        plain: milliseconds without.
        bytes: how large the state is.
    """

    what: str
    stacks: int
    kept: float
    plain: float
    bytes: int


def template(description: str) -> dict[str, Any]:
    """Return a stack such as a service has: a network, a cache, and what is around it."""
    subnets = {
        f"Subnet{zone}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{number}.0/24",
                "AvailabilityZone": {"Fn::Sub": f"${{AWS::Region}}{zone}"},
            },
        }
        for number, zone in enumerate(ZONES)
    }  # fmt: skip
    alarms = {
        f"Alarm{number}": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 80, "Period": 60,
                "MetricName": f"Metric{number}", "Namespace": "AWS/ElastiCache", "Statistic": "Average",
                "AlarmActions": [{"Ref": "Topic"}],
            },
        }
        for number in range(5)
    }  # fmt: skip
    group = {
        "ReplicationGroupDescription": description, "Engine": "valkey", "EngineVersion": "8.1", "NumCacheClusters": 2,
        "CacheNodeType": "cache.t4g.small", "AutomaticFailoverEnabled": True, "TransitEncryptionEnabled": True,
        "CacheSubnetGroupName": {"Ref": "SubnetGroup"}, "SecurityGroupIds": [{"Ref": "SecurityGroup"}],
    }  # fmt: skip
    return {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            **subnets,
            **alarms,
            "SecurityGroup": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "d", "VpcId": {"Ref": "Vpc"}},
            },
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "s"}},
            "SubnetGroup": {
                "Type": "AWS::ElastiCache::SubnetGroup",
                "Properties": {"Description": "d", "SubnetIds": [{"Ref": name} for name in subnets]},
            },
            "Cache": {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": group},
        }
    }


@contextlib.contextmanager
def emulator(directory: Path, mode: str) -> Generator[LocalAccount]:
    """Run an emulator in a process of its own and give its account."""
    command = [sys.executable, "-c", PROGRAM, str(directory), mode]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            yield LocalAccount(cast("Any", Endpoint(process.stdout.readline().strip())))
        finally:
            process.communicate()


def timed(act: Callable[[LocalAccount], object], account: LocalAccount) -> float:
    """Return the milliseconds that something takes."""
    started = time.perf_counter()
    act(account)
    return 1000 * (time.perf_counter() - started)


def put(account: LocalAccount) -> None:
    """Change one small thing."""
    account.client("ssm").put_parameter(Name="/a", Value=str(time.time()), Type="String", Overwrite=True)


def cycle(account: LocalAccount) -> None:
    """Deploy a stack, change it, and remove it."""
    account.deploy(template("first"), name="measured")
    account.deploy(template("second"), name="measured")
    account.destroy("measured")


def measure(kept: LocalAccount, plain: LocalAccount, state: Path, stacks: int, rounds: int) -> list[Cost]:
    """Do everything to both in turn and give the medians."""
    found: list[Cost] = []
    for what, act, times in (("request", put, 5 * rounds), ("deploy, update, destroy", cycle, rounds)):
        for account in (kept, plain):
            act(account)
        both = [(timed(act, kept), timed(act, plain)) for _ in range(times)]
        mine, theirs = (statistics.median(item[place] for item in both) for place in (0, 1))
        found.append(Cost(what, stacks, mine, theirs, state.stat().st_size))
    return found


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Deployments to each; the median counts.")
@click.option("--stacks", default=(0, 10), multiple=True, show_default=True, help="Other stacks that there are.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(*, rounds: int, stacks: tuple[int, ...], output: str) -> None:
    """Measure, and print the ratio of with to without."""
    found: list[Cost] = []
    with (
        tempfile.TemporaryDirectory() as name,
        emulator(Path(name) / "kept", "keep") as kept,
        emulator(Path(name) / "plain", "forget") as plain,
    ):
        there = 0
        for number in sorted(stacks):
            for account in (kept, plain):
                for other in range(there, number):
                    account.deploy(template("other"), name=f"other-{other}")
            there = number
            found += measure(kept, plain, Path(name) / "kept" / "state" / "state", number, rounds)
    load = os.getloadavg()[0]
    if output == "json":
        click.echo(json.dumps({"load": load, "costs": [asdict(item) for item in found]}, indent=2))
        return
    click.echo(f"{'':24}  {'other stacks':>12}  {'kept':>9}  {'not kept':>9}  {'ratio':>5}  {'state':>8}")
    for item in found:
        click.echo(
            f"{item.what:24}  {item.stacks:>12}  {item.kept:>6.0f} ms  {item.plain:>6.0f} ms  "
            f"{item.kept / item.plain:>5.2f}  {item.bytes / 1024:>4.0f} KiB"
        )
    click.echo(f"\nload average {load:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
