"""The gate between those who change state and the one who writes it down."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from elasticache_kit.emulator import gate as gates
from elasticache_kit.emulator.gate import Gate

if TYPE_CHECKING:
    import pytest

PATIENCE = 60


def looking(gate: Gate) -> tuple[threading.Thread, list[int]]:
    """Look at the state in another thread; the list gets the number of changes that it saw."""
    seen: list[int] = []

    def look() -> None:
        with gate.still() as changes:
            seen.append(changes)

    thread = threading.Thread(target=look)
    thread.start()
    return thread, seen


def test_who_looks_waits_for_who_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seen has the whole change in it."""
    monkeypatch.setattr(gates, "PATIENCE_SECONDS", PATIENCE)
    gate = Gate()
    with gate.step(changes=True):
        thread, seen = looking(gate)
        thread.join(0.05)
        assert seen == []
    thread.join(PATIENCE)

    assert seen == [1]


def test_who_waits_for_something_else_is_not_waited_for() -> None:
    """What was changed up to there counts; nobody else is let in before the look is over."""
    gate = Gate()
    with gate.step(changes=True), gate.away():
        thread, seen = looking(gate)
        thread.join(PATIENCE)

    assert seen == [1]
    assert gate.changes == 2


def test_a_step_within_a_step_is_the_same_step() -> None:
    """A request that calls another one of this process in its own thread does not wait for itself."""
    gate = Gate()
    with gate.step(changes=True), gate.step(changes=True):
        assert gate.changing == 1

    assert (gate.changing, gate.changes) == (0, 1)


def test_who_never_leaves_does_not_stop_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while he counts as one who waits."""
    monkeypatch.setattr(gates, "PATIENCE_SECONDS", 0.01)
    gate = Gate()
    with gate.step(changes=True):
        thread, seen = looking(gate)
        thread.join(PATIENCE)

        assert seen == [0]


def test_who_only_reads_changes_nothing() -> None:
    """There is nothing to write down afterwards."""
    gate = Gate()
    with gate.step(changes=False):
        assert gate.changing == 0

    assert gate.changes == 0
