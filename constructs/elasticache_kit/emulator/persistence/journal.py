"""Writes state down while requests wait for it: one write serves all that came before it."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from elasticache_kit.emulator.gate import Gate
    from elasticache_kit.emulator.persistence.state_file import StateFile

logger = logging.getLogger(__name__)

# How often a look at state that somebody changes meanwhile is tried again.
TRIES = 20
POLL_SECONDS = 0.5


class Journal:
    """A thread that writes state when somebody waits for it, and otherwise twice a second where it has changed.

    Args:
        gate: what says that state has changed, and keeps it still.
        file: where it is written.
        capture: gives the state as bytes.
    """

    def __init__(self, gate: Gate, file: StateFile, capture: Callable[[], bytes]) -> None:
        self._gate, self._file, self._capture = gate, file, capture
        self._tried = self._written = -1
        self._digest = b""
        self._failure: Exception | None = None
        self._closing = self._ended = False
        self._asked = threading.Event()
        self._done = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def behind(self) -> bool:
        """Whether somebody may have seen what is not on disk yet."""
        return self._gate.changing > 0 or self._gate.changes > self._written

    def commit(self) -> None:
        """Return when everything up to now is on disk.

        Raises:
            EmulatorError: it could not be written.
        """
        due = self._gate.count()
        self._asked.set()
        with self._done:
            self._done.wait_for(lambda: self._tried >= due or self._ended)
            if self._written < due:
                raise EmulatorError(f"the state could not be written: {self._failure or 'the emulator stops'}")

    def close(self) -> None:
        """Write what is not written yet and end."""
        self._closing = True
        self._gate.count()
        self._asked.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended:
            last = self._closing
            if self._gate.changes > self._tried:
                self._write()
            with self._done:
                self._ended = last
                self._done.notify_all()
            if not last:
                # What nobody waits for, the progress of a job, has time.
                self._asked.wait(POLL_SECONDS)
                self._asked.clear()

    def _write(self) -> None:
        tried, failure = self._gate.changes, None
        try:
            tried, payload = self._look()
            digest = hashlib.sha256(payload).digest()
            if digest != self._digest:
                self._file.write(payload)
                self._digest = digest
        except Exception as error:
            logger.exception("the state could not be written")
            failure = error
        with self._done:
            self._tried, self._failure = tried, failure
            if failure is None:
                self._written = tried
            self._done.notify_all()

    def _look(self) -> tuple[int, bytes]:
        for _ in range(TRIES):
            with self._gate.still() as changes:
                try:
                    return changes, self._capture()
                except RecursionError:
                    raise
                except RuntimeError as error:
                    # Somebody who was waited for in vain has gone on.
                    logger.info("a look at the state is taken again: %s", error)
        raise EmulatorError("something changes all the time")
