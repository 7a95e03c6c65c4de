"""The configuration file that an engine is started with."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# Settings that a group may change: by its parameters, and where it keeps its data in a file. Replication through a file
# on disk and into a spare keyspace brings a new replica up in a tenth of a second; with diskless sync nothing streams
# until the replica's first acknowledgement, up to a second later, and a failover in that second loses acknowledged
# writes.
DEFAULTS = {
    "appendonly": "no",
    "repl-diskless-load": "swapdb",
    "repl-diskless-sync": "no",
    "repl-ping-replica-period": "1",
    "repl-timeout": "10",
}
# Settings that are the emulator's business: no snapshot but those that are asked for, and only loopback is listened on.
FIXED = {
    "daemonize": "no",
    "logfile": "",
    "protected-mode": "no",
    "save": "",
    "shutdown-timeout": "0",
    # In its own directory, see `Engine.socket`.
    "unixsocket": "engine.sock",
    "unixsocketperm": "700",
}
_SPELLED_BY_SPACES = {"client-output-buffer-limit", "bind", "replicaof", "save"}


def render(settings: Mapping[str, str]) -> str:
    """Write settings as an engine's configuration file."""
    return "".join(f"{name} {_quoted(name, value)}\n" for name, value in settings.items())


def render_users(accounts: Mapping[str, Sequence[str]]) -> str:
    """Write users as lines of an engine's configuration file."""
    lines = (" ".join(["user", *(_word(word) for word in (name, *rules))]) for name, rules in accounts.items())
    return "".join(f"{line}\n" for line in lines)


def write(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    path.unlink(missing_ok=True)
    # Made with its final mode: at no moment can others read it.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _quoted(name: str, value: str) -> str:
    words = value.split() if name in _SPELLED_BY_SPACES else [value]
    return " ".join(_word(word) for word in words or [""])


def _word(word: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'
