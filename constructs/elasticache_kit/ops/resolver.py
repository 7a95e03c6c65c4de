"""Resolves the names of a local ElastiCache's endpoints; those of AWS are the system's business."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

LIFETIME_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Resolver:
    """A name server that knows the names below one domain.

    Args:
        host: its address.
        port: its port.
        domain: the domain.
        ttl: for how many seconds clients may keep an answer.
    """

    host: str
    port: int
    domain: str
    ttl: int

    def knows(self, name: str) -> bool:
        """Tell whether a name is below its domain."""
        return name.lower().rstrip(".").endswith(f".{self.domain}")

    async def address(self, name: str) -> str:
        """Ask for an address of a name, anew each time.

        Raises:
            socket.gaierror: it has none, or the name server does not answer.
        """
        # Imported here: against AWS nobody needs it.
        import dns.asyncresolver  # noqa: PLC0415
        import dns.exception  # noqa: PLC0415

        asked = dns.asyncresolver.Resolver(configure=False)
        asked.nameservers, asked.port, asked.lifetime = [self.host], self.port, LIFETIME_SECONDS
        try:
            answer: Any = await asked.resolve(name, "A")
        except dns.exception.DNSException as error:
            raise socket.gaierror(socket.EAI_NONAME, f"{name} has no address: {error}") from error
        return str(answer[0])
