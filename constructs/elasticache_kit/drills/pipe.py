"""Messages between a drill and the processes that it starts: pickles with their length before them.

Only the drill and its own child hold the ends of these pipes, so nobody else can put a pickle into them.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO

from elasticache_kit.errors import ElastiCacheKitError

_LENGTH = struct.Struct("!Q")
_GOODBYE_SECONDS = 5.0


class ChildError(ElastiCacheKitError):
    """A process that a drill started ended before its work was done."""


def send(stream: IO[bytes], message: object) -> None:
    """Send a message.

    Raises:
        OSError: nobody reads any more.
    """
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> object | None:
    """Return the next message, or None when the other end is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return None if len(body) < length else pickle.loads(body)  # noqa: S301 - of our own child or parent


def ends(*, quiet: bool) -> tuple[IO[bytes], IO[bytes]]:
    """Return where a child hears and where it tells, and lead its standard output elsewhere.

    Libraries write what they like to standard output, valkey-glide for one: that must not come between messages.

    Args:
        quiet: whether standard error goes nowhere, too.
    """
    messages = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2) if quiet else (1,):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return sys.stdin.buffer, messages


class Child:
    """A process that works on an order, which it gets by its standard input, and tells how it goes.

    When the drill dies the child reads the end of its input, and cleans up by itself.

    Args:
        module: has a function `main` that takes the order from standard input.
        order: the first message; secrets in it never reach an argument list.
    """

    def __init__(self, module: str, order: object) -> None:
        # In a session of its own: Ctrl-C reaches the drill alone, which then tells the child.
        # Imported, not run: what is pickled must have the same module name on both sides.
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {module} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._module = module
        self._messages: queue.SimpleQueue[object | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"messages of {module}")
        self._reader.start()
        self.tell(order)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def tell(self, message: object) -> None:
        """Send it a message; one that has ended is past hearing."""
        if self._process.stdin is not None:
            with suppress(OSError):
                send(self._process.stdin, message)

    def hear(self, timeout_seconds: float | None = None) -> object:
        """Return its next message.

        Raises:
            ChildError: it has ended.
            TimeoutError: it said nothing for so long; it waits for ever when omitted.
        """
        try:
            message = self._messages.get(timeout=timeout_seconds)
        except queue.Empty:
            raise TimeoutError from None
        if message is None:
            # Whoever asks again is told the same, and at once.
            self._messages.put(None)
            raise ChildError(f"{self._module} ended with {self._process.wait()} before its work was done")
        return message

    def end(self) -> None:
        """Wait for it to end, and end it if it does not."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        try:
            while self._process.stdout is not None and (message := receive(self._process.stdout)) is not None:
                self._messages.put(message)
        finally:
            self._messages.put(None)
