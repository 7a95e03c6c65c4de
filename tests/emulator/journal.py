"""Clients at a steady pace in a process of their own: what was acknowledged to them, and how old what they read is.

In the process of a test they would wait for its interpreter; here they are late only when the machine is.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Entry:
    """A write that was acknowledged.

    Args:
        key: its key.
        sent: when it was sent, on the monotonic clock of the machine.
        acknowledged: when the answer came.
    """

    key: str
    sent: float
    acknowledged: float


class Journal:
    """Writes new keys to an address until the connection breaks or `stop`; made when the first one is acknowledged.

    Args:
        address: where it writes.
        rate: writes per second.
        prefix: what its keys begin with.
        port: the port.
    """

    def __init__(self, address: str, rate: int, prefix: str = "w", port: int = 6379) -> None:
        program = [sys.executable, str(Path(__file__)), "write", address, str(port), str(rate), prefix]
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the writes and read the journal."""
        if not self.entries:
            said, _ = self._process.communicate()
            self.entries = [Entry(key, sent, done) for key, sent, done in json.loads(said)]

    def lost(self, client: Any) -> list[Entry]:
        """Return what was acknowledged and is not there."""
        pipeline = client.pipeline(transaction=False)
        for entry in self.entries:
            pipeline.exists(entry.key)
        return [entry for entry, there in zip(self.entries, pipeline.execute(), strict=True) if not there]


def staleness(primary: str, replica: str, *, rate: int, seconds: float, port: int = 6379) -> list[float]:
    """Write the time to a primary at a steady pace, and return how old it is where a replica is read, in seconds."""
    arguments = ["compare", primary, str(port), str(rate), replica, str(seconds)]
    said = subprocess.run([sys.executable, str(Path(__file__)), *arguments], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(said)


class Connection:
    """A connection that waits for each answer."""

    def __init__(self, address: str, port: int) -> None:
        self._socket = socket.create_connection((address, port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, *words: str) -> bytes:
        """Send a command and return the answer, empty where the connection has ended."""
        parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
        try:
            self._socket.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
            return self._socket.recv(256)
        except OSError:
            return b""


def paced(rate: int, *, until_eof: bool = True) -> Iterator[int]:
    """Count at a steady pace, until standard input ends where that is looked for."""
    begun, number = time.monotonic(), 0
    while True:
        while (left := begun + number / rate - time.monotonic()) > 0:
            ended, _, _ = select.select([0] if until_eof else [], [], [], left)
            if ended and not os.read(0, 1):
                return
        yield number
        number += 1


def write(address: str, port: int, rate: int, prefix: str) -> list[tuple[str, float, float]]:
    """Write until the connection breaks or standard input ends."""
    held: list[tuple[str, float, float]] = []
    connection = Connection(address, port)
    for number in paced(rate):
        key, sent = f"{prefix}{number}", time.monotonic()
        if connection.ask("SET", key, "1") != b"+OK\r\n":
            break
        held.append((key, sent, time.monotonic()))
        if number == 0:
            print(flush=True)  # noqa: T201 - its parent waits for it
    return held


def compare(address: str, port: int, rate: int, replica: str, seconds: float) -> list[float]:
    """Write the time and read it elsewhere."""
    held: list[float] = []
    primary, secondary = Connection(address, port), Connection(replica, port)
    secondary.ask("READONLY")
    ends = time.monotonic() + seconds
    for _ in paced(rate, until_eof=False):
        primary.ask("SET", "stamp", repr(time.monotonic()))
        _, _, value = secondary.ask("GET", "stamp").partition(b"\r\n")
        now = time.monotonic()
        if value:
            held.append(now - float(value))
        if now > ends:
            break
    return held


def main() -> None:
    """Be the client."""
    kind, address, port, rate, *rest = sys.argv[1:]
    if kind == "write":
        said: Any = write(address, int(port), int(rate), rest[0])
    else:
        said = compare(address, int(port), int(rate), rest[0], float(rest[1]))
    print(json.dumps(said))  # noqa: T201 - for its parent


if __name__ == "__main__":
    main()
