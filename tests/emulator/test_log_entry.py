"""Entries have the form that AWS documents, and tell no keys and values."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from elasticache_kit.emulator.log_entry import EngineLogEntry, engine_log_entry, redacted, slow_log_entry

ROW: list[Any] = [296, 1605631822, 30, [b"get", b"secret"], b"192.168.12.104:55452", b"orders"]


def test_a_slow_log_entry_as_json() -> None:
    """All members that AWS lists, the duration under the name that it has there."""
    assert json.loads(slow_log_entry("orders-001", ROW).written("json")) == {
        "CacheClusterId": "orders-001",
        "CacheNodeId": "0001",
        "Id": 296,
        "Timestamp": 1605631822,
        "Duration (us)": 30,
        "Command": "GET ... (1 more arguments)",
        "ClientAddress": "192.168.12.104:55452",
        "ClientName": "orders",
    }


def test_a_slow_log_entry_as_text() -> None:
    """The same but the number, between commas."""
    assert slow_log_entry("orders-001", ROW).written("text") == (
        "orders-001,0001,1605631822,30,GET ... (1 more arguments),192.168.12.104:55452,orders"
    )


def test_who_comes_through_the_front_has_its_address() -> None:
    """Readers expect an address and a port there."""
    row = [*ROW[:4], b"engine.sock:0", b""]
    assert json.loads(slow_log_entry("orders-001", row).written("json"))["ClientAddress"] == "127.0.0.1:0"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([b"ping"], "PING"),
        ([b"set", b"foo", b"bar"], "SET ... (2 more arguments)"),
        # The engine itself shortens: 30 arguments, and the last word tells how many more there were.
        ([b"mset", *[b"x"] * 30, b"... (170 more arguments)"], "MSET ... (200 more arguments)"),
    ],
)
def test_keys_and_values_are_left_out(words: list[bytes], shown: str) -> None:
    """Only their number is told."""
    assert redacted(words) == shown


def test_an_engine_log_entry_in_both_forms() -> None:
    """Time is UTC."""
    time = dt.datetime(2020, 11, 12, 1, 28, 57, 994_000, tzinfo=dt.UTC)
    entry = EngineLogEntry("orders-001", "S", time, "*", "MASTER <-> REPLICA sync started")
    assert json.loads(entry.written("json")) == {
        "CacheClusterId": "orders-001",
        "CacheNodeId": "0001",
        "LogLevel": "NOTICE",
        "Role": "S",
        "Time": "12 Nov 2020 01:28:57.994 UTC",
        "Message": "MASTER <-> REPLICA sync started",
    }
    assert entry.written("text") == ("orders-001/0001:S 12 Nov 2020 01:28:57.994 UTC * MASTER <-> REPLICA sync started")
    assert entry.milliseconds == int(time.timestamp() * 1000)


def test_what_an_engine_has_written_is_read() -> None:
    """Its time is that of this machine; lines of another form, and those for its developers, are left out."""
    found = engine_log_entry("orders-001", "17:M 12 Nov 2020 01:28:57.994 # Out of memory")
    assert found is not None
    assert (found.role, found.mark, found.message) == ("M", "#", "Out of memory")
    assert found.time == dt.datetime(2020, 11, 12, 1, 28, 57, 994_000).astimezone(dt.UTC)
    assert engine_log_entry("orders-001", "17:M 12 Nov 2020 01:28:57.994 . debug") is None
    assert engine_log_entry("orders-001", "      .+^+.") is None
