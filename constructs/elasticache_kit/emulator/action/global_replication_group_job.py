"""The slow half of what changes a global datastore."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.errors import ElastiCacheKitError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.global_replication_group import GlobalReplicationGroup

logger = logging.getLogger(__name__)


def change(
    region: Region,
    found: GlobalReplicationGroup,
    job: Callable[[], None],
    engines: Callable[[], None] | None = None,
) -> None:
    """Do what a change asks for when its time has passed; afterwards the global datastore is at rest.

    Args:
        region: where the request came to.
        found: the global datastore.
        job: what becomes of the records; nothing where the engines do not play along.
        engines: what becomes of the engines first; nothing when omitted.
    """
    name = f"change {found.global_replication_group_id}"

    def run() -> None:
        lifecycle = runtime.current().lifecycle
        lifecycle.pause(lifecycle.timing.modify)
        done = job
        try:
            with lifecycle.away():
                (engines or _nothing)()
        except ElastiCacheKitError:
            logger.exception("%s", name)
            done = partial(associated, found)
        with region.lock:
            done()
            found.status = "available" if len(found.members) > 1 else "primary-only"

    runtime.current().lifecycle.start(name, run)


def _nothing() -> None:
    """Do nothing: no engine is concerned."""


def associated(found: GlobalReplicationGroup) -> None:
    """Note that all members belong to it."""
    for member in found.members:
        member.status = "associated"
