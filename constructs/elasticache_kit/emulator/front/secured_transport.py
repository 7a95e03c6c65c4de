"""A connection with TLS that reads and writes its socket itself.

asyncio's own, and uvloop's, keep two buffers between TLS and the socket and pass every byte through both: with short
requests that takes more of the processor than TLS does.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

HANDSHAKE_SECONDS, GOODBYE_SECONDS = 10.0, 1.0
# A record of TLS, which is what a read gives: nothing stays between TLS and the socket, whose next event tells of more.
RECORD_BYTES = 16384
# So much may wait to be written before the other side is slowed down, and so little is left when it goes on.
FULL, EMPTY = 65536, 16384


class SecuredTransport(asyncio.Transport):
    """The server's end of a connection with TLS, as a transport of asyncio.

    Args:
        connection: the socket.
        context: certificate and key.
        make: makes the protocol, once the handshake is over.
        patience: how many seconds the handshake may take; ten when omitted.
    """

    def __init__(
        self,
        connection: socket.socket,
        context: ssl.SSLContext,
        make: Callable[[], asyncio.BaseProtocol],
        *,
        patience: float = HANDSHAKE_SECONDS,
    ) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        connection.setblocking(False)
        self._socket = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._make = make
        self._protocol: Any = None
        self._waiting = bytearray()
        self._full = self._ended = self._closing = self._closed = False
        self._limit = self._loop.call_later(patience, self.abort)
        # One registration for all of its life, as each costs as much as a request. A client speaks first.
        self._reading = True
        self._on_readable = self._shake_hands
        self._loop.add_reader(self._socket, self._read)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write, or keep what the socket does not take now."""
        if self._closing or self._closed:
            return
        sent = 0
        if not self._waiting:
            try:
                sent = self._socket.send(data)
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                pass
            except OSError as error:
                self._lose(error)
                return
            if sent == len(data):
                return
            self._loop.add_writer(self._socket, self._on_writable)
        self._waiting += data[sent:]
        if len(self._waiting) > FULL and not self._full:
            self._full = True
            self._protocol.pause_writing()

    def is_closing(self) -> bool:
        """Say whether it takes nothing any more."""
        return self._closing or self._closed

    def pause_reading(self) -> None:
        """Read nothing for now."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._socket)

    def resume_reading(self) -> None:
        """Read on."""
        if not (self._reading or self._closing or self._closed):
            self._reading = True
            self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        """End the connection after what still waits to be written."""
        if not (self._closing or self._closed):
            self.pause_reading()
            self._closing = True
            if not self._waiting:
                self._take_leave()

    def abort(self) -> None:
        """End the connection at once."""
        self._lose(None)

    def _read(self) -> None:
        self._on_readable()

    def _shake_hands(self) -> None:
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            # What a server says in a handshake is less than any socket takes at once.
            self._lose(None)
            return
        except OSError as error:
            self._lose(error)
            return
        self._limit.cancel()
        self._on_readable = self._receive
        self._protocol = self._make()
        self._protocol.connection_made(self)

    def _receive(self) -> None:
        try:
            data = self._socket.recv(RECORD_BYTES)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError as error:
            self._lose(error)
            return
        if data:
            self._protocol.data_received(data)
        else:
            self._ended = True
            self.close()

    def _on_writable(self) -> None:
        try:
            sent = self._socket.send(self._waiting)
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return
        except OSError as error:
            self._lose(error)
            return
        del self._waiting[:sent]
        if not self._waiting:
            self._loop.remove_writer(self._socket)
            if self._closing:
                self._take_leave()
                return
        if self._full and len(self._waiting) <= EMPTY:
            self._full = False
            self._protocol.resume_writing()

    def _take_leave(self) -> None:
        """Say that nothing comes any more, and wait a moment for the other side: else the last bytes may be lost."""
        with contextlib.suppress(OSError):
            self._socket.unwrap()
        if self._ended:
            self._lose(None)
            return
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._lose(error)
            return
        self._limit = self._loop.call_later(GOODBYE_SECONDS, self.abort)
        self._on_readable = self._ignore
        self._loop.add_reader(self._socket, self._read)

    def _ignore(self) -> None:
        """Read what is for nobody, to the end."""
        try:
            ended = not socket.socket.recv(self._socket, RECORD_BYTES)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if self._closed:
            return
        self._closed, self._reading = True, False
        self._limit.cancel()
        self._waiting.clear()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        if self._protocol is not None:
            self._loop.call_soon(self._protocol.connection_lost, error)
