"""`elasticache-kit publish`: store the report of a drill, and tell CloudWatch what became of it."""

from __future__ import annotations

from pathlib import Path

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.cli import option
from elasticache_kit.ops import publication as operation
from elasticache_kit.ops import session


@click.command(epilog="\b\nExample: elasticache-kit publish report --bucket drill-reports --exit-code 1 --apply")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--bucket", required=True, metavar="NAME", help="Bucket that the files of the report go to.")
@click.option("--prefix", default="", metavar="TEXT", help="What their keys begin with; nothing when omitted.")
@click.option("--drill", metavar="NAME", help="The drill; as the report has it when omitted.")
@click.option("--group", metavar="ID", help="The replication group; as the report has it when omitted.")
@click.option(
    "--exit-code",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="What `drill run` ended with, which speaks of all trials; the verdict in the report when omitted.",
)
@command.apply_option
@option.output
@option.aws
def publish(
    folder: Path,
    bucket: str,
    prefix: str,
    *,
    drill: str | None,
    group: str | None,
    exit_code: int | None,
    apply: bool,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Store the report in FOLDER, and tell CloudWatch whether the drill has passed, failed, or could not tell.

    A folder without a report is that of a drill that was refused or broke off: it could not tell.
    """
    planned = operation.plan(
        operation.read(folder),
        bucket=bucket,
        prefix=prefix,
        drill=drill,
        replication_group_id=group,
        exit_code=exit_code,
    )
    command.perform(planned, session.connect(region=region, profile=profile), apply=apply, form=form)
