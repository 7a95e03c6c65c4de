"""A DNS server for the names of local endpoints, on loopback, over UDP and TCP."""

from __future__ import annotations

import itertools
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from elasticache_kit.emulator.fleet.endpoint_name import DOMAIN

HOST = "127.0.0.1"
# No page says how long AWS lets clients keep the addresses of an endpoint. Clients are told to keep them for 5 to 10
# seconds at most: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/BestPractices.Clients.html
TTL_SECONDS = 5
POLL_SECONDS = 0.05
ATTEMPTS = 20

# Gives the addresses that a name has now, None where there is no such name.
LookUp = Callable[[str], "tuple[str, ...] | None"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What is answered, without the network.

    Args:
        look_up: gives the addresses of a name.
        ttl: how long, in seconds, clients may keep them.
    """

    look_up: LookUp
    ttl: int

    def to(self, wire: bytes) -> bytes | None:
        """Answer a message; None for what is no question."""
        try:
            question = dns.message.from_wire(wire)
            answer = dns.message.make_response(question)
        except (dns.exception.DNSException, ValueError):
            return None
        if len(question.question) != 1:
            answer.set_rcode(dns.rcode.FORMERR)
            return answer.to_wire()
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        if not name.endswith(f".{DOMAIN}"):
            # Somebody else knows the rest of the world.
            answer.set_rcode(dns.rcode.REFUSED)
            return answer.to_wire()
        answer.flags |= dns.flags.AA
        found = self.look_up(name)
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif found and asked.rdtype in (dns.rdatatype.A, dns.rdatatype.ANY):
            # Several come in another order each time: dnspython shuffles them when it writes the answer.
            answer.answer.append(dns.rrset.from_text_list(asked.name, self.ttl, "IN", "A", found))
        return answer.to_wire()


class NameServer:
    """Answers from threads of its own until it is closed.

    Args:
        look_up: gives the addresses that a name has now.
        port: its port; a free one when 0.
        ttl: how long, in seconds, clients may keep an answer.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, look_up: LookUp, *, port: int = 0, ttl: int = TTL_SECONDS) -> None:
        self.ttl = ttl
        answers = Answers(look_up, ttl)
        self._servers = _listen(port, answers)
        self.port = int(self._servers[0].server_address[1])
        for server in self._servers:
            threading.Thread(
                target=server.serve_forever, args=(POLL_SECONDS,), name=type(server).__name__, daemon=True
            ).start()

    @property
    def place(self) -> tuple[str, int]:
        """Its address and port."""
        return HOST, self.port

    @property
    def record(self) -> dict[str, str | int]:
        """What clients must know of it."""
        return {"host": HOST, "port": self.port, "domain": DOMAIN, "ttl": self.ttl}

    def close(self) -> None:
        """Answer no longer."""
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Udp(socketserver.UDPServer):
    def __init__(self, place: tuple[str, int], answers: Answers) -> None:
        self.answers = answers
        super().__init__(place, _Datagram)


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, place: tuple[str, int], answers: Answers) -> None:
        self.answers = answers
        super().__init__(place, _Stream)


class _Datagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        request: tuple[bytes, socket.socket] = self.request
        server: Any = self.server
        if (answer := server.answers.to(request[0])) is not None:
            with suppress(OSError):
                request[1].sendto(answer, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        server: Any = self.server
        with suppress(OSError):
            while len(head := self.rfile.read(2)) == 2:  # noqa: PLR2004 -- each message follows its length
                answer = server.answers.to(self.rfile.read(struct.unpack("!H", head)[0]))
                if answer is None:
                    return
                self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _listen(port: int, answers: Answers) -> tuple[_Udp, _Tcp]:
    """Listen on the same port for datagrams and streams."""
    for attempt in itertools.count(1):
        datagrams = _Udp((HOST, port), answers)
        try:
            return datagrams, _Tcp((HOST, datagrams.server_address[1]), answers)
        except OSError:
            # Free for the one and taken for the other: another one then, where any will do.
            datagrams.server_close()
            if port or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")  # pragma: no cover
