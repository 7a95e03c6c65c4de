"""The emulator's end of the front, the process that stands before engines (`emulator/front`)."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from elasticache_kit.emulator import front
from elasticache_kit.emulator.fleet.companion import Companion, GoneError, Message
from elasticache_kit.errors import EngineStartError

logger = logging.getLogger(__name__)

PROGRAM = Path(front.__file__).with_name("process.py")

Place = tuple[str, int]
# Gives the password that the engine shall see for a user's token, by group.
Judge = Callable[[str, str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What the front shall do at an address.

    Args:
        targets: the engines that connections go to, in turn: address, port, and the Unix socket where that may be used.
        group: whose engines they are.
        certificate: what it shows to clients (PEM); None for a connection without TLS.
        key: the certificate's private key (PEM).
        preferred: whether clients may come without TLS, too.
        peers: the beginning of the addresses from which engines come, without TLS; none do when empty.
        iam_users: whose sign-ins need a verdict.
        discovery: what Memcached's `config get cluster` is answered with; it is passed on when None.
        reading: whether it says READONLY in the name of clients, which a replica in cluster mode wants to hear.
        postgresql: whether clients ask for TLS as those of PostgreSQL do; it does not change while it listens.
    """

    targets: tuple[Place | tuple[str, int, str], ...]
    group: str
    certificate: Path | None = None
    key: Path | None = None
    preferred: bool = False
    peers: str = ""
    iam_users: frozenset[str] = frozenset()
    discovery: str | None = None
    reading: bool = False
    postgresql: bool = False


class Front:
    """Asks the front for what is wanted of it, and starts it anew with all of that when it has been killed.

    Args:
        directory: where its error output goes.
        judge: gives the password for a sign-in that the front holds.
    """

    def __init__(self, directory: Path, judge: Judge) -> None:
        self._directory, self._judge = directory, judge
        self._lock = threading.RLock()
        self._wanted: dict[Place, Listening] = {}
        self._stalled: set[str] = set()
        self._process: Companion | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Its process id; None before anything was wanted of it."""
        return None if self._process is None else self._process.pid

    def lead(self, place: Place, wanted: Listening) -> None:
        """Listen at a place, or lead new connections there elsewhere; connections that exist stay where they are.

        Raises:
            EngineStartError: it cannot listen there.
        """
        with self._lock:
            known = self._wanted.get(place)
            self._wanted[place] = wanted
            try:
                if known is not None and (known.preferred, known.peers) == (wanted.preferred, wanted.peers):
                    self._ask("change", place, **_changeable(wanted))
                else:
                    if known is not None:
                        self._ask("unlisten", place)
                    self._listen(place, wanted)
            except EngineStartError:
                if known is None:
                    del self._wanted[place]
                raise

    def change(self, places: Iterable[Place], **changes: Any) -> None:
        """Change fields of what is wanted at those places where something is, for connections that come."""
        with self._lock:
            for place in places:
                if place in self._wanted:
                    self.lead(place, replace(self._wanted[place], **changes))

    def leave(self, place: Place) -> None:
        """Listen no longer at a place; nothing happens where nothing listens."""
        with self._lock:
            if self._wanted.pop(place, None) is not None:
                self._ask("unlisten", place)

    def stall(self, address: str) -> None:
        """Let nothing through to the engine at an address, or from it; connections stay."""
        with self._lock:
            self._stalled.add(address)
            if self._process is not None:
                self._ask("stall", (address, 0))

    def release(self, address: str) -> None:
        """Let everything through to an engine again; nothing happens where it is."""
        with self._lock:
            if address in self._stalled:
                self._stalled.remove(address)
                if self._process is not None:
                    self._ask("release", (address, 0))

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.close()

    def _listen(self, place: Place, wanted: Listening) -> None:
        secret = {"certificate": wanted.certificate and str(wanted.certificate), "key": wanted.key and str(wanted.key)}
        plain = {"preferred": wanted.preferred, "peers": wanted.peers, "postgresql": wanted.postgresql}
        self._ask("listen", place, group=wanted.group, **plain, **_changeable(wanted), **secret)

    def _ask(self, operation: str, place: Place, **arguments: object) -> None:
        if self._closed:
            raise EngineStartError(f"The front cannot {operation}: the emulator stops.")
        if self._process is None:
            self._process = Companion(
                PROGRAM, self._directory / "front.log", on_event=self._on_event, on_end=self._on_end
            )
            for address in self._stalled:
                self._ask("stall", (address, 0))
        # One that has ended is started anew with all that is wanted, this too.
        with contextlib.suppress(GoneError):
            self._process.ask(operation, address=place[0], port=place[1], **arguments)

    def _on_event(self, message: Message) -> None:
        process = self._process
        password = self._judge(message["group"], message["user"], message["token"])
        if process is not None:
            process.tell("verdict", question=message["question"], password=password)

    def _on_end(self) -> None:
        with self._lock:
            if self._closed:
                return
            logger.warning("the front has ended and is started anew")
            dead, self._process = self._process, None
            if dead is not None:
                dead.close()
            for place, wanted in self._wanted.items():
                try:
                    self._listen(place, wanted)
                except EngineStartError:
                    logger.exception("the front cannot listen at %s:%s again", *place)


def _changeable(wanted: Listening) -> dict[str, object]:
    told = {"discovery": wanted.discovery, "reading": wanted.reading}
    return {"targets": wanted.targets, "iam_users": sorted(wanted.iam_users), **told}
