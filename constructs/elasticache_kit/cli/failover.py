"""`elasticache-kit failover`: fail over primaries on purpose."""

from __future__ import annotations

import uuid
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.cli import option, output
from elasticache_kit.errors import NotOfferedError, ValidationError
from elasticache_kit.ops import event, inventory, ledger, session
from elasticache_kit.ops import failover as operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.ops.event import Event
    from elasticache_kit.ops.inventory import NodeGroup, ReplicationGroup
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session

_DAY_MINUTES = 24 * 60


@click.command(epilog="Example: elasticache-kit failover orders --all --apply")
@click.argument("replication_group")
@click.option(
    "--node-group",
    "node_groups",
    metavar="ID",
    multiple=True,
    help="Node group, e.g. 0001; may be given many times. The first one when omitted.",
)
@click.option("--all", "every", is_flag=True, help="Every node group, each when the one before is whole again.")
@click.option("--resume", is_flag=True, help="The node groups that the last run did not come to.")
@click.option(
    "--ledger",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="ELASTICACHE_KIT_LEDGER",
    metavar="FILE",
    help="Where failovers are written down.  [default: $XDG_STATE_HOME/elasticache-kit-failovers.jsonl]",
)
@command.apply_option
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=operation.RECOVERY_TIMEOUT_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each failed node to be replaced.",
)
@option.output
@option.aws
def failover(
    replication_group: str,
    node_groups: tuple[str, ...],
    *,
    every: bool,
    resume: bool,
    path: Path | None,
    apply: bool,
    timeout: float,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Fail over the primaries of node groups of REPLICATION_GROUP, one after the other.

    Prints the plan and stops; --apply runs it and follows AWS's events until each failed node is replaced. AWS takes 15
    node groups in 24 hours; what its events and the ledger tell of is counted first.
    """
    if sum((bool(node_groups), every, resume)) > 1:
        raise ValidationError("give one of --node-group, --all and --resume")
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    path = path or ledger.default_path()
    scope = f"{api.endpoint_url} {group.account}"
    entries = tuple(entry for entry in ledger.read(path) if entry.scope == scope)
    run = uuid.uuid4().hex
    chosen: Sequence[str | None] = node_groups or (None,)
    of: tuple[str, ...] | None = None
    if every:
        chosen = tuple(item.node_group_id for item in group.node_groups)
    elif resume:
        run, chosen = _left(entries, group)
        of = next(entry.of for entry in entries if entry.run == run)
    planned = operation.in_turn(group, chosen, spent=_spent(api, entries), timeout_seconds=timeout)
    about = [item for item in (operation.choose(group, asked) for asked in chosen) if item is not None]
    if not apply:
        command.show(planned, form, tuple(line for item in about for line in _members(item)))
        return
    names = of or tuple(item.node_group_id for item in about)
    writing = partial(ledger.recording, partial(ledger.write, path), scope=scope, run=run, of=names)
    _result(planned, about, command.run(planned, api, writing), form)


def _left(entries: tuple[ledger.Entry, ...], group: ReplicationGroup) -> tuple[str, tuple[str, ...]]:
    found = ledger.unfinished(entries, group.replication_group_id)
    if found is None:
        raise ValidationError(
            f"no run over {group.replication_group_id} of the last 24 hours was left unfinished: "
            "nothing is to be resumed"
        )
    return found


def _spent(api: Session, entries: tuple[ledger.Entry, ...]) -> tuple[datetime, ...]:
    events: tuple[Event, ...] = ()
    with suppress(NotOfferedError):
        events = event.recent(api, minutes=_DAY_MINUTES)
    return ledger.calls(entries, events, datetime.now(UTC))


def _members(group: NodeGroup) -> list[str]:
    return [
        f"  {member.role or 'member'} {member.cache_cluster_id}, {member.availability_zone or 'zone not known'}, "
        f"{member.status or 'status not known'}"
        for member in group.members
    ]


def _result(planned: Plan, about: list[NodeGroup], events: tuple[Event, ...], form: str) -> None:
    timings = {item.node_group_id: operation.timing(operation.of(item, events)) for item in about}
    first = next(iter(timings.values()))
    if form == "json":
        told = {
            name: {"promotion_seconds": item.promotion_seconds, "recovery_seconds": item.recovery_seconds}
            for name, item in timings.items()
        }
        output.document(
            command.applied(planned, events)
            | {
                "promotion_seconds": first.promotion_seconds,
                "recovery_seconds": first.recovery_seconds,
                "node_groups": told,
            }
        )
        return
    if len(timings) == 1:
        output.data(f"{planned.operation}: done; by AWS's events {_spoken(first)}")
        return
    lines = [f"  node group {name}: {_spoken(item)}" for name, item in timings.items()]
    output.data("\n".join([f"{planned.operation}: done; by AWS's events", *lines]))


def _spoken(timing: operation.Timing) -> str:
    promoted, recovered = _seconds(timing.promotion_seconds), _seconds(timing.recovery_seconds)
    return f"promoted after {promoted}, recovered after {recovered}"


def _seconds(value: float | None) -> str:
    return "an unknown time" if value is None else f"{value:.1f} s"
