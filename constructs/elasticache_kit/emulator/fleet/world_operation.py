"""What can be done to replication groups that take their data from each other, or from outside, by their keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.paper_group import PaperGroup
from elasticache_kit.emulator.fleet.world import await_source, move_primary
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.group import Group


class WorldOperations(ABC):
    """The operations of a fleet on several groups at once; whoever inherits them knows the groups."""

    @abstractmethod
    def group(self, key: str) -> Group:
        """Give what runs under a key.

        Raises:
            NotFoundError: nothing does.
        """

    def follow(self, key: str, source: str | Source | None) -> None:
        """Let a group take all its data from somewhere, and no writes; or stand alone again and keep what it has.

        Nothing happens to a group that there was no room for.

        Args:
            key: the group.
            source: the key of another group, or a place outside; None to stand alone.

        Raises:
            EngineStartError: it gets no link.
            RefusedError: it is in cluster mode and the place is outside, what it shall follow has no engines, or those
                of its own are too old for that in cluster mode.
        """
        group = self.group(key)
        if isinstance(group, PaperGroup):
            return
        if isinstance(source, str):
            group.follow(self._real(source).feed())
            return
        if source and group.plan.cluster_mode:
            raise RefusedError(f"replication from outside into {key}", ["it is in cluster mode"])
        group.follow({group.plan.node_groups[0].node_group_id: source} if source else {})

    def move_primary(self, old: str, new: str, others: Sequence[str] = ()) -> None:
        """Exchange the roles of groups of a global datastore, see `world.move_primary`.

        Nothing happens where there was no room for any of the two.

        Raises:
            EngineStartError: the successor does not catch up; then all is as it was.
            RefusedError: one of the two has engines and the other one has none.
        """
        if all(isinstance(self.group(key), PaperGroup) for key in (old, new)):
            return
        following = [group for key in others if not isinstance(group := self.group(key), PaperGroup)]
        move_primary(self._real(old), self._real(new), following)

    def await_source(self, key: str, source: Source) -> None:
        """Return when a group has all that an outside source has, see `world.await_source`.

        Raises:
            EngineStartError: it does not catch up, or the source does not answer.
        """
        if not isinstance(group := self.group(key), PaperGroup):
            await_source(group, source)

    def _real(self, key: str) -> Group:
        group = self.group(key)
        if isinstance(group, PaperGroup):
            raise RefusedError(f"replication between groups, {key}", ["there was no room for its engines"])
        return group
