"""`elasticache-kit demo`: deploy this repository's app locally, kill a primary under load, show what the client saw."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from elasticache_kit.cli.progress import Progress
from elasticache_kit.emulator.local_deployment import LocalDeployment, local_deployment
from elasticache_kit.errors import ValidationError

STACK = "elasticache-kit-replication-group"
OUTPUT = "ReplicationGroupId"


@click.command(epilog="\b\nExample:\n  elasticache-kit demo")
@click.option(
    "--app",
    "root",
    type=click.Path(exists=True, path_type=Path, file_okay=False),
    default=".",
    help="The folder with cdk.json.  [default: this one]",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where the report goes.",
)
@click.option("--stack", default=STACK, show_default=True, help="The stack to deploy, with what it depends on.")
def demo(root: Path, report: Path, stack: str) -> None:
    """Deploy a replication group to a local ElastiCache, fail it over under load, write a report, tear down."""
    if not (root / "cdk.json").is_file():
        raise ValidationError(
            f"there is no cdk.json in {root.resolve()}: run this in a clone of elasticache-kit, or name the folder of "
            "your own CDK app with --app, and its stack with --stack"
        )
    with local_deployment(root.resolve(), telling=Progress) as place:
        place.synthesize()
        place.bootstrap()
        group = place.deploy(stack)[stack][OUTPUT]
        code = _drill(group, report.resolve(), place)
        place.destroy()
    sys.exit(code)


def _drill(group: str, report: Path, place: LocalDeployment) -> int:
    """Run the drill as a user would: in a process of its own, over the wire, knowing nothing of the emulator."""
    arguments = ["drill", "run", "failover", group, "--report", str(report)]
    process = subprocess.Popen(
        [sys.executable, "-m", "elasticache_kit.cli", *arguments],
        env={**place.environment(), "PYTHONUNBUFFERED": "1"},
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has told the drill as well: it cleans up and ends.
        process.wait()
        raise
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
