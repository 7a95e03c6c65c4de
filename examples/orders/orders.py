"""The smallest application with a current cache of its database: an order, read and changed over HTTP.

python orders.py migrate     makes the table, and the triggers that tell the outbox of changes
python orders.py             serves; GET and PUT /orders/7
python orders.py check       asks it whether it is well
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from elasticache_kit.cache import JSON, LeasedCache, Policy
from elasticache_kit.cache.outbox import row_key
from elasticache_kit.cache.outbox.database import connect_database
from elasticache_kit.cache.outbox.migration import upgrade
from elasticache_kit.cache.outbox.table import read_schema, read_tables

TABLE = "CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, note text NOT NULL)"
READ = "SELECT note FROM orders WHERE id = %s"
PORT = int(os.environ.get("PORT", "8080"))
WRITE = "INSERT INTO orders VALUES (%s, %s) ON CONFLICT (id) DO UPDATE SET note = EXCLUDED.note"


def migrate() -> None:
    """Make the table and its triggers; again changes nothing."""
    with connect_database(os.environ) as sql:
        sql.execute(TABLE)
        sql.execute(upgrade(read_tables(sql, ["orders"]), read_schema(sql)).encode())


class Orders(BaseHTTPRequestHandler):
    """Answers one request."""

    cache: LeasedCache

    def do_GET(self) -> None:
        """Read an order, and say whether the database was asked for it."""
        if self.path == "/health":
            self._say(200, "well")
            return
        number, asked = int(self.path.rpartition("/")[2]), threading.Event()

        def load() -> str | None:
            asked.set()
            with connect_database(os.environ) as sql:
                row = sql.execute(READ, (number,)).fetchone()
            return row and row[0]

        note = self.cache.read(row_key("orders", number), load)
        self._say(404 if note is None else 200, note or "no such order", "database" if asked.is_set() else "cache")

    def do_PUT(self) -> None:
        """Write an order, and let nobody read what it was before."""
        number = int(self.path.rpartition("/")[2])
        note = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with connect_database(os.environ) as sql:
            sql.execute(WRITE, (number, note))
        self.cache.invalidate(row_key("orders", number))
        self._say(200, note)

    def _say(self, status: int, text: str, source: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Read-From", source)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature that the server calls
        """Say nothing: a health check asks every ten seconds."""


def serve() -> None:
    """Answer until SIGTERM."""
    Orders.cache = LeasedCache.from_env(Policy(prefix="orders"), serializer=JSON)
    # An image says HOST: elsewhere only this machine gets in.
    server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), PORT), Orders)

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.serve_forever()
    server.server_close()


def check() -> None:
    """Ask for its health; an error ends this process with another code than 0."""
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=5).close()


if __name__ == "__main__":
    {"": serve, "migrate": migrate, "check": check}["".join(sys.argv[1:])]()
