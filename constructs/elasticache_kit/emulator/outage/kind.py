"""What a kind of outage is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticache_kit.emulator.outage.order import Field, Order
    from elasticache_kit.emulator.outage.target import Target


def nothing() -> None:
    """Put nothing right: it comes right by itself."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What an outage has broken.

    Args:
        undo: puts it right; it may go on in the background.
        told: what else whoever asked is told.
    """

    undo: Callable[[], None] = nothing
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of outage.

    Args:
        name: how it is asked for.
        fields: its members beside `kind` and `Region`.
        begin: breaks what an order is about, and returns when it is broken.
        either: members of which there must be exactly one; none when empty.
        engines: whether it is about engines; the control plane alone has those that are not.
        nodes: whether it is about nodes.
    """

    name: str
    fields: tuple[Field, ...]
    begin: Callable[[Order, tuple[Target, ...]], Damage]
    either: tuple[str, ...] = ()
    engines: bool = True
    nodes: bool = True
