"""Loopback addresses: every node and every endpoint has one of its own, on the real port."""

from __future__ import annotations

import errno
import random
import socket
import threading
from collections.abc import Callable, Iterable, Sequence

from elasticache_kit.errors import EngineStartError

# 127.0.x.x and 127.1.x.x are what people and programs use themselves (127.0.0.53, the shorthand 127.1).
BLOCKS = range(16, 250)
FIRST, LAST = 257, 65279  # 127.b.1.1 to 127.b.254.255; the block's own claim is in 127.b.255.x
CLAIM_PORT = 6378
# So many neighbours in a row are taken only by a process that listens on every address.
TAKEN_IN_A_ROW = 8

Probe = Callable[[str, int], OSError | None]
Claim = Callable[[str, int], socket.socket]


def bind(address: str, port: int) -> socket.socket:
    """Bind a socket that never listens: a lock that the kernel releases with the process."""
    bound = socket.socket()
    try:
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound


def probe(address: str, port: int) -> OSError | None:
    """Try to bind an address and port; give the error, or None when both are free."""
    with socket.socket() as listener:
        # Without it, connections that closed a minute ago would count as a listener.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            return error
    return None


class AddressBlock:
    """The 65,000 addresses of 127.b.0.0/16, claimed for one fleet among all emulators of this machine.

    Addresses that were given back are reused as late as possible: a client that still knows one must not find itself
    connected to another cache.

    Args:
        blocks: the second octets to choose from, in this order; all in random order when omitted.
        claim: how an address and port are taken for the block's life.

    Raises:
        EngineStartError: this machine has no loopback addresses besides 127.0.0.1 (macOS), or every block is claimed.
    """

    def __init__(self, blocks: Iterable[int] | None = None, claim: Claim = bind) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()
        self._next = FIRST
        choices = random.SystemRandom().sample(BLOCKS, len(BLOCKS)) if blocks is None else blocks
        for block in choices:
            try:
                self._claim = claim(f"127.{block}.255.254", CLAIM_PORT)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise EngineStartError(
                        f"This machine cannot bind the loopback address 127.{block}.255.254 ({error.strerror}), and "
                        "every cache node needs an address of its own in 127.0.0.0/8. Linux has them; macOS has only "
                        "127.0.0.1 and is not supported yet. Run the emulator on Linux or in a Linux container."
                    ) from error
                continue
            self._block = block
            return
        raise EngineStartError("Every loopback block is claimed by another emulator. Stop one of them.")

    @property
    def network(self) -> str:
        """The block in CIDR notation."""
        return f"127.{self._block}.0.0/16"

    def take(self, ports: Sequence[int], free: Probe = probe) -> str:
        """Give an unused address on which nobody listens on any of the ports.

        Raises:
            EngineStartError: another process listens on one of the ports on every address.
        """
        with self._lock:
            refusal: OSError | None = None
            for _ in range(TAKEN_IN_A_ROW):
                number = self._advance()
                address = f"127.{self._block}.{number >> 8}.{number & 255}"
                refusal = next((error for port in ports if (error := free(address, port))), None)
                if refusal is None:
                    self._taken.add(number)
                    return address
        listed = ", ".join(map(str, ports))
        raise EngineStartError(
            f"No loopback address in {self.network} has port {listed} free: {refusal}. Another process listens there "
            f"on every address (0.0.0.0). Find it with `ss -ltnp 'sport = :{ports[0]}'` and stop it, bind it to "
            "127.0.0.1, or give the cache another port."
        )

    def give_back(self, address: str) -> None:
        """Let an address be used again, later."""
        third, fourth = map(int, address.split(".")[2:])
        with self._lock:
            self._taken.discard(third << 8 | fourth)

    def close(self) -> None:
        """Give the block back."""
        self._claim.close()

    def _advance(self) -> int:
        while True:
            number = self._next
            self._next = FIRST if number >= LAST else number + 1
            # .0 and .255 look like network and broadcast addresses to some clients.
            if number not in self._taken and number & 255 not in (0, 255):
                return number
