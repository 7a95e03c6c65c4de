"""Why a scheduled drill is refused at synth: what would fail at the first run, while nobody looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import violation
from elasticache_kit.cdk.imported_replication_group import ImportedReplicationGroup, ImportedShardedReplicationGroup
from elasticache_kit.cdk.reference import IShardedReplicationGroup
from elasticache_kit.cdk.scheduled_drill import schedule as drill_schedule
from elasticache_kit.cdk.scheduled_drill import sign_in as drill_sign_in
from elasticache_kit.cdk.scheduled_drill.build import known_clients
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model import objective
from elasticache_kit.model.drill import UNATTENDED, unattended
from elasticache_kit.model.topology import node_groups
from elasticache_kit.model.unknown import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_scheduler as scheduler

    from elasticache_kit.cdk.reference import ReplicationGroupReference
    from elasticache_kit.cdk.scheduled_drill.build import DrillBuild
    from elasticache_kit.cdk.user import IUser
    from elasticache_kit.model.rule import Violation


def refusals(
    build: DrillBuild,
    cache: ReplicationGroupReference,
    schedule: scheduler.ScheduleExpression,
    *,
    vpc: ec2.IVpc,
    vpc_subnets: ec2.SubnetSelection | None,
    user: IUser | None,
    fis_template_id: str | None,
    wheels: str | None,
) -> Iterator[Violation]:
    """Yield all that is wrong with a scheduled drill."""
    yield from _drill(build, cache, fis_template_id)
    yield from _numbers(build)
    yield from _redundancy(cache)
    yield from drill_sign_in.mistakes(cache, user)
    yield from _network(vpc, vpc_subnets, wheels)
    if build.trials >= 1:
        yield from drill_schedule.mistakes(schedule.expression_string, _failovers(build, cache))


def subnets_of(vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None) -> ec2.SelectedSubnets:
    """Return the subnets that a build runs in: those asked for, else the private ones with egress."""
    return vpc.select_subnets(subnets=vpc.private_subnets) if vpc_subnets is None else _selected(vpc, vpc_subnets)


def _selected(vpc: ec2.IVpc, chosen: ec2.SubnetSelection) -> ec2.SelectedSubnets:
    return vpc.select_subnets(
        availability_zones=chosen.availability_zones,
        one_per_az=chosen.one_per_az,
        subnet_filters=chosen.subnet_filters,
        subnet_group_name=chosen.subnet_group_name,
        subnets=chosen.subnets,
        subnet_type=chosen.subnet_type,
    )


def _drill(build: DrillBuild, cache: ReplicationGroupReference, fis_template_id: str | None) -> Iterator[Violation]:
    for reason in unattended(build.drill):
        yield violation("cdk-drill-name", "drill", build.drill, reason, f"take one of {', '.join(UNATTENDED)}")
    if build.drill == "reboot" and isinstance(cache, IShardedReplicationGroup):
        message = "ElastiCache reboots no nodes of a group in cluster mode"
        yield violation("cdk-drill-reboot", "drill", build.drill, message, "take failover, which replaces a node")
    if build.drill == "az-loss" and fis_template_id is None:
        message = "on AWS it is AWS FIS that takes the power from a zone, by an experiment template"
        yield violation("cdk-drill-fis", "fis_template_id", None, message, "give the id of the template")
    if build.drill != "az-loss" and fis_template_id is not None:
        message = f"the drill {build.drill} starts no experiment"
        yield violation("cdk-drill-fis", "fis_template_id", fis_template_id, message, "leave it out, or take az-loss")


def _numbers(build: DrillBuild) -> Iterator[Violation]:
    if is_token(build.trials):
        message = "the number must be known at synth, because the commands of the build hold it"
        yield violation("cdk-drill-trials", "trials", None, message, "write the number")
    elif build.trials < 1:
        message = "a drill that is never run shows nothing"
        yield violation("cdk-drill-trials", "trials", build.trials, message, "set it to 1 or more")
    for name, limit in build.objectives.items():
        found = objective.read(name, limit)
        if isinstance(found, str):
            remedy = "see docs/drills.md, section Objectives"
            yield violation("cdk-drill-objective", "objectives", {name: limit}, found, remedy)
    for name in build.clients:
        if name not in known_clients():
            message = f"{name!r} is no client that a build can install"
            yield violation("cdk-drill-client", "clients", name, message, f"take some of {', '.join(known_clients())}")


def _redundancy(cache: ReplicationGroupReference) -> Iterator[Violation]:
    """Yield what the guard rails of every drill would say; an import may not tell."""
    imported = isinstance(cache, ImportedReplicationGroup | ImportedShardedReplicationGroup)
    for name, value in (
        ("automatic_failover_enabled", cache.spec.automatic_failover_enabled),
        ("multi_az_enabled", cache.spec.multi_az_enabled),
    ):
        if value is False or (value is None and not imported):
            message = f"{cache.node.path} has {name}={value}, and a drill is refused where no replica takes over"
            yield violation("cdk-drill-redundancy", "cache", cache.node.path, message, f"set {name}=True there")
    if imported and not cache.connections.security_groups:
        message = f"nothing lets the drill in: {cache.node.path} is imported without security_groups"
        yield violation("cdk-drill-not-let-in", "cache", cache.node.path, message, "give security_groups there")


def _network(vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None, wheels: str | None) -> Iterator[Violation]:
    if wheels is not None and not any(Path(wheels).glob("elasticache_kit-*.whl")):
        message = "there is no wheel of elasticache-kit in this folder"
        remedy = "fill it: pip download --dest FOLDER 'elasticache-kit[ops]', on Linux for x86_64"
        yield violation("cdk-drill-wheels", "wheels", wheels, message, remedy)
    if vpc_subnets is None:
        if not vpc.private_subnets:
            message = f"the VPC {vpc.node.path} has no private subnet with egress"
            remedy = "name subnets that reach the APIs of AWS through endpoints, and give wheels"
            yield violation("cdk-drill-subnets", "vpc_subnets", None, message, remedy)
        return
    chosen = _selected(vpc, vpc_subnets)
    isolated = {subnet.node.path for subnet in vpc.isolated_subnets}
    if chosen.has_public:
        message = "a build has no public address, so that it reaches nothing from a public subnet"
        yield violation("cdk-drill-subnets", "vpc_subnets", vpc_subnets, message, "name private subnets")
    elif wheels is None and any(subnet.node.path in isolated for subnet in chosen.subnets):
        message = "the build installs packages, and from an isolated subnet it reaches no index"
        yield violation(
            "cdk-drill-subnets", "vpc_subnets", vpc_subnets, message, "name subnets with egress, or give wheels"
        )


def _failovers(build: DrillBuild, cache: ReplicationGroupReference) -> int:
    if build.drill == "failover":
        return build.trials
    if build.drill != "rolling-failover":
        return 0
    try:
        return build.trials * len(node_groups("", cache.spec, ()))
    except UndecidedError:
        return build.trials
