"""One pipelined connection to one server, which never hides a failure."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from elasticache_kit.drills import resp
from elasticache_kit.drills.resp import ErrorReply, Reply

if TYPE_CHECKING:
    from elasticache_kit.drills.access import Access
    from elasticache_kit.ops.inventory import Endpoint
    from elasticache_kit.ops.resolver import Resolver

# AWS's client guidance (docs/AmazonElastiCache/latest/dg/BestPractices.Clients.html) connects within 0.1 s and reads
# within 2 s. A drill connects a little more patiently, so that one lost SYN is not an outage, and gives up on a silent
# server sooner: the answer timeout bounds by how much an outage can be overrated.
CONNECT_TIMEOUT_SECONDS = 0.25
TLS_TIMEOUT_SECONDS = 1.0
ANSWER_TIMEOUT_SECONDS = 0.25

# What stays so however often one tries again: a certificate that is not to be trusted, and a sign-in that is refused.
_HOPELESS = frozenset({"certificate", "NOAUTH", "NOPERM", "WRONGPASS"})

Answer = Callable[["list[Reply] | LostError"], None]


class LostError(ConnectionError):
    """A connection could not be made, or was lost with commands under way.

    Args:
        kind: why, in a few words that can be counted: `refused`, `reset`, `closed`, `timeout`, `certificate`, ...
        detail: more for people.
        sent: False if it is certain that the commands never left.
    """

    def __init__(self, kind: str, detail: str = "", *, sent: bool = True) -> None:
        self.kind = kind
        self.sent = sent
        super().__init__(f"{kind} ({detail})" if detail else kind)

    @property
    def hopeless(self) -> bool:
        """Whether trying again would not help."""
        return self.kind in _HOPELESS


@dataclass(slots=True)
class _Waiting:
    """Commands that were sent together and await their replies together."""

    sent: float
    awaited: int
    answer: Answer
    replies: list[Reply]


class Connection(asyncio.Protocol):
    """A connection that pipelines commands and tells each sender what came of them.

    Use `Connection.open`. A server that answers nothing for the answer timeout is given up on by `expire`, which a lane
    calls before each send: a timer for each command costs more than the command.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.node: str | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._parser = resp.Parser()
        self._waiting: deque[_Waiting] = deque()

    @classmethod
    async def open(cls, endpoint: Endpoint, access: Access, *, read_only: bool = False) -> Connection:
        """Connect, sign in, and ask the server who it is.

        The name is resolved anew every time, because an endpoint moves by DNS.

        Args:
            endpoint: where to.
            access: TLS and sign-in.
            read_only: whether to send READONLY, which a replica with cluster mode enabled wants before it reads.

        Raises:
            LostError: it cannot be reached or does not let us in.
            ConnectionFailedError: no IAM token can be signed.
        """
        sign_in = access.sign_in
        connection = await _connected(lambda: cls(endpoint), endpoint, access)
        preamble = [resp.command(*sign_in)] if sign_in else []
        preamble += [resp.command("READONLY")] if read_only else []
        try:
            replies = await connection.ask(*preamble, resp.command("INFO", "server"))
            _insist(replies[: len(preamble)])
            _let_in(replies[-1])
        except BaseException:
            await connection.close()
            raise
        # None if INFO is forbidden to the user. An address would not do: an endpoint's stays when the server changes.
        connection.node = resp.info(replies[-1]).get("run_id")
        return connection

    @property
    def pending(self) -> int:
        """How many sends await their replies."""
        return len(self._waiting)

    def send(self, answer: Answer, commands: bytes, replies: int = 1) -> None:
        """Send commands in one packet; `answer` gets all their replies, or the error that lost them.

        Args:
            answer: called once.
            commands: as they go over the wire.
            replies: how many commands they are.
        """
        if self.lost.done():
            answer(LostError(self.lost.result(), sent=False))
            return
        self._waiting.append(_Waiting(time.monotonic(), replies, answer, []))
        if self._transport is not None:
            self._transport.write(commands)

    async def ask(self, *commands: bytes, timeout: float = TLS_TIMEOUT_SECONDS) -> list[Reply]:  # noqa: ASYNC109 - the caller's deadline
        """Send commands and wait for their replies.

        Raises:
            LostError: the connection was lost, or the answer took too long.
        """
        future: asyncio.Future[list[Reply] | LostError] = asyncio.get_running_loop().create_future()
        self.send(
            lambda answer: None if future.done() else future.set_result(answer), b"".join(commands), len(commands)
        )
        try:
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes with the answer.
            async with asyncio.timeout(timeout):
                answer = await future
        except TimeoutError as error:
            raise LostError("timeout") from error
        if isinstance(answer, LostError):
            raise answer
        return answer

    def expire(self) -> None:
        """Give up on the server if it has left the oldest command unanswered for too long."""
        if self._waiting and time.monotonic() - self._waiting[0].sent > ANSWER_TIMEOUT_SECONDS:
            self.abort("timeout")

    def abort(self, kind: str) -> None:
        """Drop the connection; every command under way is answered with a LostError of this kind."""
        if self.lost.done():
            return
        self.lost.set_result(kind)
        if self._transport is not None:
            self._transport.abort()
        while self._waiting:
            self._waiting.popleft().answer(LostError(kind))

    async def close(self) -> None:
        """Drop the connection and wait until nothing of it is left."""
        self.abort("closed here")
        await self._gone.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Give each reply to whom it belongs."""
        try:
            for reply in self._parser.feed(data):
                waiting = self._waiting[0]
                waiting.replies.append(reply)
                if len(waiting.replies) == waiting.awaited:
                    self._waiting.popleft()
                    waiting.answer(waiting.replies)
        # A reply that nobody asked for says as little as one that is none.
        except (ValueError, IndexError, ConnectionError) as error:
            self.abort(_kind(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """Answer every command under way with why."""
        self._gone.set()
        self.abort("closed" if exc is None else _kind(exc))


async def _connected(make: Callable[[], Connection], endpoint: Endpoint, access: Access) -> Connection:
    loop, tls = asyncio.get_running_loop(), access.tls
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
            sock = await _connect(endpoint, access.resolver)
        # From here the transport owns the socket: asyncio closes it when the handshake fails.
        async with asyncio.timeout(TLS_TIMEOUT_SECONDS):
            _, connection = await loop.create_connection(
                make, sock=sock, ssl=tls, server_hostname=endpoint.address if tls is not None else None
            )
    except (OSError, ValueError) as error:
        raise LostError(_kind(error), f"{endpoint}: {error}") from error
    return connection


async def _connect(endpoint: Endpoint, resolver: Resolver | None) -> socket.socket:
    loop = asyncio.get_running_loop()
    family, address = await _resolve(loop, endpoint, resolver)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


async def _resolve(
    loop: asyncio.AbstractEventLoop, endpoint: Endpoint, resolver: Resolver | None
) -> tuple[int, tuple[str, int]]:
    try:
        # A literal address needs no resolver and no thread.
        version = ipaddress.ip_address(endpoint.address).version
    except ValueError:
        if resolver is not None and resolver.knows(endpoint.address):
            return socket.AF_INET, (await resolver.address(endpoint.address), endpoint.port)
        found = await loop.getaddrinfo(endpoint.address, endpoint.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        return family, (str(address[0]), endpoint.port)
    return (socket.AF_INET if version == 4 else socket.AF_INET6), (endpoint.address, endpoint.port)  # noqa: PLR2004 - IPv4


def _let_in(reply: Reply) -> None:
    # Without a password INFO is the first to hear of it; that INFO is forbidden to a user does no harm.
    if isinstance(reply, ErrorReply) and reply.kind == "NOAUTH":
        raise LostError(reply.kind, "a password is needed: set ELASTICACHE_KIT_PASSWORD, or give --iam-user")


def _insist(replies: list[Reply]) -> None:
    for reply in replies:
        if isinstance(reply, ErrorReply):
            raise LostError(reply.kind, reply.text)


def _kind(error: Exception) -> str:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (ConnectionRefusedError, "refused"),
        (ConnectionResetError, "reset"),
        (BrokenPipeError, "reset"),
        (TimeoutError, "connect timeout"),
        (ssl.SSLCertVerificationError, "certificate"),
        (ssl.SSLError, "tls"),
        (socket.gaierror, "name not found"),
    )
    return next((kind for cls, kind in kinds if isinstance(error, cls)), type(error).__name__)
