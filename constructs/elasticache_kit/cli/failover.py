"""`elasticache-kit failover`: fail over a primary on purpose."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import option, output
from elasticache_kit.ops import execution, inventory, plan, session
from elasticache_kit.ops import failover as operation

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event
    from elasticache_kit.ops.inventory import NodeGroup
    from elasticache_kit.ops.plan import Notice, Plan


@click.command()
@click.argument("replication_group")
@option.node_group
@click.option("--apply", is_flag=True, help="Do it; without this the plan is printed and nothing is changed.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=operation.RECOVERY_TIMEOUT_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the failed node to be replaced.",
)
@option.output
@option.aws
def failover(
    replication_group: str,
    node_group: str | None,
    *,
    apply: bool,
    timeout: float,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Fail over the primary of a node group of REPLICATION_GROUP.

    Prints the plan and stops; --apply runs it and follows AWS's events until the failed node is replaced.
    """
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    planned = operation.plan(group, node_group, timeout_seconds=timeout)
    if not apply:
        _show(planned, operation.choose(group, node_group), form)
        return
    began = time.monotonic()
    events = execution.run(planned, api, lambda notice: _tell(notice, began))
    _result(planned, events, form)


def _show(planned: Plan, chosen: NodeGroup | None, form: str) -> None:
    if form == "json":
        output.document(_plan(planned) | {"applied": False})
        return
    output.data("\n".join([plan.show(planned), *(_members(chosen) if chosen else [])]))
    output.talk("nothing was changed: run it with --apply")


def _members(group: NodeGroup) -> list[str]:
    return [
        f"  {member.role or 'member'} {member.cache_cluster_id}, {member.availability_zone or 'zone not known'}, "
        f"{member.status or 'status not known'}"
        for member in group.members
    ]


def _tell(notice: Notice, began: float) -> None:
    at = f"[{notice.at - began:7.1f} s]"
    if notice.event is not None:
        output.talk(f"{at} {notice.event.source_id}: {notice.event.message}")
    elif notice.moment == "begun":
        output.talk(f"{at} {notice.step}")


def _result(planned: Plan, events: tuple[Event, ...], form: str) -> None:
    timing = operation.timing(events)
    if form == "json":
        output.document(
            _plan(planned)
            | {
                "applied": True,
                "promotion_seconds": timing.promotion_seconds,
                "recovery_seconds": timing.recovery_seconds,
                "events": [
                    {
                        "date": event.date.isoformat(),
                        "source_type": event.source_type,
                        "source_id": event.source_id,
                        "message": event.message,
                    }
                    for event in events
                ],
            }
        )
        return
    output.data(
        f"{planned.operation}: done; by AWS's events promoted after {_seconds(timing.promotion_seconds)}, "
        f"recovered after {_seconds(timing.recovery_seconds)}"
    )


def _plan(planned: Plan) -> dict[str, object]:
    return {
        "operation": planned.operation,
        "plan": [str(step) for step in planned.steps],
        "notes": list(planned.notes),
    }


def _seconds(value: float | None) -> str:
    return "an unknown time" if value is None else f"{value:.1f} s"
