"""`elasticache-kit drill client-matrix`: one drill for each client, and one table."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import option, output
from elasticache_kit.cli.drill import experiment
from elasticache_kit.cli.drill.request import applies, request, show
from elasticache_kit.cli.drill.run import EXIT
from elasticache_kit.cli.drill.trial import trial
from elasticache_kit.drills import client, matrix
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.report import report
from elasticache_kit.drills.verdict import compose
from elasticache_kit.ops import session

if TYPE_CHECKING:
    from elasticache_kit.cli.drill.experiment import Given
    from elasticache_kit.drills.result import Result


@click.command("client-matrix", epilog="Example: elasticache-kit drill client-matrix orders --drill failover --apply")
@click.argument("replication_group")
@click.option(
    "--drill",
    "name",
    type=click.Choice(sorted(DRILLS)),
    default="failover",
    show_default=True,
    help="The drill that each client has, see `drill list`.",
)
@experiment.common
@option.output
@option.aws
def client_matrix(
    replication_group: str,
    *,
    name: str,
    given: Given,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Run one drill on REPLICATION_GROUP for each client and its settings, and put them into one table.

    All that are installed when no --client is given; each has a drill to itself, so that none slows another down.
    """
    api = session.connect(region=region, profile=profile)
    names = given.clients or tuple(name for name, known in client.SUBJECTS.items() if known.installed)
    for name_left in sorted({*client.SUBJECTS} - {*names}) if not given.clients else ():
        output.talk(f"left out: {name_left} is not installed (pip install 'elasticache-kit[drills]')")
    asked = replace(request(api, name, replication_group, replace(given, clients=names)), runs=len(names))
    if not applies(api, apply=given.apply):
        show(asked, form)
        return
    results: list[Result] = []
    for number, one in enumerate(names, 1):
        output.talk(f"client {one}, {number} of {len(names)}")
        alone = replace(asked, experiment=replace(asked.experiment, clients=(one,)), runs=len(names) - number + 1)
        results.append(trial(alone, 1))
    rows = matrix.rows(results)
    if form == "json":
        output.document({"drill": name, "stamp": results[0].stamp, "clients": matrix.document(results)})
    else:
        output.data("\n".join([*([results[0].stamp] if results[0].stamp else []), "", *report.table(rows)]))
    sys.exit(EXIT[compose(finding for result in results for finding in result.findings)])
