"""An application of Memcached: it reads, and writes again what is missing; the protocol itself, without a library."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.drills.memcached.hashing import rendezvous

if TYPE_CHECKING:
    from elasticache_kit.drills.memcached.cluster import Cluster

_TIMEOUT_SECONDS = 0.5
_LIFE_SECONDS = 3600
_ENDS = (b"END\r\n", b"STORED\r\n", b"DELETED\r\n", b"NOT_FOUND\r\n", b"ERROR\r\n")


@dataclass(slots=True)
class Application:
    """Finds the node of a key by rendezvous hashing, and keeps a connection to each.

    Args:
        cluster: what it reads from.
        names: its keys.
        tls: verifies the nodes; needed where the cluster has TLS.
    """

    cluster: Cluster
    names: Sequence[str]
    tls: ssl.SSLContext | None = None
    errors: int = 0
    _sockets: dict[str, socket.socket] = field(default_factory=dict[str, socket.socket])

    def fill(self) -> None:
        """Write every key."""
        for name in self.names:
            self._fill(name)

    def look_up(self) -> bool:
        """Read a key by chance and write it where it is missing; return whether it was there."""
        name = random.choice(self.names)  # noqa: S311 - no secret
        answer = self._ask(name, f"get {name}\r\n")
        if answer is not None and answer.startswith(b"VALUE"):
            return True
        if answer is not None:
            self._fill(name)
        return False

    def close(self) -> None:
        """Remove every key that can be reached, and drop the connections."""
        for name in self.names:
            self._ask(name, f"delete {name}\r\n")
        for connection in self._sockets.values():
            connection.close()
        self._sockets.clear()

    def _fill(self, name: str) -> None:
        self._ask(name, f"set {name} 0 {_LIFE_SECONDS} 1\r\n1\r\n")

    def _ask(self, name: str, command: str) -> bytes | None:
        """Ask the node that holds a key; None without an answer."""
        node = rendezvous(name, sorted(self.cluster.nodes))
        try:
            connection = self._sockets.get(node) or self._connect(node)
            self._sockets[node] = connection
            connection.sendall(command.encode())
            answer = b""
            while not answer.endswith(_ENDS):
                part = connection.recv(4096)
                if not part:
                    raise ConnectionResetError
                answer += part
        except OSError:
            self.errors += 1
            if (broken := self._sockets.pop(node, None)) is not None:
                broken.close()
            return None
        return answer

    def _connect(self, node: str) -> socket.socket:
        endpoint = self.cluster.nodes[node]
        made = socket.create_connection((endpoint.address, endpoint.port), timeout=_TIMEOUT_SECONDS)
        return self.tls.wrap_socket(made, server_hostname=endpoint.address) if self.tls is not None else made
