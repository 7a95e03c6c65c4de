"""`elasticache-kit iam-policy`: say what a command must be allowed to do."""

from __future__ import annotations

import click

from elasticache_kit.cli import output
from elasticache_kit.drills import permission as drill_permission
from elasticache_kit.ops import permission


@click.command("iam-policy", epilog='Example: elasticache-kit iam-policy failover "snapshot create" > policy.json')
@click.argument("commands", metavar="COMMAND...", nargs=-1, required=True)
@click.option("--region", metavar="REGION", default="*", show_default=True, help="Region that changes are allowed in.")
@click.option("--account", metavar="ID", default="*", show_default=True, help="Account that changes are allowed in.")
@click.option(
    "--partition",
    type=click.Choice(["aws", "aws-cn", "aws-us-gov"]),
    default="aws",
    show_default=True,
    help="Partition of AWS.",
)
def iam_policy(commands: tuple[str, ...], region: str, account: str, partition: str) -> None:
    """Print the IAM policy that allows each COMMAND what it needs, and nothing else.

    A command of two words is quoted, a drill too: "drill failover". Nothing is asked of AWS.
    """
    known = {**permission.COMMANDS, **drill_permission.COMMANDS}
    # `iam-policy snapshot create` is understood, too.
    joined = " ".join(commands)
    output.document(
        permission.policy((joined,) if joined in known else commands, region, account, partition, known=known)
    )
