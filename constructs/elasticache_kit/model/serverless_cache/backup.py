"""Rules of the snapshots of a serverless cache, and of those that it starts from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.serverless_cache.identity import engine_of
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.serverless_cache.spec import ServerlessCacheSpec

LONGEST_RETENTION = 35
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def retention(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-snapshot-retention."""
    days = known(spec.snapshot_retention_limit)
    if days is not None and not 0 <= days <= LONGEST_RETENTION:
        yield Finding(
            "snapshot_retention_limit",
            days,
            f"snapshots are kept 0 to {LONGEST_RETENTION} days",
            f"set it to 1 to {LONGEST_RETENTION}, or to 0 for no automatic snapshots",
        )


def daily_time(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-daily-time."""
    text = known(spec.daily_snapshot_time)
    if text is None:
        return
    if not is_time_of_day(text):
        yield Finding("daily_snapshot_time", text, "it is not a time of day", "write HH:MM in UTC, such as '05:00'")
    if not known(spec.snapshot_retention_limit):
        yield Finding(
            "daily_snapshot_time",
            text,
            "no snapshot is taken: automatic snapshots are off",
            "set snapshot_retention_limit to 1 or more, or leave the time out",
        )


def is_time_of_day(text: str) -> bool:
    """Tell whether a text is HH:MM."""
    return bool(_TIME.fullmatch(text))


def final_snapshot_name(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-final-snapshot-name."""
    name = known(spec.final_snapshot_name)
    for problem in identifier.snapshot_name(name) if name is not None else ():
        yield Finding("final_snapshot_name", name, f"the name {problem}", identifier.REMEDY)


def restored_engine(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-restore-arns."""
    if not known(spec.snapshot_arns_to_restore):
        return
    taken_from, name = known(spec.snapshot_engine), engine_of(spec)
    if taken_from is not None and (taken_from == Engine.MEMCACHED) != (name is Engine.MEMCACHED):
        yield Finding(
            "snapshot_arns_to_restore",
            spec.snapshot_arns_to_restore,
            f"a snapshot of {taken_from} cannot be restored to {name}",
            f"take a snapshot of {name}",
        )


CHECKS = {
    "sl-snapshot-retention": retention,
    "sl-daily-time": daily_time,
    "sl-final-snapshot-name": final_snapshot_name,
    "sl-restore-arns": restored_engine,
}
