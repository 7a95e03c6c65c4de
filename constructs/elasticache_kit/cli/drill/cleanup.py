"""`elasticache-kit drill cleanup`: put back what drills left that were killed."""

from __future__ import annotations

import sys

import click

from elasticache_kit.cli import EXIT_FAILED, option, output
from elasticache_kit.cli.drill import access
from elasticache_kit.drills import putting_back, record
from elasticache_kit.ops import inventory, session


@click.command(epilog="Example: elasticache-kit drill cleanup")
@option.aws
def cleanup(region: str | None, profile: str | None) -> None:
    """Put back what drills left that were killed: all that they have on record.

    Faults are ended, replicas and shards are as many as before, snapshots and restored groups are deleted, a rotation
    is brought to its end, the Region that took the writes takes them again, and keys are removed.
    """
    api = session.connect(region=region, profile=profile)
    whole, seen = True, 0
    for kept in record.left():
        try:
            if kept.scope != record.scope_of(api) or not kept.changes:
                continue
            seen += 1
            output.talk(f"drill {kept.run_id} on {kept.group}:")
            group = inventory.replication_group(api, kept.group)
            found = access.of_record(api, group, kept)
            whole = putting_back.put_back(kept, api, found, output.talk) and whole
        finally:
            kept.close()
    output.data("everything is as it was" if seen and whole else "nothing was left" if whole else "not all is put back")
    sys.exit(0 if whole else EXIT_FAILED)
