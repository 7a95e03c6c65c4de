"""The options of a drill that say how it is run and what it is held against."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import click
from click.core import ParameterSource

from elasticache_kit.cli import option
from elasticache_kit.drills import guard
from elasticache_kit.drills.client import SUBJECTS
from elasticache_kit.drills.experiment import Limits, Settings

_SETTINGS, _LIMITS = Settings(), Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the options say.

    Args:
        settings: how the drill is run.
        limits: what it is held against.
        apply: whether it is run or only shown; None leaves that to where it is.
        node_group: the node group; None leaves the choice.
        username: whom to sign in as; None is the default user.
        secret: the secret that holds the password; None takes that of the environment.
        iam_user: whom to sign in as with IAM tokens, in place of the two before; None signs in with a password.
        to: the Region that takes the writes of a global datastore; None is the first one.
        clients: the clients under test.
        alarms: CloudWatch alarms that end it.
        max_lag: how far a replica may be behind before it begins, in seconds.
    """

    settings: Settings
    limits: Limits
    apply: bool | None = None
    node_group: str | None = None
    username: str | None = None
    secret: str | None = None
    iam_user: str | None = None
    to: str | None = None
    clients: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    max_lag: float = guard.MAX_LAG_SECONDS


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
    click.option(
        "--fis-template",
        metavar="ID",
        help="Experiment template of AWS FIS that takes the power from a zone, for the drill az-loss on AWS.",
    ),
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


_COMMON = (
    option.node_group,
    click.option(
        "--apply/--dry-run",
        "apply",
        default=None,
        help="Run it, or only show what it would do; when omitted it runs on a local ElastiCache and shows on AWS.",
    ),
    *_OPTIONS,
    click.option(
        "--username",
        envvar="ELASTICACHE_KIT_USER",
        help="User to sign in as, with the password in ELASTICACHE_KIT_PASSWORD or in the secret.",
    ),
    click.option(
        "--secret",
        metavar="NAME",
        help="Secret of Secrets Manager that holds the password or AUTH token; ELASTICACHE_KIT_PASSWORD when omitted.",
    ),
    click.option(
        "--iam-user",
        envvar="ELASTICACHE_KIT_IAM_USER",
        metavar="NAME",
        help="User to sign in as with IAM tokens of these AWS credentials, in place of a password.",
    ),
    click.option(
        "--to",
        metavar="REGION",
        help="Region that takes the writes in global-failover; the first secondary's when omitted.",
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
    """Add what every command takes that runs a drill, and hand it to the command as `given`."""

    def wrapped(**words: Any) -> Any:
        settings = Settings(**{name: words.pop(name) for name in _names(Settings) & words.keys()})
        words |= _one_way_in(words)
        limits = Limits(**{name: words.pop(name) for name in _names(Limits) & words.keys()})
        others = {name: words.pop(name) for name in _names(Given) & words.keys()}
        return command(**words, given=Given(settings=settings, limits=limits, **others))

    functools.update_wrapper(wrapped, command)

    return functools.reduce(lambda decorated, add: add(decorated), reversed(_COMMON), wrapped)


def _one_way_in(words: Mapping[str, Any]) -> dict[str, None]:
    """Return which options do not count: what stands on the command line goes before what the environment has.

    Raises:
        click.UsageError: a user is to sign in with IAM and with a password.
    """
    context = click.get_current_context()

    def said(name: str) -> bool:
        return context.get_parameter_source(name) is ParameterSource.COMMANDLINE

    others = [name for name in ("username", "secret") if said(name)]
    if said("iam_user") and others:
        raise click.UsageError(f"--iam-user signs in without a password: leave --{' and --'.join(others)} out")
    if words["iam_user"] is None or others:
        return {"iam_user": None}
    return {"username": None}


def _names(record: type[Settings | Limits | Given]) -> set[str]:
    return {field.name for field in fields(record)}
