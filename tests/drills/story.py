"""Forged histories: what a drill would have logged, told line by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.ops.event import Event

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GROUP = "0001"

CALLED = "Test Failover API called for node group 0001"
PROMOTED = "Failover from primary node orders-001 to replica node orders-002 completed"
RECOVERED = "Finished recovery for cache nodes 0001"


class Story:
    """A history under a clock that is set by hand; times are seconds.

    Args:
        node_group: the node group that it is about.
    """

    def __init__(self, node_group: str = GROUP) -> None:
        self.now = 0.0
        self.node_group = node_group
        self.history = History(lambda: self.now)

    def operation(
        self,
        action: Action,
        at: float,
        outcome: Kind | None = Kind.OK,
        *,
        number: int | None = None,
        took: float = 0.001,
        late: float = 0.0,
        node: str = "old",
        error: str | None = None,
    ) -> None:
        """Tell of one operation; without an outcome it never completes."""
        self.now = at + late
        written = number if action is Action.WRITE else None
        operation = self.history.invoke(action, self.node_group, at, written)
        if outcome is not None:
            self.now = at + took
            found = number if action is Action.READ else None
            self.history.complete(action, self.node_group, operation, outcome, number=found, node=node, error=error)

    def writes(self, start: float, end: float, *, step: float = 0.01, first: int = 1, node: str = "old") -> int:
        """Tell of acknowledged writes from start until before end; returns the next number."""
        count = round((end - start) / step)
        for n in range(count):
            self.operation(Action.WRITE, start + n * step, number=first + n, node=node)
        return first + count

    def reads(self, start: float, end: float, *, step: float = 0.01, number: int = 10**9) -> None:
        """Tell of reads that all return one number."""
        for n in range(round((end - start) / step)):
            self.operation(Action.READ, start + n * step, number=number)

    def failing(self, action: Action, start: float, end: float, *, step: float = 0.01, first: int = 1) -> int:
        """Tell of operations that fail from start until before end; returns the next number."""
        count = round((end - start) / step)
        for n in range(count):
            self.operation(action, start + n * step, Kind.FAIL, number=first + n, error="refused")
        return first + count

    def held(self, numbers: set[int]) -> None:
        """Tell what the primary held at the end."""
        self.history.log(Action.READ_BACK, Kind.OK, self.node_group, numbers=tuple(sorted(numbers)))

    def fault(self, at: float, call: str | None = "TestFailover") -> None:
        """Tell that the fault was asked for and accepted."""
        self.now = at
        self.history.log(Action.FAULT, Kind.INVOKE, self.node_group, call=call)
        self.history.log(Action.FAULT, Kind.OK, self.node_group, call=call)

    def event(self, at: float, source: str, message: str) -> None:
        """Tell of an event, dated by AWS's clock, that was seen at once."""
        self.now = at
        kind = "replication-group" if source == "orders" else "cache-cluster"
        event = Event(NOON + timedelta(seconds=at), kind, source, message)
        self.history.log(Action.EVENT, Kind.INFO, self.node_group, event=event)

    def in_sync(self, at: float, replicas: int, node: str) -> None:
        """Tell how many replicas a primary said to be in sync."""
        self.now = at
        self.history.log(Action.REDUNDANCY, Kind.INFO, self.node_group, number=replicas, node=node)

    def connected(self, at: float, node: str) -> None:
        """Tell that the writer connected to a server."""
        self.now = at
        self.history.log(Action.CONNECT, Kind.OK, self.node_group, node=node)


def failover_story() -> Story:
    """Return a drill in which all went well: 3 s of load, 2 s without a primary, 3 s of load."""
    story = Story()
    story.in_sync(0.5, 2, "old")
    story.reads(0, 8)
    number = story.writes(0, 3)
    story.fault(3)
    number = story.failing(Action.WRITE, 3, 5, first=number)
    story.connected(4.99, "new")
    story.in_sync(5.1, 1, "new")
    number = story.writes(5, 8, first=number, node="new")
    story.in_sync(7.5, 2, "new")
    story.event(3.1, "orders", CALLED)
    story.event(4.6, "orders", PROMOTED)
    story.event(7.1, "orders-001", RECOVERED)
    story.held(set(range(1, 301)) | set(range(501, 801)))
    return story
