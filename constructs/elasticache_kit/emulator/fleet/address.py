"""Loopback addresses: every node and every endpoint has one of its own, on the real port."""

from __future__ import annotations

import errno
import random
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.errors import EngineStartError

# 127.0.x.x and 127.1.x.x are what people and programs use themselves (127.0.0.53, the shorthand 127.1).
BLOCKS = range(16, 250)
FIRST, LAST = 257, 65279  # 127.b.1.1 to 127.b.254.255; the block's own claim and the emulator are in 127.b.255.x
CLAIM_PORT = 6378
RELEASE_SECONDS = 10.0
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


def control_address(address: str) -> str:
    """Give the address of the block of this one that the emulator's own connections come from."""
    _, block, _, _ = address.split(".")
    return f"127.{block}.255.253"


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


@dataclass(frozen=True, slots=True)
class Addresses:
    """Which addresses a fleet has given out.

    Args:
        block: the second octet of all of them; None before the first one.
        by_name: the address of everything that has a name.
    """

    block: int | None = None
    by_name: Mapping[str, str] = field(default_factory=dict[str, str])


class AddressBlock:
    """The 65,000 addresses of 127.b.0.0/16, claimed for one fleet among all emulators of this machine.

    Addresses that were given back are reused as late as possible: a client that still knows one must not find itself
    connected to another cache.

    Args:
        blocks: the second octets to choose from, in this order; all in random order when omitted.
        claim: how an address and port are taken for the block's life.
        expected: addresses of an emulator that is gone: its block is tried first, and what comes under a name gets the
            address that it had there. Where somebody else has the block by now, all addresses are new.

    Raises:
        EngineStartError: this machine has no loopback addresses besides 127.0.0.1 (macOS), or every block is claimed.
    """

    def __init__(
        self, blocks: Iterable[int] | None = None, claim: Claim = bind, *, expected: Addresses | None = None
    ) -> None:
        self._lock = threading.Lock()
        self._taken: set[int] = set()
        self._names: dict[str, str] = {}
        self._next = FIRST
        choices = random.SystemRandom().sample(BLOCKS, len(BLOCKS)) if blocks is None else blocks
        former = expected.block if expected else None
        for block in (*([former] if former is not None else []), *choices):
            try:
                self._claim = _again(claim, block) if block == former else claim(_claimed(block), CLAIM_PORT)
                self._release = Deadline(RELEASE_SECONDS)
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise EngineStartError(
                        f"This machine cannot bind the loopback address 127.{block}.255.254 ({error.strerror}), and "
                        "every cache node needs an address of its own in 127.0.0.0/8. Linux has them; macOS has only "
                        "127.0.0.1 and is not supported yet. Run the emulator on Linux or in a Linux container."
                    ) from error
                continue
            self._block = block
            self._expected = dict(expected.by_name) if expected and block == former else {}
            self._taken.update(map(_number, self._expected.values()))
            # Addresses go on where they stopped: those of what is deleted by now are reused as late as possible.
            self._next = max(self._taken, default=FIRST - 1) + 1
            return
        raise EngineStartError("Every loopback block is claimed by another emulator. Stop one of them.")

    @property
    def network(self) -> str:
        """The block in CIDR notation."""
        return f"127.{self._block}.0.0/16"

    @property
    def prefix(self) -> str:
        """What all its addresses begin with."""
        return f"127.{self._block}."

    @property
    def addresses(self) -> Addresses:
        """What has been given out under a name, and what is kept for a name that has not come yet."""
        with self._lock:
            return Addresses(self._block, {**self._expected, **self._names})

    def take(self, ports: Sequence[int], free: Probe = probe, *, name: str | None = None) -> str:
        """Give an unused address on which nobody listens on any of the ports.

        Args:
            ports: the ports.
            free: gives what is in the way at an address and port.
            name: what it is for; one that was expected gets its former address where that is free.

        Raises:
            EngineStartError: another process listens on one of the ports on every address.
        """
        with self._lock:
            former = self._expected.pop(name, None) if name else None
            # The engine of an emulator that has just been killed may still be there for a moment, too.
            if name and former and self._release.wait_for(lambda: _obstacle(former, ports, free)) is None:
                self._names[name] = former
                return former
            refusal: OSError | None = None
            for _ in range(TAKEN_IN_A_ROW):
                number = self._advance()
                address = f"127.{self._block}.{number >> 8}.{number & 255}"
                refusal = next((error for port in ports if (error := free(address, port))), None)
                if refusal is None:
                    self._taken.add(number)
                    if name:
                        self._names[name] = address
                    return address
        listed = ", ".join(map(str, ports))
        raise EngineStartError(
            f"No loopback address in {self.network} has port {listed} free: {refusal}. Another process listens there "
            f"on every address (0.0.0.0). Find it with `ss -ltnp 'sport = :{ports[0]}'` and stop it, bind it to "
            "127.0.0.1, or give the cache another port."
        )

    def give_back(self, address: str) -> None:
        """Let an address be used again, later."""
        with self._lock:
            self._taken.discard(_number(address))
            self._names = {name: held for name, held in self._names.items() if held != address}

    def close(self) -> None:
        """Give the block back."""
        self._claim.close()

    def _advance(self) -> int:
        while True:
            number = FIRST if self._next > LAST else self._next
            self._next = FIRST if number >= LAST else number + 1
            # .0 and .255 look like network and broadcast addresses to some clients.
            if number not in self._taken and number & 255 not in (0, 255):
                return number


def _again(claim: Claim, block: int) -> socket.socket:
    """Claim a block whose last owner has just been killed: the kernel gives its sockets back a moment later."""
    deadline = Deadline(RELEASE_SECONDS)
    claimed: list[socket.socket] = []

    def obstacle() -> str | None:
        try:
            claimed.append(claim(_claimed(block), CLAIM_PORT))
        except OSError as error:
            if error.errno != errno.EADDRINUSE or deadline.expired:
                raise
            return str(error)
        return None

    deadline.wait_for(obstacle)
    return claimed[0]


def _obstacle(address: str, ports: Sequence[int], free: Probe) -> str | None:
    return next((str(error) for port in ports if (error := free(address, port))), None)


def _claimed(block: int) -> str:
    return f"127.{block}.255.254"


def _number(address: str) -> int:
    third, fourth = map(int, address.split(".")[2:])
    return third << 8 | fourth
