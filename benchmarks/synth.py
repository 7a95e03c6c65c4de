"""What the library costs at synth, held against the same templates written with the CDK's own L1 constructs.

    .venv/bin/python benchmarks/synth.py                 a table
    .venv/bin/python benchmarks/synth.py --output json   for machines

Both make the same templates, which is checked, in turn and in one process: an app, a network and a number of
replication groups, from nothing to the written template. A question that Python asks the CDK crosses into a process of
node and back; crossings are counted, and the time that passes in them is what a library cannot save but by asking less.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, cast

import click
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct
from jsii._kernel.providers import process as jsii_process

from elasticache_kit.cdk import NodeGroupConfiguration, ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.model.engine import Engine, default_version
from elasticache_kit.model.slot import even_ranges

GROUPS = (1, 10, 100)
NODE_GROUPS = 500
STACK = "Caches"

Make = Callable[[Stack, ec2.Vpc, int], None]


@dataclass(slots=True)
class Crossings:
    """The questions asked of the CDK so far, and the seconds that passed until they were answered."""

    number: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """One app from nothing to its template.

    Args:
        seconds: all of it.
        crossings: questions asked while the groups were made, the network and the synth left out.
        own_seconds: time that passed while the groups were made and no question was open.
        template: what came of it.
    """

    seconds: float
    crossings: int
    own_seconds: float
    template: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The library against L1 for one number of groups, the median of all rounds.

    Args:
        groups: the number of replication groups.
        l1_seconds: with the CDK's L1 constructs.
        library_seconds: with the library.
        ratio: the library's time over that of L1, the median of the ratio of each round.
        l1_crossings: questions for each group.
        library_crossings: questions for each group.
        own_milliseconds: time for each group in Python, the library's share of it included.
    """

    groups: int
    l1_seconds: float
    library_seconds: float
    ratio: float
    l1_crossings: float
    library_crossings: float
    own_milliseconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was measured."""

    rounds: int
    comparisons: tuple[Comparison, ...]
    node_groups: int
    node_groups_own_seconds: float
    node_groups_crossings: int


def library(stack: Stack, vpc: ec2.Vpc, groups: int) -> None:
    """Make replication groups with the library and all its defaults."""
    for number in range(groups):
        ReplicationGroup(stack, f"Cache{number}", vpc=vpc)


def l1(stack: Stack, vpc: ec2.Vpc, groups: int) -> None:
    """Make the same resources by hand, under the same logical ids."""
    version = default_version(Engine.VALKEY)
    vpc_id = vpc.vpc_id
    subnet_ids = vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids
    for number in range(groups):
        path = f"{STACK}/Cache{number}"
        scope = Construct(stack, f"Cache{number}")
        subnet_group = elasticache.CfnSubnetGroup(
            Construct(scope, "SubnetGroup"), "Resource", description=f"Subnets of {path}", subnet_ids=subnet_ids
        )
        security_group = ec2.CfnSecurityGroup(
            Construct(scope, "SecurityGroup"),
            "Resource",
            group_description=f"Nodes of {path}",
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    cidr_ip="255.255.255.255/32",
                    description="Disallow all traffic",
                    from_port=252,
                    ip_protocol="icmp",
                    to_port=86,
                )
            ],
            vpc_id=vpc_id,
        )
        group = elasticache.CfnReplicationGroup(
            scope,
            "Resource",
            replication_group_description=f"Replication group {path}",
            engine=version.engine.value,
            engine_version=version.version,
            cache_node_type="cache.t4g.small",
            cache_parameter_group_name=f"default.{version.family}",
            cache_subnet_group_name=subnet_group.ref,
            security_group_ids=[security_group.attr_group_id],
            num_cache_clusters=2,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            transit_encryption_enabled=True,
            at_rest_encryption_enabled=True,
            snapshot_retention_limit=15,
            auto_minor_version_upgrade=True,
        )
        group.apply_removal_policy(RemovalPolicy.SNAPSHOT, apply_to_update_replace_policy=True)


def many_node_groups(stack: Stack, vpc: ec2.Vpc, node_groups: int) -> None:
    """Make one sharded replication group that describes each of its node groups, one node in each."""
    ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        replicas_per_node_group=0,
        node_group_configuration=[NodeGroupConfiguration(slots=slots) for slots in even_ranges(node_groups)],
    )


@contextmanager
def counted() -> Generator[Crossings]:
    """Count what crosses into the process of node as long as the context lasts."""
    crossings = Crossings()
    process = cast("Any", jsii_process)._NodeProcess  # noqa: SLF001 - jsii offers no place to listen at
    send = process.send

    def counting(*args: Any) -> Any:
        started = time.perf_counter()
        try:
            return send(*args)
        finally:
            crossings.number += 1
            crossings.seconds += time.perf_counter() - started

    process.send = counting
    try:
        yield crossings
    finally:
        process.send = send


def run(make: Make, number: int) -> Run:
    """Make an app with a network and what is to be measured, and synthesize it."""
    with counted() as crossings:
        started = time.perf_counter()
        app = App()
        stack = Stack(app, STACK)
        vpc = ec2.Vpc(
            stack,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            subnet_configuration=[ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
            restrict_default_security_group=False,
        )
        asked, waited, making = crossings.number, crossings.seconds, time.perf_counter()
        make(stack, vpc, number)
        asked, waited = crossings.number - asked, crossings.seconds - waited
        own = time.perf_counter() - making - waited
        assembly = app.synth()
        seconds = time.perf_counter() - started
    return Run(seconds, asked, own, assembly.get_stack_by_name(STACK).template)


def compare(groups: int, rounds: int, by_hand: Make = l1) -> Comparison:
    """Make a number of groups by hand and with the library in turn.

    Who begins changes with each round: the process of node keeps what earlier runs made, and the second pays for it.

    Raises:
        SystemExit: the templates differ, and a comparison would say nothing.
    """
    pairs: list[tuple[Run, Run]] = []
    for number in range(rounds):
        if number % 2:
            with_library = run(library, groups)
            pairs.append((run(by_hand, groups), with_library))
        else:
            pairs.append((run(by_hand, groups), run(library, groups)))
    if any(hand.template != with_library.template for hand, with_library in pairs):
        raise SystemExit(f"the templates of {groups} groups differ: bring l1() up to the defaults of the library")
    return Comparison(
        groups=groups,
        l1_seconds=statistics.median(hand.seconds for hand, _ in pairs),
        library_seconds=statistics.median(with_library.seconds for _, with_library in pairs),
        ratio=statistics.median(with_library.seconds / hand.seconds for hand, with_library in pairs),
        l1_crossings=pairs[-1][0].crossings / groups,
        library_crossings=pairs[-1][1].crossings / groups,
        own_milliseconds=statistics.median(with_library.own_seconds for _, with_library in pairs) / groups * 1000,
    )


def measure(groups: tuple[int, ...], rounds: int, node_groups: int) -> Report:
    """Measure everything, once the CDK has loaded what it loads on first use."""
    run(l1, 1)
    run(library, 1)
    comparisons = tuple(compare(number, rounds) for number in groups)
    many = [run(many_node_groups, node_groups) for _ in range(rounds)]
    return Report(
        rounds=rounds,
        comparisons=comparisons,
        node_groups=node_groups,
        node_groups_own_seconds=statistics.median(one.own_seconds for one in many),
        node_groups_crossings=many[-1].crossings,
    )


def table(report: Report) -> str:
    """Write a report for people."""
    lines = ["groups      L1 s  library s  ratio  crossings a group, L1 / library  own ms a group"]
    lines += [
        f"{item.groups:6} {item.l1_seconds:9.3f} {item.library_seconds:10.3f} {item.ratio:6.2f}"
        f" {item.l1_crossings:20.1f} / {item.library_crossings:.1f} {item.own_milliseconds:17.2f}"
        for item in report.comparisons
    ]
    lines.append(
        f"{report.node_groups} node groups of 1 node in one group: {report.node_groups_own_seconds:.3f} s own time, "
        f"{report.node_groups_crossings} crossings"
    )
    return "\n".join([*lines, f"medians of {report.rounds} rounds"])


@click.command(help=(__doc__ or "").splitlines()[0])
@click.option("--groups", multiple=True, type=click.IntRange(min=1), default=GROUPS, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@click.option("--node-groups", type=click.IntRange(min=1, max=NODE_GROUPS), default=NODE_GROUPS, show_default=True)
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(groups: tuple[int, ...], rounds: int, node_groups: int, output: str) -> None:
    """Measure, and print what was found."""
    report = measure(groups, rounds, node_groups)
    click.echo(json.dumps(asdict(report), indent=2) if output == "json" else table(report))


if __name__ == "__main__":
    main()
