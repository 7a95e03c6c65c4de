"""What a survey found, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.template import report, sarif
from elasticache_kit.template.problem import Problem
from elasticache_kit.template.survey import Survey

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM = Problem(
    path="cache.yaml",
    line=7,
    logical_id="Cache",
    resource_type="AWS::ElastiCache::ReplicationGroup",
    property="Port",
    value="99999",
    rule_id="rg-port",
    level="error",
    message="a port is 1 to 65535",
    remedy="take 6379, or leave it out",
    source=("RFC 9293, section 3.1",),
)
WARNING = replace(PROBLEM, rule_id="sl-sg", level="warn", line=9, value=None)
UNREADABLE = Problem(
    path="x.yaml", line=None, rule_id="template-unreadable", level="error", message="is not YAML", remedy="mend it"
)


def _run(*problems: Problem, **options: Any) -> dict[str, Any]:
    log: Any = json.loads(json.dumps(sarif.log(problems, **options)))
    assert log["version"] == "2.1.0"
    assert len(log["runs"]) == 1
    return log["runs"][0]


def test_text() -> None:
    """Two lines: place, level, what is wrong; what to do, rule and source."""
    assert report.text([PROBLEM]).splitlines() == [
        "cache.yaml:7: error: Cache.Port = 99999: a port is 1 to 65535",
        "    take 6379, or leave it out   [rg-port; RFC 9293, section 3.1]",
    ]


def test_text_of_what_is_missing_or_has_no_place() -> None:
    """A property that is not there says so, and a file without a line has none."""
    assert "warning: Cache.Port is not given: " in report.text([WARNING])
    assert report.text([UNREADABLE]).startswith("x.yaml: error: is not YAML\n")


def test_text_in_colour() -> None:
    """Each part is painted by its role."""
    painted = report.text([PROBLEM], lambda part, role: f"<{role}>{part}</>")

    assert painted.startswith("<place>cache.yaml:7</>: <error>error</>: Cache.Port")


@pytest.mark.parametrize(
    ("counted", "spoken"),
    [
        ([], "1 template, 2 resources of ElastiCache: 0 errors, 0 warnings, 2 acknowledged or ignored"),
        ([PROBLEM, WARNING], "1 template, 2 resources of ElastiCache: 1 error, 1 warning"),
    ],
)
def test_the_summary(counted: list[Problem], spoken: str) -> None:
    """What was looked at, and what of the problems counts."""
    assert report.summary(Survey(templates=1, resources=2, problems=[PROBLEM, WARNING]), counted) == spoken


def test_json() -> None:
    """Everything that text says, as data, and what was acknowledged apart."""
    kept = replace(PROBLEM, acknowledged="because")
    survey = Survey(templates=1, resources=1, problems=[WARNING, kept], passed_over=["package.json"])
    found: Any = json.loads(json.dumps(report.json_document(survey, [WARNING])))

    assert (found["templates"], found["resources"], found["errors"], found["warnings"]) == (1, 1, 0, 1)
    assert found["problems"][0]["rule_id"] == "sl-sg"
    assert found["problems"][0]["source"] == ["RFC 9293, section 3.1"]
    assert found["acknowledged"][0]["acknowledged"] == "because"
    assert found["passed_over"] == ["package.json"]


def test_sarif_describes_each_rule_once() -> None:
    """Every result points to its rule by index, and a rule has text, help and level."""
    run = _run(PROBLEM, WARNING, replace(PROBLEM, line=8), UNREADABLE)
    driver = run["tool"]["driver"]

    assert [rule["id"] for rule in driver["rules"]] == ["rg-port", "sl-sg", "template-unreadable"]
    assert [driver["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning"}
    assert "RFC 9293" in driver["rules"][0]["help"]["text"]


def test_sarif_says_where() -> None:
    """File and line, the resource and its property; a file without a line is shown at its first."""
    problem, unreadable = _run(PROBLEM, UNREADABLE)["results"]
    location = problem["locations"][0]

    assert (problem["level"], problem["message"]["text"]) == (
        "error",
        "Cache.Port = 99999: a port is 1 to 65535. Take 6379, or leave it out.",
    )
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "cache.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7},
    }
    assert location["logicalLocations"] == [{"name": "Cache", "fullyQualifiedName": "Cache.Port", "kind": "resource"}]
    assert unreadable["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert "logicalLocations" not in unreadable["locations"][0]


def test_sarif_of_files_elsewhere(tmp_path: Path) -> None:
    """A path with a space is a URI, one outside the directory is absolute, and standard input has a name."""
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in _run(
            replace(PROBLEM, path="a b.yaml"),
            replace(PROBLEM, path=str(tmp_path / "x y.yaml")),
            replace(PROBLEM, path="-"),
        )["results"]
    ]

    assert uris == ["a%20b.yaml", (tmp_path / "x y.yaml").as_uri(), "stdin"]


def test_sarif_of_what_does_not_count() -> None:
    """What is acknowledged in the template, or ignored on the command line, is suppressed and says why."""
    kept, ignored, plain = _run(replace(PROBLEM, acknowledged="because"), WARNING, PROBLEM, ignored=("sl-sg",))[
        "results"
    ]

    assert kept["suppressions"] == [{"kind": "inSource", "justification": "because"}]
    assert ignored["suppressions"][0]["kind"] == "external"
    assert "suppressions" not in plain


def test_sarif_keeps_a_result_when_lines_move() -> None:
    """The fingerprint is that of the rule, the file, the resource and the property."""
    first, moved, other = (
        result["partialFingerprints"]
        for result in _run(PROBLEM, replace(PROBLEM, line=70), replace(PROBLEM, property="Engine"))["results"]
    )

    assert first == moved != other


def test_sarif_of_nothing() -> None:
    """A run without results is a run, which takes away the alerts of the one before."""
    run = _run()

    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
