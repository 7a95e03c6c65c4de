"""`make tour`: deploy every stack locally, show each promise of the README once, and end what was started.

    python -m tour
    python -m tour --only failover --only backup
    python -m tour --output json

Exit codes: 0 each promise holds, 1 one does not, 2 wrong use, 4 it could not be deployed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import EXIT_ERROR, EXIT_INTERRUPTED
from elasticache_kit.cli.progress import Progress
from elasticache_kit.emulator import daemon
from elasticache_kit.emulator.local_deployment import LocalDeployment, local_deployment
from elasticache_kit.errors import ElastiCacheKitError
from tour.left import nothing_left
from tour.place import Place
from tour.promise import show
from tour.report import report
from tour.table import PROMISES

if TYPE_CHECKING:
    from tour.promise import Promise, Shown

ROOT = Path(__file__).parents[1]
APP = ("--app", "python3 -m tour.app")
REGIONS = ("eu-west-1", "us-east-1")


@click.command()
@click.option(
    "--only", type=click.Choice([item.name for item in PROMISES]), multiple=True, help="Show this one; may be repeated."
)
@click.option("--output", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def main(only: Sequence[str], form: str) -> None:
    """Deploy every stack to a local ElastiCache, and show each promise of the README once."""
    # Closed at once also where the telling is interrupted: the emulator ends with it.
    with closing(_shown([item for item in PROMISES if not only or item.name in only])) as shown:
        code = report(shown, form)
    sys.exit(code)


def _shown(promises: Sequence[Promise]) -> Generator[Shown]:
    with local_deployment(ROOT, telling=Progress, timing="instant") as deployment:
        place = _deployed(deployment)
        yield from show(promises, place)
        last = nothing_left(deployment.running, daemon.said(deployment.running)["engine_pids"])
    yield from show([last], place)


def _deployed(deployment: LocalDeployment) -> Place:
    with ThreadPoolExecutor(1) as beside:
        bootstrapped = beside.submit(deployment.bootstrap, *REGIONS)
        deployment.synthesize(*APP)
        bootstrapped.result()
    outputs = deployment.deploy("--all", "--concurrency", "4", "--method", "direct")
    # From here on this process, and each that it starts, knows this account and nothing else.
    local = deployment.environment()
    os.environ.clear()
    os.environ.update(local)
    return Place(outputs, deployment.directory)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(EXIT_INTERRUPTED)
    except ElastiCacheKitError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_ERROR)
