"""The emulator's port on loopback."""

from __future__ import annotations

import socket

from elasticache_kit.errors import PortInUseError

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """Listen on a port of loopback, on a free one where it is 0.

    Raises:
        PortInUseError: somebody else has it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortInUseError(
            f"port {port} on {HOST} cannot be used: {error.strerror}. Another emulator may be running: try "
            "`elasticache-kit emulator status`, or choose another port with --port."
        ) from error
    return listener
