"""Reports: a drill's result as text, and as files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.drills import matrix
from elasticache_kit.drills.earlier import differences
from elasticache_kit.drills.report.document import document, line
from elasticache_kit.drills.report.junit import junit
from elasticache_kit.drills.report.markdown import markdown
from elasticache_kit.drills.report.page import page
from elasticache_kit.drills.report.picture import picture

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result
    from elasticache_kit.drills.verdict import Finding

_HEADINGS = ("node group", "checked", "verdict", "found")


def text(result: Result) -> str:
    """Return the findings as a table for people."""
    experiment = result.experiment
    where = "AWS, " + experiment.region if experiment.capability is None else "local ElastiCache"
    lines = [
        f"drill {experiment.drill} on {experiment.group.replication_group_id} ({where}): {result.verdict.upper()}",
        *([result.stamp] if result.stamp else []),
        *([f"INVALID, not passed: {result.invalid}"] if result.invalid else []),
        "",
        *table([_HEADINGS, *rows(result.findings)]),
    ]
    if result.clients:
        lines += ["", *table(matrix.rows([result]))]
    if result.earlier is not None:
        lines += ["", f"held against the run of {result.earlier.started}:", *table(_compared(result))]
    if not result.cleaned_up:
        lines += [
            "",
            f"the drill's keys could not all be removed; they expire in {experiment.settings.time_to_live_seconds} s",
        ]
    return "\n".join(lines)


def _compared(result: Result) -> list[tuple[str, ...]]:
    found = [(d.node_group, d.metric, d.said(d.before), d.said(d.now), d.change) for d in differences(result)]
    return [("node group", "figure", "before", "now", "difference"), *found]


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows as lines with aligned columns, the first row underlined."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def write(result: Result, folder: Path) -> dict[str, Path]:
    """Write the report's files into a folder, which is made if it is not there, and return them by kind.

    The files are `report.html`, `report.json`, `report.md` for a pull request, `report.svg` with the picture of the
    node group that the fault struck, `junit.xml`, and `history.jsonl.gz`, which has every operation.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {
        "report": folder / "report.html",
        "json": folder / "report.json",
        "markdown": folder / "report.md",
        "picture": folder / "report.svg",
        "junit": folder / "junit.xml",
        "history": folder / "history.jsonl.gz",
    }
    paths["report"].write_text(page(result), encoding="utf-8")
    paths["json"].write_text(json.dumps(document(result), indent=2) + "\n", encoding="utf-8")
    paths["markdown"].write_text(markdown(result), encoding="utf-8")
    paths["picture"].write_text(picture(result), encoding="utf-8")
    paths["junit"].write_text(junit(result), encoding="utf-8")
    with gzip.open(paths["history"], "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line(entry, result.began)) + "\n" for entry in result.history.lines())
    return paths


def rows(findings: Iterable[Finding]) -> list[tuple[str, ...]]:
    """Return findings as rows of a table."""
    return [_row(finding) for finding in findings]


def _row(finding: Finding) -> tuple[str, ...]:
    return (finding.node_group or "all", finding.checker, finding.verdict.value, finding.sentence)
