"""The page on compliance: its examples run, and its table is the data."""

from __future__ import annotations

import json
import re
from pathlib import Path

from aws_cdk import App, Stack

from elasticache_kit.model.compliance import rules

PAGE = (Path(__file__).parents[2] / "docs" / "compliance.md").read_text()
EXAMPLES = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)


def test_the_examples_run(tmp_path: Path) -> None:
    """Together they make an app with the plugin, in which the one finding has its reason."""
    app = App(outdir=str(tmp_path))
    known = {"app": app, "stack": Stack(app, "orders")}
    for example in EXAMPLES:
        exec(compile(example, "example", "exec"), known)  # noqa: S102 - the examples of our own page
    app.synth()
    (report,) = (
        report
        for report in json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
        if report["pluginName"] == "elasticache-kit"
    )
    (suppressed,) = report["suppressedViolations"]

    assert len(EXAMPLES) == 2
    assert report["violations"] == []
    assert (suppressed["ruleName"], suppressed["reason"]) == ("serverless-backup", "Pages are rendered again")


def test_the_table_has_every_rule() -> None:
    """A rule that is added or changed is changed on the page too."""
    rows = {f"| `{rule.id}` | {rule.level} | {rule.what} | {', '.join(rule.source)} |" for rule in rules()}

    assert rows == set(re.findall(r"^\| `[a-z-]+` \| (?:error|warning|info) .*$", PAGE, re.MULTILINE))


def test_every_file_that_is_named_exists() -> None:
    """The page leads to tests and to sources."""
    root = Path(__file__).parents[2]
    names = set(re.findall(r"`((?:tests|stacks)/[\w/.]+)`", PAGE))

    assert len(names) >= 3
    assert all((root / name).exists() for name in names)
