"""Online migration: the engines of a replication group follow a Valkey or Redis that somebody runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import outside
from elasticache_kit.emulator.fleet.feed import Source
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup


def obstacles(host: str, port: int) -> tuple[str, ...]:
    """Say what keeps a group from taking the data of a source; without engines nothing is looked at."""
    return outside.obstacles(_source(host, port)) if runtime.current().fleet is not None else ()


def begin(region: Region, group: ReplicationGroup, host: str, port: int) -> None:
    """Let the engines of a group follow a source; what they have is gone.

    Raises:
        RefusedError: the source does not do.
        EngineStartError: they get no link to it.
    """
    running = runtime.current()
    if running.fleet is None:
        return
    with running.lifecycle.away():
        if reasons := obstacles(host, port):
            raise RefusedError(f"the migration into {group.replication_group_id}", list(reasons))
        running.fleet.follow(region.fleet_key(group.replication_group_id), _source(host, port))


def resume(region: Region, group: ReplicationGroup) -> None:
    """Let the engines of a group that has started again follow the source that they followed before, if any.

    Raises:
        EmulatorError: see `begin`.
    """
    if group.migration is not None:
        host, _, port = group.migration.rpartition(":")
        begin(region, group, host, int(port))


def complete(region: Region, group: ReplicationGroup, *, force: bool) -> None:
    """Let the engines of a group stand alone, with all that the source has.

    Args:
        region: where the group is.
        group: the group.
        force: whether they do so also without the last of it, or without a source that answers.

    Raises:
        EmulatorError: the source does not answer, or the group does not catch up.
    """
    running = runtime.current()
    if running.fleet is None or group.migration is None:
        return
    host, _, port = group.migration.rpartition(":")
    key = region.fleet_key(group.replication_group_id)
    with running.lifecycle.away():
        if not force:
            running.fleet.await_source(key, _source(host, int(port)))
        running.fleet.follow(key, None)


def _source(host: str, port: int) -> Source:
    return Source(host, port, unguarded=True)
