"""ElastiCache's events of a group, put into the history while a fault goes on and until the group is whole again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.ops import event, target, wait

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock


class EventWatch:
    """The events since it was made, each once.

    Args:
        session: where.
        group: whose events.
        node_group: the node group that they are logged with.
    """

    def __init__(self, session: Session, group: ReplicationGroup, node_group: str) -> None:
        self._session, self._group, self._node_group = session, group, node_group
        self._known = set(event.recent(session, group.ids))

    def hear(self, history: History) -> None:
        """Log what is new."""
        for fresh in event.recent(self._session, self._group.ids):
            if fresh not in self._known:
                self._known.add(fresh)
                history.log(Action.EVENT, Kind.INFO, self._node_group, event=fresh)

    def recovered(self, history: History, clock: Clock, timeout_seconds: float) -> None:
        """Wait until the group is at rest."""
        state = target.settled(self._group.replication_group_id, "whole again", lambda _: True)

        def attempt() -> bool | None:
            self.hear(history)
            return state.look(self._session).reached or None

        wait.until(attempt, what=state.text, timeout_seconds=timeout_seconds, clock=clock)
        self.hear(history)
