"""`elasticache-kit drill run`: run a drill, judge it, and write its report."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import EXIT_FAILED, EXIT_UNKNOWN, option, output
from elasticache_kit.cli.drill import experiment
from elasticache_kit.cli.drill.request import applies, request, show
from elasticache_kit.cli.drill.trial import trial
from elasticache_kit.drills import earlier, slo
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.report import report, screenshot
from elasticache_kit.drills.report.document import document
from elasticache_kit.drills.verdict import Finding, Verdict, compose
from elasticache_kit.errors import ValidationError
from elasticache_kit.ops import session

if TYPE_CHECKING:
    from elasticache_kit.cli.drill.experiment import Given
    from elasticache_kit.drills.report.screenshot import Browser
    from elasticache_kit.drills.result import Result

EXIT = {Verdict.PASSED: 0, Verdict.FAILED: EXIT_FAILED, Verdict.UNKNOWN: EXIT_UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """How a drill is told.

    Args:
        form: `text` or `json` on standard output.
        folder: where the report's files go; None writes none.
        before: an earlier run to hold it against.
        browser: makes a PNG of the report; None makes none.
    """

    form: str
    folder: Path | None
    before: earlier.Earlier | None
    browser: Browser | None


@click.command(
    epilog="\b\nExample: elasticache-kit drill run failover orders --client valkey-py --slo slo.yaml --report out"
)
@click.argument("name", metavar="DRILL", type=click.Choice(sorted(DRILLS)))
@click.argument("replication_group")
@experiment.common
@click.option("--trials", type=click.IntRange(min=1), default=1, show_default=True, help="How often it is run.")
@click.option(
    "--slo",
    "objectives",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Objectives for all trials, a line each, e.g. `write_outage_p95: 15s`.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the report's files; none are written when omitted.",
)
@click.option("--png", is_flag=True, help="Write report.png, too, where a browser of the Chromium family is installed.")
@click.option(
    "--compare",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="The report.json of an earlier run, to hold this one against.",
)
@option.output
@option.aws
def run(
    name: str,
    replication_group: str,
    *,
    given: Given,
    trials: int,
    objectives: Path | None,
    folder: Path | None,
    png: bool,
    compare: Path | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Run DRILL on REPLICATION_GROUP under load, and judge what its clients saw.

    Exit codes: 0 passed, 1 failed, 2 usage, 3 unknown, 4 AWS or emulator error.
    """
    if png and folder is None:
        raise click.UsageError("--png is a picture of the report: say where that goes with --report DIR")
    browser = screenshot.browser() if png else None
    api = session.connect(region=region, profile=profile)
    asked = replace(request(api, name, replication_group, given), runs=trials)
    agreed = slo.read(objectives) if objectives is not None else ()
    before = earlier.read(compare) if compare is not None else None
    _require(folder)
    if not applies(api, apply=given.apply):
        show(asked, form)
        return
    _make(folder)
    results = [trial(replace(asked, runs=trials - number + 1), number) for number in range(1, trials + 1)]
    findings = tuple(objective.judge(results) for objective in agreed)
    sys.exit(_tell(results, findings, _Telling(form=form, folder=folder, before=before, browser=browser)))


def _tell(results: Sequence[Result], findings: tuple[Finding, ...], telling: _Telling) -> int:
    last = replace(
        results[-1],
        findings=(*results[-1].findings, *findings),
        earlier=telling.before,
        trials=tuple(results),
    )
    paths = report.write(last, telling.folder) if telling.folder else {}
    if telling.folder is not None and telling.browser is not None:
        try:
            telling.browser.take(paths["report"], telling.folder / "report.png")
        except screenshot.ScreenshotError as error:
            # The drill was run, and what it found is worth more than its picture.
            output.talk(str(error))
        else:
            paths["png"] = telling.folder / "report.png"
    if telling.form == "json":
        output.document(document(last) | {"files": {kind: str(path) for kind, path in paths.items()}})
    else:
        output.data(report.text(last))
    for kind, path in paths.items():
        output.talk(f"{kind}: {path}")
    return EXIT[compose([finding for result in results for finding in result.findings] + list(findings))]


def _require(folder: Path | None) -> None:
    """Refuse a report folder that cannot be made; a drill that is only shown makes none."""
    if folder is None:
        return
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if os.access(path, os.F_OK))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "may not be written to" if there.is_dir() else "is a file"
        raise ValidationError(f"the report folder {str(folder)!r} cannot be made: {str(there)!r} {why}")


def _make(folder: Path | None) -> None:
    # Before the drill: a failover whose report cannot be written is a failover for nothing.
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValidationError(f"the report folder {str(folder)!r} cannot be made: {error.strerror}") from error
