"""The ledger of failovers: what counts against AWS's quota, and what a run has still to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from elasticache_kit.errors import ValidationError
from elasticache_kit.ops import ledger
from elasticache_kit.ops.event import Event, EventKind
from elasticache_kit.ops.ledger import Entry
from elasticache_kit.ops.plan import Call, Follow, Notice

NOW = datetime.now(UTC)
ENTRY = Entry(NOW, "here 1", "run", "orders", "0001", "called", ("0001", "0002"))


def called(minutes_ago: float, node_group: str = "0001") -> Event:
    """Return AWS's event of a call."""
    text = f"Test Failover API called for node group {node_group}"
    return Event(NOW - timedelta(minutes=minutes_ago), "replication-group", "orders", text)


def entry(minutes_ago: float, node_group: str = "0001") -> Entry:
    """Return the ledger's line of a call."""
    return replace(ENTRY, at=NOW - timedelta(minutes=minutes_ago), node_group_id=node_group)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Also by the next process, and in a folder that was not there; nobody else may read it."""
    path = tmp_path / "state" / "failovers.jsonl"

    ledger.write(path, ENTRY)
    ledger.write(path, replace(ENTRY, moment="recovered"))

    assert ledger.read(path) == (ENTRY, replace(ENTRY, moment="recovered"))
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_torn_or_old_is_passed_over(tmp_path: Path) -> None:
    """A crash in the middle of a line does not end every later run."""
    path = tmp_path / "failovers.jsonl"
    ledger.write(path, entry(60 * 25))
    ledger.write(path, ENTRY)
    path.write_text(path.read_text() + '{"at": "2026-')

    assert ledger.read(path) == (ENTRY,)


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    """The first run has none."""
    assert ledger.read(tmp_path / "none") == ()


def test_a_ledger_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """With the file and the reason."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ValidationError, match=r"the ledger '.*failovers' cannot be written"):
        ledger.write(tmp_path / "file" / "failovers", ENTRY)


@pytest.mark.parametrize(
    ("entries", "events", "count"),
    [
        ([], [called(10), called(20, "0002")], 2),
        ([entry(10)], [called(10.5)], 1),
        ([entry(10), entry(9)], [called(10.5)], 2),
        ([entry(1)], [], 1),
        ([entry(60)], [], 0),
        ([], [called(60 * 24 + 1)], 0),
        ([replace(ENTRY, moment="recovered")], [], 0),
    ],
)
def test_calls_of_24_hours_are_counted_once(entries: list[Entry], events: list[Event], count: int) -> None:
    """By AWS's events, and by the ledger where they do not tell yet."""
    assert len(ledger.calls(entries, events, NOW)) == count


@pytest.mark.parametrize(("spent", "asked", "refused"), [(14, 1, False), (14, 2, True), (15, 1, True), (0, 16, True)])
def test_the_quota_holds(spent: int, asked: int, refused: bool) -> None:
    """15 in 24 hours."""
    dates = tuple(NOW - timedelta(minutes=minutes) for minutes in range(spent, 0, -1))

    assert (ledger.refusal(dates, asked) is not None) is refused


def test_a_refusal_says_when_there_is_room_again() -> None:
    """24 hours after the call that must fall out of the count."""
    dates = tuple(NOW - timedelta(hours=hours) for hours in range(15, 0, -1))

    reason = ledger.refusal(dates, 2)

    assert reason is not None
    assert f"wait until {dates[1] + timedelta(hours=24):%Y-%m-%d %H:%M} UTC" in reason


def test_a_run_that_was_interrupted_has_the_rest_to_do() -> None:
    """Of the last run of the group; of a complete one nothing."""
    assert ledger.unfinished([entry(10)], "orders") == ("run", ("0002",))
    assert ledger.unfinished([entry(10), entry(5, "0002")], "orders") is None
    assert ledger.unfinished([entry(10)], "sessions") is None
    assert ledger.unfinished([], "orders") is None


def test_failovers_are_written_before_they_are_told() -> None:
    """What somebody saw is in the ledger."""
    order: list[str] = []
    call = Call("TestFailover", (("ReplicationGroupId", "orders"), ("NodeGroupId", "0002")))
    follow = Follow(("orders",), EventKind.RECOVERED, "Finished", 60)
    tell = ledger.recording(
        lambda item: order.append(f"{item.node_group_id} {item.moment}"),
        lambda notice: order.append(f"told {notice.moment}"),
        scope="here",
        run="run",
        of=("0001", "0002"),
    )

    for step, moment in ((call, "begun"), (call, "done"), (follow, "begun"), (follow, "done")):
        tell(Notice(0, step, moment))

    assert order == ["told begun", "0002 called", "told done", "told begun", "0002 recovered", "told done"]
