"""What every operation does on the command line: show the plan, or run that same plan and tell how it goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from elasticache_kit.cli import option, output
from elasticache_kit.ops import execution, plan

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event
    from elasticache_kit.ops.plan import Notice, Plan, Report
    from elasticache_kit.ops.session import Session

apply_option = click.option(
    "--apply", is_flag=True, help="Do it; without this the plan is printed, nothing is changed."
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=None,
    metavar="SECONDS",
    help="How long to wait for each step; hours when omitted.",
)


def changing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a command that plans a change and may do it: --apply, --timeout, --output and the account."""
    return apply_option(timeout_option(option.output(option.aws(function))))


def perform(
    planned: Plan, api: Session, *, apply: bool, form: str, more: Callable[[], Mapping[str, object]] | None = None
) -> None:
    """Show a plan, or with `apply` run it and say that it is done.

    Args:
        planned: the plan.
        api: where to run it.
        apply: whether to run it.
        form: `text` or `json`.
        more: what was found on the way, asked for at the end; each is a line or a member of the document.
    """
    if not apply:
        show(planned, form)
        return
    events = run(planned, api)
    found: Mapping[str, object] = more() if more else {}
    if form == "json":
        output.document(applied(planned, events) | dict(found))
        return
    word = "done" if planned.steps else "nothing was left to do"
    output.data("\n".join([f"{planned.operation}: {word}", *(f"  {name}: {value}" for name, value in found.items())]))


def show(planned: Plan, form: str, lines: tuple[str, ...] = ()) -> None:
    """Print a plan that is not run, with further lines below it."""
    if form == "json":
        output.document(plan.document(planned) | {"applied": False})
        return
    output.data("\n".join([plan.show(planned), *lines]))
    if planned.steps:
        output.talk("nothing was changed: run it with --apply")


def run(planned: Plan, api: Session, wrap: Callable[[Report], Report] = lambda report: report) -> tuple[Event, ...]:
    """Run a plan, tell on standard error how it goes, and return the events that came.

    Args:
        planned: the plan.
        api: where to run it.
        wrap: puts another report before the one that tells.
    """
    teller = _Teller()
    try:
        with teller:
            return execution.run(planned, api, wrap(teller.tell))
    except KeyboardInterrupt:
        output.talk("what was asked for goes on in AWS; run the same command again, it goes on with what is left")
        raise


def applied(planned: Plan, events: tuple[Event, ...]) -> dict[str, object]:
    """Return a plan that was run, with what came, as a document for programs."""
    return plan.document(planned) | {
        "applied": True,
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


class _Teller:
    """Tells what happens in lines; on a terminal the step that runs is shown below them with its time."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._status = Console(stderr=True).status("") if sys.stderr.isatty() else nullcontext()

    def __enter__(self) -> None:
        self._status.__enter__()

    def __exit__(self, *error: object) -> None:
        self._status.__exit__(None, None, None)

    def tell(self, notice: Notice) -> None:
        at = f"[{notice.at - self._began:7.1f} s]"
        if notice.event is not None:
            output.talk(f"{at} {notice.event.source_id}: {notice.event.message}")
        elif notice.moment == "progress":
            output.talk(f"{at}   {notice.text}")
        elif notice.moment == "skipped":
            output.talk(f"{at} done before: {notice.step}")
        elif notice.moment == "begun":
            output.talk(f"{at} {notice.step}")
            update = getattr(self._status, "update", None)
            if update is not None:
                update(str(notice.step))
