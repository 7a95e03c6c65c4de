"""A way to an API that can be closed, or on which credentials expire, while a drill goes on."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# What AWS answers to whoever signs with credentials that have expired.
EXPIRED = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>"
    b"<Message>The security token included in the request is expired</Message></Error></ErrorResponse>"
)
_OWN = frozenset({"connection", "transfer-encoding", "content-length", "server", "date"})


class Detour:
    """Forwards what comes to an API, byte by byte, until told otherwise.

    Args:
        endpoint_url: the API.
    """

    def __init__(self, endpoint_url: str) -> None:
        self.expired = False
        place = urlsplit(endpoint_url)
        detour = self

        class Handler(BaseHTTPRequestHandler):
            def handle_request(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, answer = 403, [("Content-Type", "text/xml")], EXPIRED
                if not detour.expired:
                    onward = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
                    onward.request(self.command, self.path, body, dict(self.headers.items()))
                    told = onward.getresponse()
                    status, headers, answer = told.status, told.getheaders(), told.read()
                    onward.close()
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in _OWN:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_DELETE = handle_request  # noqa: N815 - the names that http.server calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the one overridden
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def expire(self) -> None:
        """Answer from now on as AWS does to credentials that have expired."""
        self.expired = True

    def close(self) -> None:
        """Let nobody through any more; closed twice it is closed."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def detour(endpoint_url: str) -> Generator[Detour]:
    """Open a way to an API until the block ends."""
    made = Detour(endpoint_url)
    try:
        yield made
    finally:
        made.close()
