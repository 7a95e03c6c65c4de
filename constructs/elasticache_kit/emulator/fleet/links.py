"""The emulator's end of the process that passes bytes on late (`emulator/link`)."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from elasticache_kit.emulator import link
from elasticache_kit.emulator.fleet.companion import Companion
from elasticache_kit.errors import EngineStartError

logger = logging.getLogger(__name__)

PROGRAM = Path(link.__file__).with_name("process.py")

Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is done with connections to a place.

    Args:
        target: the engine that they go to.
        streams: seconds that a replication stream takes on its way, by the address that the replica comes from.
        default: seconds that each answer takes to all other addresses; none when omitted.
    """

    target: Place
    streams: Mapping[str, float] = field(default_factory=dict[str, float])
    default: float = 0.0


class Links:
    """Places that lead to engines by a way that takes time; the process starts with the first one.

    One that has been killed is started anew with all of them: connections break, as on a network that fails.

    Args:
        directory: where its error output goes.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.RLock()
        self._laid: dict[Place, Link] = {}
        self._process: Companion | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Its process id; None where nothing needs it."""
        return None if self._process is None else self._process.pid

    def lay(self, place: Place, wanted: Link) -> None:
        """Lead a place to an engine; connections by an earlier way there end, unless it is the same.

        Raises:
            EngineStartError: it cannot be listened there.
        """
        with self._lock:
            if self._laid.get(place) == wanted:
                return
            self._listen(place, wanted)
            self._laid[place] = wanted

    def take_up(self, place: Place) -> None:
        """Lead a place nowhere and end its connections; nothing happens where it leads nowhere."""
        with self._lock:
            if self._laid.pop(place, None) is not None and self._process is not None:
                self._process.ask("unlisten", address=place[0], port=place[1])
            if not self._laid:
                self._end()

    def cut(self, place: Place) -> None:
        """End the connections of a place and lose what is on its way; nothing happens where it leads nowhere."""
        with self._lock:
            if place in self._laid and self._process is not None:
                # A process that has ended has lost it already.
                with contextlib.suppress(EngineStartError):
                    self._process.ask("cut", address=place[0], port=place[1])

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
            self._laid.clear()
            self._end()

    def _listen(self, place: Place, wanted: Link) -> None:
        if self._closed:
            raise EngineStartError("The emulator stops.")
        if self._process is None:
            self._process = Companion(PROGRAM, self._directory / "link.log", on_end=self._on_end)
        self._process.ask(
            "listen", address=place[0], port=place[1], target=wanted.target,
            streams=dict(wanted.streams), default=wanted.default,
        )  # fmt: skip

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _on_end(self) -> None:
        # Without the lock at first: whoever ends the process holds it and waits for this thread.
        if not self._lost():
            return
        with self._lock:
            if not self._lost():
                return
            logger.warning("the process of the links has ended and is started anew")
            self._end()
            for place, wanted in self._laid.items():
                try:
                    self._listen(place, wanted)
                except EngineStartError:
                    logger.exception("no link at %s:%s", *place)

    def _lost(self) -> bool:
        """Say whether the process has ended without having been told to, and nobody has started the next one yet."""
        return self._process is not None and self._process.ended and not self._closed
