"""The JSON document."""

from __future__ import annotations

import json

import pytest

from elasticache_kit.drills.report.document import document, line
from tests.drills.forged import LOCAL, result
from tests.drills.story import failover_story


def test_the_document_is_json_and_has_what_the_report_shows() -> None:
    """It survives a round trip as it is."""
    told = document(result(failover_story(), capability=LOCAL))

    again = json.loads(json.dumps(told))
    assert again["verdict"] == "passed"
    assert again["stamp"].startswith("local emulator: not an AWS recovery time")
    assert again["fault_at"] == 3.0
    assert again["replication_group"]["node_groups"] == {"0001": ["orders-0001-001", "orders-0001-002"]}
    (outage,) = again["outages"]
    assert outage["seconds"] == pytest.approx(2.01)
    assert again["errors"] == [{"node_group": "0001", "action": "write", "error": "refused", "count": 200}]
    assert [event["seconds_after_call"] for event in again["events"]] == pytest.approx([0.0, 1.5, 4.0])
    assert {finding["checker"]: finding["verdict"] for finding in again["findings"]}["promotion"] == "passed"


def test_no_password_is_in_the_document() -> None:
    """Reports are mailed around."""
    assert "password" not in json.dumps(document(result(failover_story())))


def test_a_line_of_the_history_has_only_what_it_tells() -> None:
    """Times count from the beginning of the drill."""
    story = failover_story()

    lines = [line(entry, 1.0) for entry in story.history.lines()]

    assert next(told for told in lines if told["action"] == "redundancy") == {
        "at": -0.5,
        "kind": "info",
        "action": "redundancy",
        "node_group": "0001",
        "number": 2,
        "node": "old",
    }
    assert all(json.loads(json.dumps(entry)) for entry in lines)
