"""A client that goes on writing while something happens to its group."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Self

import valkey
from valkey.exceptions import ValkeyClusterException

PACE_SECONDS = 0.001


class Writer:
    """Writes new keys, reads them back, and counts what was acknowledged; an error is no acknowledgement.

    Args:
        connect: makes a stock client; called in the thread that uses it.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.acknowledged = 0
        self.failures = 0
        self.wrong: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        client = self._connect()
        # A pace that leaves the interpreter to the test: at full speed this thread would be what is measured.
        while not self._stopped.wait(PACE_SECONDS):
            name = f"written-{self.acknowledged}"
            try:
                client.set(name, self.acknowledged)
                if client.get(name) != str(self.acknowledged):
                    self.wrong.append(name)
            except (valkey.ValkeyError, ValkeyClusterException, AttributeError):
                # valkey-py falls over an ASK to a node that has no slots yet, as redis-py does (AttributeError):
                # https://github.com/redis/redis-py/pull/4214
                self.failures += 1
                continue
            self.acknowledged += 1
