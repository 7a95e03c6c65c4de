"""`elasticache-kit scale`, `reshard`, `upgrade`, `cluster-mode` and `tls`: change a replication group online."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, EngineVersion, latest
from elasticache_kit.ops import (
    cluster_mode,
    inventory,
    modification,
    parameter_group,
    session,
    shard,
    transit_encryption,
)
from elasticache_kit.ops import scale as scaling
from elasticache_kit.ops import upgrade as upgrading
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from elasticache_kit.ops.plan import Plan

_window = click.option(
    "--in-window", "later", is_flag=True, help="Leave it to the maintenance window; at once when omitted."
)


@click.command(epilog="Example: elasticache-kit scale orders --node-type cache.r7g.xlarge --apply")
@click.argument("replication_group")
@click.option("--node-type", metavar="TYPE", help="Node type of all nodes.")
@click.option("--replicas", type=click.IntRange(min=0), metavar="NUMBER", help="Replicas of each node group.")
@_window
@command.changing
def scale(
    replication_group: str,
    node_type: str | None,
    replicas: int | None,
    *,
    later: bool,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Change the node type of REPLICATION_GROUP, the replicas of each node group, or both, one after the other."""
    if node_type is None and replicas is None:
        raise ValidationError("nothing is to be changed: give --node-type or --replicas")
    if later and replicas is not None:
        raise ValidationError("AWS changes replicas at once only: leave out --in-window, or --replicas")
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    seconds = timeout or CHANGE_TIMEOUT_SECONDS
    plans: list[Plan] = []
    if node_type is not None:
        allowed = scaling.allowed(api, group)
        plans.append(scaling.node_type(group, node_type, allowed, at_once=not later, timeout_seconds=seconds))
    if replicas is not None:
        plans.append(scaling.replicas(group, replicas, timeout_seconds=seconds))
    name = f"scaling of {replication_group}"
    planned = plans[0] if len(plans) == 1 else modification.join(name, plans)
    command.perform(planned, api, apply=apply, form=form)


@click.command(epilog="Example: elasticache-kit reshard orders --node-groups 6 --apply")
@click.argument("replication_group")
@click.option("--node-groups", type=click.IntRange(min=1), metavar="NUMBER", help="Number of node groups.")
@click.option("--remove", metavar="ID", multiple=True, help="Node group that goes; the last ones when omitted.")
@click.option("--rebalance", is_flag=True, help="Keep their number and spread the slots evenly.")
@command.changing
def reshard(
    replication_group: str,
    node_groups: int | None,
    remove: tuple[str, ...],
    *,
    rebalance: bool,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Change the number of node groups of REPLICATION_GROUP, or spread its slots evenly, online."""
    if rebalance == (node_groups is not None):
        raise ValidationError("give either --node-groups or --rebalance")
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    planned = shard.plan(group, node_groups, remove=remove, timeout_seconds=timeout or CHANGE_TIMEOUT_SECONDS)
    command.perform(planned, api, apply=apply, form=form)


@click.command(epilog="\b\nExample: elasticache-kit upgrade orders --engine valkey --version 8.1 --apply")
@click.argument("replication_group")
@click.option("--engine", type=click.Choice(["valkey", "redis"]), help="Engine; as it is when omitted.")
@click.option("--version", metavar="VERSION", help="Engine version; the newest when omitted.")
@click.option(
    "--parameter-group",
    "name",
    metavar="NAME",
    help="Parameter group of the new family; AWS's own, or a copy of the group's own, when omitted.",
)
@_window
@command.changing
def upgrade(
    replication_group: str,
    engine: str | None,
    version: str | None,
    name: str | None,
    *,
    later: bool,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Upgrade the engine of REPLICATION_GROUP, also from Redis OSS to Valkey; its parameter group follows."""
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    wanted = engine or group.engine
    planned = upgrading.plan(
        group,
        EngineVersion.of(wanted, version or latest(Engine(wanted)).version),
        parameter_group.find(api, group.parameter_group) if group.parameter_group else None,
        name=name,
        at_once=not later,
        timeout_seconds=timeout or CHANGE_TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)


@click.command("cluster-mode", epilog="Example: elasticache-kit cluster-mode orders --to compatible --apply")
@click.argument("replication_group")
@click.option(
    "--to", type=click.Choice(cluster_mode.MODES), required=True, help="The mode to go to, one step at a time."
)
@click.option("--parameter-group", "name", metavar="NAME", help="Parameter group; AWS's own when omitted.")
@command.changing
def migrate(
    replication_group: str,
    to: str,
    name: str | None,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Take REPLICATION_GROUP from cluster mode disabled to compatible, or, when clients have followed, to enabled."""
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    seconds = timeout or CHANGE_TIMEOUT_SECONDS
    planned = cluster_mode.plan(group, to, parameter_group=name, timeout_seconds=seconds)
    command.perform(planned, api, apply=apply, form=form)


@click.command(epilog="Example: elasticache-kit tls orders --to preferred --apply")
@click.argument("replication_group")
@click.option("--to", type=click.Choice(transit_encryption.MODES), required=True, help="One step at a time.")
@command.changing
def tls(
    replication_group: str,
    to: str,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Turn TLS of REPLICATION_GROUP on in two steps: preferred, and required when clients have followed; and back."""
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    planned = transit_encryption.plan(group, to, timeout_seconds=timeout or CHANGE_TIMEOUT_SECONDS)
    command.perform(planned, api, apply=apply, form=form)
