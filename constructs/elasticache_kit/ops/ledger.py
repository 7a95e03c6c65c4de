"""The ledger: which node groups this machine failed over, when, and how far a run over several came.

It is a file of one JSON document in each line. AWS's events tell of every call of TestFailover, whoever made it; the
ledger adds what they do not tell yet, and what a run that was interrupted had still to do.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.quota import TEST_FAILOVERS_PER_DAY
from elasticache_kit.ops.event import Event, EventKind
from elasticache_kit.ops.plan import Call, Follow, Notice, Report

DAY = timedelta(hours=24)
# Events come within minutes; a call that no event tells of after this time is of another life of a local endpoint.
_EVENTS_LATE = timedelta(minutes=15)
# The dates of an event and of the ledger come from two clocks.
_SAME = timedelta(minutes=5)

Moment = Literal["called", "recovered"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    Args:
        at: when.
        scope: whose quota it counts against: endpoint, account and Region.
        run: the run that it belongs to.
        replication_group_id: the group.
        node_group_id: the node group.
        moment: `called` when AWS took the call, `recovered` when the node was replaced.
        of: all node groups that the run is about.
    """

    at: datetime
    scope: str
    run: str
    replication_group_id: str
    node_group_id: str
    moment: Moment
    of: tuple[str, ...]


def default_path() -> Path:
    """Return where the ledger is when nobody says otherwise: below XDG_STATE_HOME, or ~/.local/state."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "elasticache-kit-failovers.jsonl"


def read(path: Path) -> tuple[Entry, ...]:
    """Return the entries of the last 24 hours, oldest first; none where there is no file.

    A last line that was torn by a crash is passed over.

    Raises:
        ValidationError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except OSError as error:
        raise ValidationError(f"the ledger {str(path)!r} cannot be read: {error.strerror}") from error
    since = datetime.now(UTC) - DAY
    entries = (_entry(line) for line in lines)
    return tuple(sorted((e for e in entries if e is not None and e.at > since), key=lambda entry: entry.at))


def write(path: Path, entry: Entry) -> None:
    """Add an entry, so that it is there after a crash, too.

    Raises:
        ValidationError: the file cannot be written.
    """
    record = {
        "at": entry.at.isoformat(),
        "scope": entry.scope,
        "run": entry.run,
        "replication_group_id": entry.replication_group_id,
        "node_group_id": entry.node_group_id,
        "moment": entry.moment,
        "of": list(entry.of),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ValidationError(f"the ledger {str(path)!r} cannot be written: {error.strerror}") from error


def calls(entries: Iterable[Entry], events: Iterable[Event], now: datetime) -> tuple[datetime, ...]:
    """Return when TestFailover was called in the last 24 hours, oldest first.

    Args:
        entries: of the ledger, of one scope.
        events: of the account and Region.
        now: the end of the 24 hours.
    """
    told = [item for item in events if item.kind is EventKind.CALLED and item.date > now - DAY]
    left = list(told)
    dates = [item.date for item in told]
    for entry in entries:
        if entry.moment != "called":
            continue
        same = next((item for item in left if _same(item, entry)), None)
        if same is not None:
            left.remove(same)
        elif entry.at > now - _EVENTS_LATE:
            dates.append(entry.at)
    return tuple(sorted(dates))


def refusal(spent: tuple[datetime, ...], asked: int) -> str | None:
    """Return why so many calls more are too many; None where they are not.

    Args:
        spent: when the quota was used within 24 hours, oldest first.
        asked: the number of node groups.
    """
    excess = len(spent) + asked - TEST_FAILOVERS_PER_DAY
    if excess <= 0:
        return None
    if asked > TEST_FAILOVERS_PER_DAY:
        return f"AWS takes TestFailover of {TEST_FAILOVERS_PER_DAY} node groups in 24 hours, this asks for {asked}"
    free = spent[excess - 1] + DAY
    return (
        f"AWS takes TestFailover of {TEST_FAILOVERS_PER_DAY} node groups in 24 hours: {len(spent)} were called, this "
        f"asks for {asked} more; wait until {free:%Y-%m-%d %H:%M} UTC, or name fewer"
    )


def unfinished(entries: Iterable[Entry], replication_group_id: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the last run over a group and the node groups that it did not come to; None where it came to all."""
    own = [entry for entry in entries if entry.replication_group_id == replication_group_id]
    if not own:
        return None
    last = own[-1]
    called = {entry.node_group_id for entry in own if entry.run == last.run}
    left = tuple(item for item in last.of if item not in called)
    return (last.run, left) if left else None


def recording(
    write_entry: Callable[[Entry], None], report: Report, *, scope: str, run: str, of: tuple[str, ...]
) -> Report:
    """Return a report that writes each failover down before it is told.

    Args:
        write_entry: adds an entry to the ledger.
        report: told afterwards.
        scope: whose quota it counts against.
        run: the id of the run.
        of: all node groups that the run is about.
    """
    current: tuple[str, str] | None = None

    def tell(notice: Notice) -> None:
        nonlocal current
        if notice.moment == "done" and isinstance(notice.step, Call):
            given = {name: str(value) for name, value in notice.step.parameters}
            current = (given["ReplicationGroupId"], given["NodeGroupId"])
            write_entry(Entry(datetime.now(UTC), scope, run, *current, "called", of))
        elif notice.moment == "done" and isinstance(notice.step, Follow) and current:
            write_entry(Entry(datetime.now(UTC), scope, run, *current, "recovered", of))
        report(notice)

    return tell


def _same(item: Event, entry: Entry) -> bool:
    return (
        item.source_id == entry.replication_group_id
        and item.message.split()[-1] == entry.node_group_id
        and abs(item.date - entry.at) < _SAME
    )


def _entry(line: str) -> Entry | None:
    try:
        record: dict[str, Any] = json.loads(line)
        at, of = datetime.fromisoformat(record.pop("at")), tuple(record.pop("of"))
        return Entry(at=at, of=of, **record)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
