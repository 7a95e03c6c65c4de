"""The engines of groups that outlived their emulator start again: at the same addresses, with what was kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import provision
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup

logger = logging.getLogger(__name__)

# Groups start side by side: most of a start is waiting.
AT_ONCE = 4
# Whose engines a job starts, whose have failed to, and whose are going.
_WITHOUT_ENGINES = ("creating", "create-failed", "deleting")


def start_engines(fleet: Fleet) -> tuple[str, ...]:
    """Start the engines of every group that had some, and return a sentence for each that does not come back."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="restart") as pool:
        said = list(pool.map(partial(_start, fleet), list(_groups())))
    return tuple(note for note in said if note)


def _groups() -> Iterator[tuple[Region, ReplicationGroup]]:
    for _, _, backend in elasticache_backends.iter_backends():
        region: Region = _region(backend)
        for group in region.replication_groups.values():
            if group.status not in _WITHOUT_ENGINES:
                yield region, group


def _region(backend: Any) -> Region:
    return backend.region


def _start(fleet: Fleet, found: tuple[Region, ReplicationGroup]) -> str | None:
    region, group = found
    try:
        fleet.start_group(provision.plan(region, group, resumes=True))
    except EmulatorError as error:
        logger.exception("%s did not come back", group.replication_group_id)
        group.status, group.failure = "create-failed", str(error)
        for member in group.members:
            member.status = "restore-failed"
        return f"{group.replication_group_id} in {region.name} did not come back: {error}"
    return None
