"""Begins and ends the outages of one emulator, and remembers them."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.outage import order as orders
from elasticache_kit.emulator.outage.catalog import KINDS, kinds
from elasticache_kit.emulator.outage.target import Target, find
from elasticache_kit.errors import EmulatorError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.outage.kind import Kind

logger = logging.getLogger(__name__)

REMEMBERED = 1000


@dataclass(slots=True)
class Outage:
    """An outage that has begun.

    Args:
        outage_id: its id.
        kind: what broke.
        nodes: whom it is about, by cache cluster id.
        order: what it was asked for with.
        began: when what broke was broken, in seconds of the epoch.
        undo: puts it right.
        told: what else there is to tell.
        ended: when it was put right, None before that.
    """

    outage_id: str
    kind: str
    nodes: tuple[str, ...]
    order: Mapping[str, Any]
    began: float
    undo: Callable[[], None]
    told: Mapping[str, Any]
    ended: float | None = None

    def describe(self) -> dict[str, Any]:
        """Show it as the wire does."""
        moments = {"began": round(self.began, 6), "ended": self.ended and round(self.ended, 6)}
        return {"id": self.outage_id, "kind": self.kind, "nodes": list(self.nodes), **moments, **self.told}


class Outages:
    """The outages of one emulator.

    Args:
        fleet: the engines; None where the control plane runs alone.
    """

    def __init__(self, fleet: Fleet | None) -> None:
        self._fleet = fleet
        self._lock = threading.Lock()
        self._going_on: dict[str, Outage] = {}
        self._past: deque[Outage] = deque(maxlen=REMEMBERED)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be asked for."""
        return kinds(engines=self._fleet is not None)

    def begin(self, order: Mapping[str, Any]) -> Outage:
        """Begin an outage and return when what it is about is broken.

        Args:
            order: `kind`, one of `kinds`; `Region`; and what the kind is told.

        Raises:
            RefusedError: the order is not complete, or nothing runs that it could be about; with all reasons.
            EmulatorError: the engines do not play along.
        """
        kind = self._kind(order)
        read = orders.read(order, kind.name, kind.fields, kind.either, self._fleet)
        targets = find(read) if kind.nodes else ()
        self._refuse_twice(kind, targets)
        try:
            damage = kind.begin(read, targets)
        except OSError as error:
            raise EmulatorError(f"the fault {kind.name} did not begin: {error}") from error
        nodes = tuple(target.name for target in targets)
        begun = Outage(secrets.token_hex(8), kind.name, nodes, dict(order), time.time(), damage.undo, damage.told)
        with self._lock:
            self._going_on[begun.outage_id] = begun
        logger.info("fault %s: %s %s", begun.outage_id, kind.name, " ".join(nodes))
        return begun

    def end(self, outage_id: str) -> Outage:
        """End an outage: what it broke is put right, or has come right by itself.

        Raises:
            NotFoundError: none of this id goes on.
            EmulatorError: the engines do not play along.
        """
        with self._lock:
            outage = self._going_on.pop(outage_id, None)
        if outage is None:
            raise NotFoundError(f"There is no fault {outage_id}.")
        try:
            # Of a group that is gone there is nothing left to put right.
            with contextlib.suppress(NotFoundError):
                outage.undo()
        except OSError as error:
            raise EmulatorError(f"the fault {outage_id} did not end: {error}") from error
        finally:
            outage.ended = time.time()
            with self._lock:
                self._past.append(outage)
        logger.info("fault %s has ended", outage_id)
        return outage

    def recorded(self) -> tuple[Outage, ...]:
        """Give what goes on, and what has been, oldest first."""
        with self._lock:
            return (*self._past, *self._going_on.values())

    def forget(self) -> None:
        """Forget everything: what it was about is gone."""
        with self._lock:
            self._going_on.clear()
            self._past.clear()

    def _kind(self, order: Mapping[str, Any]) -> Kind:
        kind = KINDS.get(str(order.get("kind")))
        if kind is None:
            allowed = ", ".join(self.kinds)
            known = {"kind", "Region", *(field.name for kind in KINDS.values() for field in kind.fields)}
            strange = [f"{name} means nothing here" for name in sorted(set(order) - known)]
            raise RefusedError(orders.FAULT, [f"kind is {order.get('kind')!r}; give one of {allowed}", *strange])
        if kind.engines and self._fleet is None:
            raise RefusedError(orders.FAULT, ["this emulator runs no engines: start it without --no-engines"])
        return kind

    def _refuse_twice(self, kind: Kind, targets: tuple[Target, ...]) -> None:
        names = {target.name for target in targets}
        with self._lock:
            same = [item for item in self._going_on.values() if item.kind == kind.name and names & set(item.nodes)]
        # A killed node has come back by itself when it is found again.
        if same and kind.name != "kill":
            raise RefusedError(
                orders.FAULT, [f"{kind.name} goes on already as {same[0].outage_id}: end that one first"]
            )
