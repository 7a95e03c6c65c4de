"""Counts in a log, in the format that CloudWatch reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from elasticache_kit.cache.embedded_metric import EmbeddedMetrics
from elasticache_kit.cache.metric import Event
from elasticache_kit.model.application_metric import READS


class Log:
    """What was written, and a clock that is put forward."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.seconds = 0.0
        self.metrics = EmbeddedMetrics(
            "orders",
            write=lambda line: self.lines.append(json.loads(line)),
            clock=lambda: self.seconds,
            now=lambda: 5.0,
        )


@pytest.fixture
def log() -> Log:
    """A log."""
    return Log()


def test_a_line_is_written_once_in_a_while(log: Log) -> None:
    """With all that was counted since the one before."""
    log.metrics.count(Event.HIT)
    log.metrics.count(Event.HIT)
    assert log.lines == []
    log.seconds = 60
    log.metrics.count(Event.FALLBACK)
    log.metrics.count(Event.MISS)

    (line,) = log.lines
    assert (line["Cache"], line["hit"], line["fallback"], "miss" in line) == ("orders", 2, 1, False)


def test_the_line_says_what_cloudwatch_shall_make_of_it(log: Log) -> None:
    """Namespace, dimension, and every metric with its value beside it."""
    log.metrics.count(Event.HIT)
    log.metrics.breaker(is_open=True)
    log.metrics.flush()

    (line,) = log.lines
    (definition,) = line["_aws"]["CloudWatchMetrics"]
    assert line["_aws"]["Timestamp"] == 5000
    assert (definition["Namespace"], definition["Dimensions"]) == ("ElastiCacheKit", [["Cache"]])
    assert {item["Name"] for item in definition["Metrics"]} == {"hit", "breaker_open"} < line.keys()
    assert line["breaker_open"] == 1


def test_nothing_counted_nothing_written(log: Log) -> None:
    """A flush at the end of a quiet function costs no line."""
    log.metrics.flush()

    assert log.lines == []


def test_it_is_printed_where_nothing_else_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The log of a container or a function is what it prints."""
    metrics = EmbeddedMetrics("orders", period=0)
    metrics.count(Event.MISS)

    assert json.loads(capsys.readouterr().out)["miss"] == 1


def test_the_reads_are_events() -> None:
    """What an alarm divides by is what the cache counts."""
    assert set(READS) <= {event.value for event in Event}
