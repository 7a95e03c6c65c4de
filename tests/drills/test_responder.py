"""The server that the instrument is held against."""

from __future__ import annotations

from elasticache_kit.drills import resp
from elasticache_kit.drills.responder import commands

STREAM = resp.command("SET", "key", "a\r\nb") + resp.command("GET", "key") + resp.command("INFO", "server")


def test_commands_are_read_however_they_are_cut() -> None:
    """Packets end anywhere, also inside of a value that looks like the end of a line."""
    for cut in range(len(STREAM) + 1):
        first, rest = commands(STREAM[:cut])
        second, left = commands(rest + STREAM[cut:])

        assert ([*first, *second], left) == ([b"SET", b"GET", b"INFO"], b"")
