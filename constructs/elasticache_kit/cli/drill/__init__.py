"""`elasticache-kit drill`: prove what clients see while something breaks."""

from __future__ import annotations

import click

from elasticache_kit.cli import option, output
from elasticache_kit.cli.drill.cleanup import cleanup
from elasticache_kit.cli.drill.client_matrix import client_matrix
from elasticache_kit.cli.drill.memcached_node_loss import memcached_node_loss
from elasticache_kit.cli.drill.run import run
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.client import SUBJECTS


@click.group(epilog="Example: elasticache-kit drill run failover orders --client valkey-py")
def drill() -> None:
    """Prove what clients see while something breaks."""


@drill.command("list", epilog="Example: elasticache-kit drill list --output json")
@option.output
def list_drills(form: str) -> None:
    """List the drills, and the clients that may be put under test."""
    if form == "json":
        output.document(
            {
                "drills": {name: known.summary for name, known in DRILLS.items()},
                "clients": {
                    name: {"version": known.version, "settings": known.settings} for name, known in SUBJECTS.items()
                },
            }
        )
        return
    width = max(map(len, DRILLS)) + 1
    output.data("\n".join(f"{name:{width}} {known.summary}" for name, known in sorted(DRILLS.items())))


for command in (run, client_matrix, memcached_node_loss, cleanup):
    drill.add_command(command)
