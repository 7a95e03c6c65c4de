"""The options of a drill that say how it is run and what it is held against."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from elasticache_kit.cli import option
from elasticache_kit.drills import guard
from elasticache_kit.drills.client import SUBJECTS
from elasticache_kit.drills.experiment import Limits, Settings

_SETTINGS, _LIMITS = Settings(), Limits()
_SECONDS = click.FloatRange(min=0)


def _seconds(
    name: str, field: str, default: float | None, text: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        name, field, type=_SECONDS, default=default, show_default=default is not None, metavar="SECONDS", help=text
    )


_OPTIONS = (
    click.option(
        "--rate",
        type=click.FloatRange(min=1),
        default=_SETTINGS.rate,
        show_default=True,
        metavar="NUMBER",
        help="Writes per second in each node group, and as many reads.",
    ),
    _seconds("--duration", "duration_seconds", _SETTINGS.duration_seconds, "Least time under load."),
    _seconds("--baseline", "baseline_seconds", _SETTINGS.baseline_seconds, "Load before the fault."),
    _seconds("--settle", "settle_seconds", _SETTINGS.settle_seconds, "Least load after recovery."),
    _seconds(
        "--timeout", "recovery_timeout_seconds", _SETTINGS.recovery_timeout_seconds, "How long to wait for recovery."
    ),
    _seconds("--hold", "hold_seconds", _SETTINGS.hold_seconds, "How long a fault goes on that has to be ended."),
    _seconds(
        "--stop-outage",
        "stop_outage_seconds",
        None,
        "End the drill and put everything back after so long without an acknowledged write; no limit when omitted.",
    ),
    _seconds(
        "--max-write-outage", "max_write_outage_seconds", _LIMITS.max_write_outage_seconds, "Longest that passes."
    ),
    _seconds("--max-read-outage", "max_read_outage_seconds", _LIMITS.max_read_outage_seconds, "Longest that passes."),
    _seconds(
        "--max-healthy-outage",
        "max_healthy_outage_seconds",
        _LIMITS.max_healthy_outage_seconds,
        "Longest that passes in a node group that nothing is done to.",
    ),
    _seconds(
        "--max-goodput",
        "max_goodput_seconds",
        None,
        "Longest until the load is what it was; only that it becomes so is judged when omitted.",
    ),
    _seconds("--max-stale", "max_stale_seconds", None, "Oldest stale read that passes; not judged when omitted."),
    click.option(
        "--allow-lost",
        "allow_lost",
        type=click.IntRange(min=0),
        default=_LIMITS.allow_lost,
        show_default=True,
        metavar="NUMBER",
        help="Acknowledged writes that may be lost.",
    ),
    _seconds(
        "--max-stall", "max_stall_seconds", _LIMITS.max_stall_seconds, "Latest the drill itself may be to be trusted."
    ),
)


def _names(record: type[Settings | Limits]) -> set[str]:
    return {field.name for field in fields(record)}


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand them to the command as `settings` and `limits`."""

    def wrapped(**given: Any) -> Any:
        settings = Settings(**{name: given.pop(name) for name in _names(Settings) & given.keys()})
        limits = Limits(**{name: given.pop(name) for name in _names(Limits) & given.keys()})
        return command(**given, settings=settings, limits=limits)

    functools.update_wrapper(wrapped, command)

    return functools.reduce(lambda decorated, each: each(decorated), reversed(_OPTIONS), wrapped)


_COMMON = (
    option.node_group,
    click.option(
        "--apply/--dry-run",
        "apply",
        default=None,
        help="Run it, or only show what it would do; when omitted it runs on a local ElastiCache and shows on AWS.",
    ),
    options,
    click.option(
        "--username",
        envvar="ELASTICACHE_KIT_USER",
        help="User to sign in as, with the password in ELASTICACHE_KIT_PASSWORD.",
    ),
    click.option(
        "--client",
        "clients",
        multiple=True,
        metavar="CLIENT",
        help=f"Client under test beside the reference, may be repeated: {', '.join(SUBJECTS)}, or the path of a "
        "factory, package.module:function.",
    ),
    click.option(
        "--stop-alarm",
        "alarms",
        multiple=True,
        metavar="NAME",
        help="CloudWatch alarm that ends the drill, may be repeated.",
    ),
    click.option(
        "--max-lag",
        type=_SECONDS,
        default=guard.MAX_LAG_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="How far a replica may be behind before anything is broken.",
    ),
)


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every command takes that runs a drill."""
    return functools.reduce(lambda decorated, add: add(decorated), reversed(_COMMON), command)
