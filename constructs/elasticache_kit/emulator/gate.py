"""Whoever changes state goes through this gate; whoever writes all of it down closes it for that moment."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

# Somebody who has not left after so long waits for something himself, and so stands still as well.
PATIENCE_SECONDS = 1.0


class Gate:
    """Lets any number of threads change state, and one look at it while all others stand still.

    A thread that is inside and waits for something, an engine or another request, says so with `away`: what it has
    changed up to there belongs together.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._closed = False
        self._mine = threading.local()
        self.changes = 0
        self.changing = 0

    @contextmanager
    def step(self, *, changes: bool) -> Generator[None]:
        """Be inside; a thread that is inside already just goes on.

        Args:
            changes: whether state may change meanwhile.
        """
        if getattr(self._mine, "inside", False):
            yield
            return
        self._mine.changes = changes
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def away(self) -> Generator[None]:
        """Be outside for as long as something else is waited for; nothing happens to a thread that is not inside."""
        if not getattr(self._mine, "inside", False):
            yield
            return
        self._leave()
        try:
            yield
        finally:
            self._enter()

    @contextmanager
    def still(self) -> Generator[int]:
        """Look at state that nobody changes; gives the number of changes that it shows."""
        with self._condition:
            self._closed = True
            self._condition.wait_for(lambda: self._inside == 0, PATIENCE_SECONDS)
            try:
                yield self.changes
            finally:
                self._closed = False
                self._condition.notify_all()

    def count(self) -> int:
        """Count a change and return how many there have been."""
        with self._condition:
            self.changes += 1
            self._condition.notify_all()
            return self.changes

    def _enter(self) -> None:
        with self._condition:
            self._condition.wait_for(lambda: not self._closed)
            self._inside += 1
            self._mine.inside = True
            self.changing += self._mine.changes

    def _leave(self) -> None:
        with self._condition:
            self._inside -= 1
            self._mine.inside = False
            self.changing -= self._mine.changes
            self.changes += self._mine.changes
            self._condition.notify_all()
