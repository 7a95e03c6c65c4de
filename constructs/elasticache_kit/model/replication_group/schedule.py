"""Rules of automatic snapshots and of the two windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, known
from elasticache_kit.model.window import SHORTEST_MINUTES, MaintenanceWindow, SnapshotWindow, overlap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
    from elasticache_kit.model.unknown import Unknown

_LONGEST_RETENTION = 35
_LEAST_RESERVED_MEMORY = 25
_AWS_TOO_SHORT = f"Snapshot window must be at least {SHORTEST_MINUTES} minutes."


class Scheduled(Protocol):
    """A cache with automatic snapshots and the two windows."""

    @property
    def snapshot_retention_limit(self) -> int | Unknown | None:
        """The days that automatic snapshots are kept."""
        ...

    @property
    def snapshot_window(self) -> str | Unknown | None:
        """When the daily snapshot is taken."""
        ...

    @property
    def preferred_maintenance_window(self) -> str | Unknown | None:
        """When ElastiCache maintains the cache."""
        ...


def retention(spec: Scheduled) -> Iterator[Finding]:
    """bk-retention."""
    days = known(spec.snapshot_retention_limit)
    if days is not None and not 0 <= days <= _LONGEST_RETENTION:
        yield Finding(
            "snapshot_retention_limit",
            days,
            f"snapshots are kept 0 to {_LONGEST_RETENTION} days",
            f"set it to 1 to {_LONGEST_RETENTION}, or to 0 for no automatic snapshots",
        )


def snapshot_window(spec: Scheduled) -> Iterator[Finding]:
    """bk-window-format."""
    text = known(spec.snapshot_window)
    if text is None:
        return
    try:
        window = SnapshotWindow.parse(text)
    except ValueError:
        yield Finding(
            "snapshot_window", text, "it is not a daily window", "write HH:MM-HH:MM in UTC, such as '05:00-06:00'"
        )
        return
    if window.minutes < SHORTEST_MINUTES:
        yield Finding("snapshot_window", text, _too_short(window.minutes), "make it longer", _AWS_TOO_SHORT)


def maintenance_window(spec: Scheduled) -> Iterator[Finding]:
    """bk-maintenance-format."""
    text = known(spec.preferred_maintenance_window)
    if text is None:
        return
    try:
        window = MaintenanceWindow.parse(text)
    except ValueError:
        yield Finding(
            "preferred_maintenance_window",
            text,
            "it is not a weekly window",
            "write ddd:HH:MM-ddd:HH:MM in UTC, such as 'sun:23:00-mon:01:30'",
        )
        return
    if window.minutes < SHORTEST_MINUTES:
        yield Finding("preferred_maintenance_window", text, _too_short(window.minutes), "make it longer")


def windows_overlap(spec: Scheduled) -> Iterator[Finding]:
    """bk-windows-overlap."""
    snapshot, maintenance = known(spec.snapshot_window), known(spec.preferred_maintenance_window)
    if snapshot is None or maintenance is None:
        return
    try:
        share = overlap(SnapshotWindow.parse(snapshot), MaintenanceWindow.parse(maintenance))
    except ValueError:
        raise UndecidedError from None
    if share:
        yield Finding(
            "snapshot_window",
            snapshot,
            f"it overlaps the maintenance window {maintenance}",
            "move one of the two windows",
        )


def window_without_retention(spec: Scheduled) -> Iterator[Finding]:
    """bk-window-without-retention."""
    text = known(spec.snapshot_window)
    if text is not None and not known(spec.snapshot_retention_limit):
        yield Finding(
            "snapshot_window",
            text,
            "no snapshot is taken: automatic snapshots are off",
            "set snapshot_retention_limit to 1 or more, or leave the window out",
        )


def reserved_memory(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """bk-reserved-memory."""
    if not known(spec.snapshot_retention_limit):
        return
    share = known((known(spec.parameter_group_parameters) or {}).get("reserved-memory-percent"))
    if share is not None and share.isdigit() and int(share) < _LEAST_RESERVED_MEMORY:
        yield Finding(
            "cache_parameter_group_name",
            spec.cache_parameter_group_name,
            f"its reserved-memory-percent is {share}, and snapshots need {_LEAST_RESERVED_MEMORY} or more to be fast",
            f"set reserved-memory-percent to {_LEAST_RESERVED_MEMORY} or more",
        )


def _too_short(minutes: int) -> str:
    return f"it is {minutes} minutes long, at least {SHORTEST_MINUTES} are needed"


CHECKS = {
    "bk-retention": retention,
    "bk-window-format": snapshot_window,
    "bk-maintenance-format": maintenance_window,
    "bk-windows-overlap": windows_overlap,
    "bk-window-without-retention": window_without_retention,
    "bk-reserved-memory": reserved_memory,
}
