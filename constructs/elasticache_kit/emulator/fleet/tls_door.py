"""Lets clients in through TLS, before engines that speak it not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.companion import Companion

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
    from elasticache_kit.emulator.fleet.node import Node

PROGRAM = Path(__file__).with_name("tls_front.py")
HIGHEST_PORT = 65535


class TlsDoor:
    """The TLS front listens on the addresses that clients know; engines listen in plain on a port beside it.

    Args:
        front: the process that ends TLS, one for all groups.
        authority: who signs the certificates.
        port: where clients connect.
    """

    def __init__(self, front: Companion, authority: CertificateAuthority, port: int) -> None:
        self._front, self._authority, self._port = front, authority, port
        self._listening: set[str] = set()

    def engine_port(self, port: int) -> int:
        """Say that engines listen on the port above, or below where there is none."""
        return port + 1 if port < HIGHEST_PORT else port - 1

    def open(self, node: Node) -> None:
        """Listen on a node's address."""
        self.attach(node.address, node)

    def close(self, node: Node) -> None:
        """Listen no longer on a node's address, nor on those of the endpoints that led to it."""
        for address in (node.address, *node.also):
            self._unlisten(address)
        node.also.clear()

    def attach(self, address: str, node: Node) -> None:
        """Make an address lead to a node; connections that exist stay where they are."""
        place = {"address": address, "port": self._port, "target": [node.engine.address, node.engine.port]}
        if address in self._listening:
            self._front.ask("retarget", **place)
        else:
            certificate = self._authority.issue(address)
            self._front.ask("listen", **place, certificate=str(certificate), key=str(self._authority.key_file))
            self._listening.add(address)
        if address != node.address:
            node.also.append(address)

    def detach(self, address: str, node: Node) -> None:
        """Listen no longer on an endpoint's address."""
        if address in node.also:
            node.also.remove(address)
            self._unlisten(address)

    def _unlisten(self, address: str) -> None:
        if address in self._listening:
            self._listening.remove(address)
            if self._front.ended:
                return  # and with it all its listeners
            self._front.ask("unlisten", address=address, port=self._port)


def start_front(directory: Path) -> Companion:
    """Start the process that ends TLS, with its error output in a directory."""
    return Companion(PROGRAM, directory / "tls_front.log")
