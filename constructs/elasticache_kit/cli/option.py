"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])

region = click.option("--region", metavar="REGION", help="AWS region; that of the environment when omitted.")
profile = click.option("--profile", metavar="NAME", help="AWS profile; that of the environment when omitted.")
node_group = click.option("--node-group", metavar="ID", help="Node group, e.g. 0001; the first one when omitted.")
output = click.option(
    "--output",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What goes to standard output.",
)


def aws(command: _F) -> _F:
    """Add the options that choose the AWS account and region."""
    return region(profile(command))
