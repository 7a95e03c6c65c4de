"""Entries of the slow log and the engine log, as ElastiCache delivers them.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

# Each node that speaks the protocol of Valkey is a cache cluster of its own, with one node.
CACHE_NODE_ID = "0001"
# What an engine writes: its process id, its role, the time of this machine's time zone, the level, the message.
_LINE = re.compile(r"\d+:([MSCX]) (\d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) ([.\-*#]) (.*)")
_TIME = "%d %b %Y %H:%M:%S.%f"
_LEVELS = {"-": "VERBOSE", "*": "NOTICE", "#": "WARNING"}
# An engine that shortens a command says so in the last word.
_LEFT_OUT = re.compile(rb"\.\.\. \((\d+) more arguments\)")
_MILLISECONDS = 1000
OCTETS, FRONT = 4, "127.0.0.1:0"

SlowLogRow = Sequence[object]


class LogEntry(Protocol):
    """What is delivered."""

    @property
    def milliseconds(self) -> int:
        """When it happened, in Unix time."""
        ...

    def written(self, log_format: str) -> str:
        """Write it as `json` or `text`."""
        ...


@dataclass(frozen=True, slots=True)
class SlowLogEntry:
    """A command that took longer than `slowlog-log-slower-than`.

    Args:
        cache_cluster_id: the node.
        number: which entry of the node's process it is.
        timestamp: when the command was executed, in Unix seconds.
        duration: how long that took, in microseconds.
        command: the command, without keys and values.
        client_address: who sent it.
        client_name: how that client calls itself.
    """

    cache_cluster_id: str
    number: int
    timestamp: int
    duration: int
    command: str
    client_address: str
    client_name: str

    @property
    def milliseconds(self) -> int:
        """When it happened, in Unix time."""
        return self.timestamp * _MILLISECONDS

    def written(self, log_format: str) -> str:
        """Write it as `json` or `text`; the text has no number."""
        if log_format == "json":
            return json.dumps(
                {
                    "CacheClusterId": self.cache_cluster_id,
                    "CacheNodeId": CACHE_NODE_ID,
                    "Id": self.number,
                    "Timestamp": self.timestamp,
                    "Duration (us)": self.duration,
                    "Command": self.command,
                    "ClientAddress": self.client_address,
                    "ClientName": self.client_name,
                }
            )
        words = (self.timestamp, self.duration, self.command, self.client_address, self.client_name)
        return ",".join([self.cache_cluster_id, CACHE_NODE_ID, *map(str, words)])


@dataclass(frozen=True, slots=True)
class EngineLogEntry:
    """A message of an engine.

    Args:
        cache_cluster_id: the node.
        role: M for a primary, S for a replica, C for a process that writes RDB or AOF files, X for a sentinel.
        time: when it was written.
        mark: how serious it is: `-`, `*` or `#`.
        message: what the engine says.
    """

    cache_cluster_id: str
    role: str
    time: dt.datetime
    mark: str
    message: str

    @property
    def milliseconds(self) -> int:
        """When it happened, in Unix time."""
        return int(self.time.timestamp() * _MILLISECONDS)

    def written(self, log_format: str) -> str:
        """Write it as `json` or `text`."""
        time = f"{self.time.strftime(_TIME)[:-3]} UTC"
        if log_format == "json":
            return json.dumps(
                {
                    "CacheClusterId": self.cache_cluster_id,
                    "CacheNodeId": CACHE_NODE_ID,
                    "LogLevel": _LEVELS[self.mark],
                    "Role": self.role,
                    "Time": time,
                    "Message": self.message,
                }
            )
        return f"{self.cache_cluster_id}/{CACHE_NODE_ID}:{self.role} {time} {self.mark} {self.message}"


def slow_log_entry(cache_cluster_id: str, row: SlowLogRow) -> SlowLogEntry:
    """Read one row of an answer to SLOWLOG GET, with text as bytes."""
    number, timestamp, duration, words, address, name = row
    return SlowLogEntry(
        cache_cluster_id=cache_cluster_id,
        number=int(str(number)),
        timestamp=int(str(timestamp)),
        duration=int(str(duration)),
        command=redacted(cast("list[object]", words)),
        client_address=_client_address(_text(address)),
        client_name=_text(name),
    )


def redacted(words: Sequence[object]) -> str:
    """Give a command without its keys and values: `SET ... (2 more arguments)`."""
    name, *arguments = words
    shown = _text(name).upper()
    if not arguments:
        return shown
    last = arguments[-1]
    left_out = _LEFT_OUT.fullmatch(last) if isinstance(last, bytes) else None
    count = len(arguments) - 1 + int(left_out[1]) if left_out else len(arguments)
    return f"{shown} ... ({count} more arguments)"


def engine_log_entry(cache_cluster_id: str, line: str) -> EngineLogEntry | None:
    """Read one line that an engine has written; None for one of another form, such as its picture at the start."""
    found = _LINE.fullmatch(line)
    if found is None or found[3] not in _LEVELS:
        return None
    # The engine writes the time of this machine's time zone, ElastiCache that of UTC.
    time = dt.datetime.strptime(found[2], _TIME).astimezone(dt.UTC)
    return EngineLogEntry(cache_cluster_id, found[1], time, found[3], found[4])


def _client_address(told: str) -> str:
    # Who comes through the front comes over a Unix socket, whose name means nothing to anybody.
    return told if told.partition(":")[0].count(".") == OCTETS - 1 or told.startswith("[") else FRONT


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
