"""Lets the Python clients of this process find local endpoints by name."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import dns.exception
import dns.resolver

from elasticache_kit.emulator.fleet.endpoint_name import DOMAIN

LIFETIME_SECONDS = 2.0


def resolver(place: tuple[str, int]) -> dns.resolver.Resolver:
    """Make a resolver that asks a name server and keeps its answers for as long as they allow."""
    made = dns.resolver.Resolver(configure=False)
    made.nameservers, made.port = [place[0]], place[1]
    made.cache, made.lifetime = dns.resolver.Cache(), LIFETIME_SECONDS
    return made


@contextmanager
def found(place: tuple[str, int]) -> Generator[None]:
    """Have this process ask a name server about the names of local endpoints, and the system about all others.

    `socket.getaddrinfo` is replaced for that time, which Python's clients and asyncio go through; what resolves names
    by itself (uvloop, valkey-glide, programs in C) does not: see docs/names.md.

    Args:
        place: the name server's address and port.
    """
    before, asked = socket.getaddrinfo, resolver(place)

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not (isinstance(name, str) and name.lower().rstrip(".").endswith(f".{DOMAIN}")):
            return before(host, *arguments, **options)
        try:
            records = [str(record) for record in asked.resolve(name, "A")]
        except dns.exception.DNSException as error:
            raise socket.gaierror(socket.EAI_NONAME, f"{name}: {error}") from error
        return [entry for address in records for entry in before(address, *arguments, **options)]

    socket.getaddrinfo = getaddrinfo
    try:
        yield
    finally:
        socket.getaddrinfo = before
