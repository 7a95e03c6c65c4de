"""What all groups of a fleet share: addresses, the process that starts engines, the front, certificates."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.address import AddressBlock, Addresses
from elasticache_kit.emulator.fleet.front import Front
from elasticache_kit.emulator.fleet.links import Links
from elasticache_kit.emulator.fleet.spawner import Spawner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
    from elasticache_kit.emulator.fleet.front import Judge


class Yard:
    """Makes each of them when it is first needed; after `close` it can be used again.

    Args:
        directory: where processes keep what they write.
        authority: who signs certificates.
        judge: gives the password for a sign-in that the front holds.
        on_loss: called with the process id of each engine that ended unasked.
    """

    def __init__(
        self, directory: Path, authority: CertificateAuthority, judge: Judge, on_loss: Callable[[int], None]
    ) -> None:
        self._on_loss = on_loss
        self.directory, self.authority, self._judge = directory, authority, judge
        self._lock = threading.Lock()
        self._expected = Addresses()
        self._block: AddressBlock | None = None
        self._spawner: Spawner | None = None
        self._front: Front | None = None
        self._links: Links | None = None

    @property
    def block(self) -> AddressBlock:
        """Where addresses come from."""
        with self._lock:
            self._block = self._block or AddressBlock(expected=self._expected)
            return self._block

    @property
    def addresses(self) -> Addresses:
        """Which addresses are taken, by name."""
        with self._lock:
            return self._expected if self._block is None else self._block.addresses

    def expect(self, addresses: Addresses) -> None:
        """Give names the addresses that they have had before; before any is taken."""
        with self._lock:
            self._expected = addresses

    @property
    def spawner(self) -> Spawner:
        """Who starts engines."""
        with self._lock:
            self._spawner = self._spawner or Spawner(self.directory, self._on_loss)
            return self._spawner

    @property
    def front(self) -> Front:
        """What stands before engines."""
        with self._lock:
            self._front = self._front or Front(self.directory, self._judge)
            return self._front

    @property
    def links(self) -> Links:
        """What passes bytes on late."""
        with self._lock:
            self._links = self._links or Links(self.directory)
            return self._links

    @property
    def front_pid(self) -> int | None:
        """The process id of the front; None where nothing has needed it yet."""
        with self._lock:
            return None if self._front is None else self._front.pid

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of all engines."""
        with self._lock:
            return () if self._spawner is None else self._spawner.pids

    def close(self) -> None:
        """End all processes and give the addresses back."""
        with self._lock:
            spawner, front, block, links = self._spawner, self._front, self._block, self._links
            self._spawner = self._front = self._block = self._links = None
            self._expected = Addresses()
        for process in (spawner, front, links):
            if process is not None:
                process.close()
        if block is not None:
            block.close()
