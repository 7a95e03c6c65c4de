"""`elasticache-kit iam-policy`: say what a command must be allowed to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from elasticache_kit.cli import output
from elasticache_kit.model import permission

_NAMED = {
    "group": "Replication group; its nodes are meant, too.",
    "cluster": "Cache cluster, or one node of a group.",
    "snapshot": "Snapshot, also one that is to be made.",
    "user": "User id.",
    "parameter-group": "Parameter group.",
    "global-datastore": "Global datastore.",
    "secret": "Secret, its name or its ARN.",
    "bucket": "Bucket, and the objects in it.",
    "fis-template": "Experiment template of AWS FIS.",
    "alarm": "CloudWatch alarm.",
    "stack": "Stack of CloudFormation.",
}


def _named(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each kind of resource that can be named."""
    options = [
        click.option(
            f"--{kind}", kind.replace("-", "_"), metavar="NAME", multiple=True, help=f"{text} May be repeated."
        )
        for kind, text in _NAMED.items()
    ]
    return reduce(lambda decorated, add: add(decorated), reversed(options), command)


@click.command(
    "iam-policy",
    epilog="\b\nExample: elasticache-kit iam-policy failover --group orders --region eu-west-1 --account 123456789012",
)
@click.argument("commands", metavar="COMMAND...", nargs=-1, required=True)
@_named
@click.option("--region", metavar="REGION", default="*", show_default=True, help="Region of the resources.")
@click.option("--account", metavar="ID", default="*", show_default=True, help="Account of the resources.")
@click.option(
    "--partition",
    type=click.Choice(["aws", "aws-cn", "aws-us-gov"]),
    default="aws",
    show_default=True,
    help="Partition of AWS.",
)
def iam_policy(commands: tuple[str, ...], region: str, account: str, partition: str, **named: tuple[str, ...]) -> None:
    """Print the IAM policy that allows each COMMAND what it needs, and nothing else.

    A command of two words is quoted. Changes are allowed on what is named, and on all resources of a kind of which none
    is; calls that list are allowed to list all. Nothing is asked of AWS.
    """
    # `iam-policy snapshot create` is understood, too.
    joined = " ".join(commands)
    names = {kind.replace("_", "-"): given for kind, given in named.items() if given}
    scope = permission.Scope(region=region, account=account, partition=partition, names=names)
    chosen = (joined,) if joined in permission.names() else commands
    output.document(permission.policy(chosen, scope))
