"""The keys of a drill: all under one prefix, all with a time to live, all of one node group in one hash slot."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from elasticache_kit.drills.resp import NUMBER
from elasticache_kit.model.slot import key_slot, parse_ranges

PREFIX = "elasticache-kit:drill:"


@dataclass(frozen=True, slots=True)
class KeySpace:
    """The keys that a drill uses in one node group.

    Args:
        run_id: tells two drills apart.
        tag: the hash tag that puts all keys in one slot.
    """

    run_id: str
    tag: str

    @property
    def register(self) -> str:
        """The key that every write overwrites and every read reads."""
        return f"{PREFIX}{self.run_id}:{{{self.tag}}}:register"

    @property
    def slot(self) -> int:
        """The hash slot of all the keys."""
        return key_slot(self.register)

    @property
    def numbered(self) -> str:
        """The key of a write, with `resp.NUMBER` where its number comes."""
        return f"{PREFIX}{self.run_id}:{{{self.tag}}}:write:{NUMBER}"

    def write(self, number: int) -> str:
        """Return the key of one numbered write."""
        return self.numbered.replace(NUMBER, str(number))


def key_space(run_id: str, node_group_id: str, slots: str | None) -> KeySpace:
    """Return keys that live in a node group.

    Args:
        run_id: tells two drills apart.
        node_group_id: for the name alone.
        slots: the node group's hash slots; any slot will do when it is None, with cluster mode disabled.
    """
    if slots is None:
        return KeySpace(run_id, node_group_id)
    ranges = parse_ranges(slots)
    tags = (f"{node_group_id}-{number}" for number in itertools.count())
    return KeySpace(run_id, next(tag for tag in tags if any(key_slot(tag) in held for held in ranges)))
