"""The shards of a new group, as engines can run them.

The rulebook only warns of these: no page of AWS says that it refuses them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.emulator.action import not_yet
from elasticache_kit.model.slot import SLOTS, parse_ranges

if TYPE_CHECKING:
    from elasticache_kit.emulator.fault import Fault
    from elasticache_kit.model.topology import NodeGroup


def judge(planned: Sequence[NodeGroup]) -> None:
    """Refuse shards that share an id, or that do not hold every slot once.

    Raises:
        Fault: InvalidParameterCombination.
    """
    ids = Counter(item.node_group_id for item in planned)
    if twice := [name for name, number in ids.items() if number > 1]:
        raise _refusal(f"two shards with the id {', '.join(twice)} are")
    ranges = sorted((part for item in planned if item.slots for part in parse_ranges(item.slots)), key=_start)
    following = [*(part.start for part in ranges), SLOTS]
    if ranges and following != [0, *(part.stop for part in ranges)]:
        raise _refusal("shards that do not hold each of the 16384 slots once are")


def _start(part: range) -> int:
    return part.start


def _refusal(what: str) -> Fault:
    return not_yet.not_implemented(f"NodeGroupConfiguration: {what} not implemented by the local emulator yet")
