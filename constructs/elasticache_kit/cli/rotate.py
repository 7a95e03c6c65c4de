"""`elasticache-kit rotate`: replace an AUTH token or the password of a user, through Secrets Manager."""

from __future__ import annotations

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.ops import auth_token, inventory, secret, session, user_password

_secret = click.option("--secret", "name", metavar="NAME", required=True, help="Secret that holds it.")
_pause = click.option(
    "--pause",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long both work after the secret has the new one; clients read it again meanwhile.",
)


@click.group(epilog="Example: elasticache-kit rotate auth-token orders --secret orders-auth")
def rotate() -> None:
    """Replace an AUTH token or the password of a user, with never a moment in which none works.

    No password is ever an argument, shown or logged: Secrets Manager makes it and holds it. A rotation that was
    interrupted is taken up by the same command.
    """


@rotate.command(
    "auth-token", epilog="\b\nExample: elasticache-kit rotate auth-token orders --secret orders-auth --apply"
)
@click.argument("replication_group")
@_secret
@_pause
@command.changing
def rotate_auth_token(
    replication_group: str,
    name: str,
    pause: float,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Replace the AUTH token of REPLICATION_GROUP: ROTATE, then the secret, then SET."""
    api = session.connect(region=region, profile=profile)
    planned = auth_token.plan(
        inventory.replication_group(api, replication_group),
        secret.observe(api, name),
        pause_seconds=pause,
        timeout_seconds=timeout or auth_token.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)


@rotate.command("user", epilog="\b\nExample: elasticache-kit rotate user app --secret app-password --pause 300 --apply")
@click.argument("user_id", metavar="USER")
@_secret
@click.option("--drop-other", is_flag=True, help="Let a second password end that the secret does not hold.")
@_pause
@command.changing
def rotate_user(
    user_id: str,
    name: str,
    pause: float,
    *,
    drop_other: bool,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Replace the password of USER: both, then the secret, then the new one alone."""
    api = session.connect(region=region, profile=profile)
    planned = user_password.plan(
        user_password.observe(api, user_id),
        secret.observe(api, name),
        drop_other=drop_other,
        pause_seconds=pause,
        timeout_seconds=timeout or user_password.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)
