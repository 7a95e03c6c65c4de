"""Holding a run against an earlier one, and clients against the reference."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.drills import earlier, matrix
from elasticache_kit.drills.calibration import Calibration, Stall
from elasticache_kit.drills.checker.judgement import judge_client
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.report.document import document
from elasticache_kit.drills.report.markdown import markdown
from elasticache_kit.drills.report.page import page
from elasticache_kit.drills.report.report import text
from elasticache_kit.drills.subject import Seen
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.errors import ValidationError
from tests.drills.forged import LOCAL, result
from tests.drills.story import GROUP, Story, failover_story

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

BAR = Calibration(0.01, (Stall(0.1, 0.11, 0.01, 0.0),))


def outage_of(seconds: float) -> Result:
    """Return a run with an outage of so many seconds, and an error bar of 10 ms."""
    story = Story()
    number = story.writes(0, 3)
    story.fault(3)
    number = story.failing(Action.WRITE, 3, 3 + seconds, first=number)
    story.writes(3 + seconds, 6 + seconds, first=number, node="new")
    story.reads(0, 6)
    return replace(result(story, capability=LOCAL), calibration=BAR)


def compared(tmp_path: Path, before: float, now: float) -> Result:
    """Return a run held against an earlier one."""
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document(outage_of(before))))
    return replace(outage_of(now), earlier=earlier.read(path))


def difference(run: Result) -> earlier.Difference:
    """Return how the write outages differ."""
    return next(each for each in earlier.differences(run) if each.metric == "write_outage")


def test_a_difference_beyond_the_error_bars_is_one(tmp_path: Path) -> None:
    """And one within them is said to be no more than that."""
    worse, same = compared(tmp_path, 1.0, 2.0), compared(tmp_path, 1.0, 1.015)

    assert difference(worse).change == "1.00 s more"
    assert difference(same).change.endswith(", within the error bars")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"drill": 1}'])
def test_a_file_that_is_no_report_is_said(tmp_path: Path, content: str) -> None:
    """Before anything is broken."""
    path = tmp_path / "report.json"
    path.write_text(content)

    with pytest.raises(ValidationError, match=r"is no report\.json of a drill"):
        earlier.read(path)


def seen(name: str, story: Story, faults: History, starved_seconds: float = 0.0) -> Seen:
    """Return a client of which a story tells."""
    told = Seen(
        name=name, version="1.0", settings="as AWS recommends", history=story.history, starved_seconds=starved_seconds
    )
    return replace(told, findings=judge_client(told, faults, [GROUP], Limits(), [GROUP]))


def with_clients() -> Result:
    """Return a run with a client that was well, and one that could not connect."""
    run = outage_of(1.0)
    client = Story()
    number = client.writes(0, 3)
    number = client.failing(Action.WRITE, 3, 4.5, first=number)
    client.writes(4.5, 8, first=number)
    client.reads(0, 8)
    gone = Seen(name="gone", version=None, settings="the user's", history=History(), failure="OSError: <no> | way")
    return replace(run, clients=(seen("valkey-py", client, run.history), gone))


@pytest.mark.parametrize(("starved_seconds", "trusted"), [(0.25, True), (0.26, False)])
def test_a_client_that_the_machine_left_no_time_is_not_judged(starved_seconds: float, trusted: bool) -> None:
    """Its outage may be the machine's; just within the limit and just beyond it."""
    run = outage_of(1.0)
    client = Story()
    client.writes(0, 8)
    told = seen("valkey-py", client, run.history, starved_seconds)

    assert all((f.verdict is Verdict.UNKNOWN) is not trusted for f in told.findings if f.checker == "write outage")
    row = matrix.rows([replace(run, clients=(told,))])[1]
    assert row[-1].startswith("unknown: no time for 260 ms") is not trusted


def test_the_matrix_has_what_the_fault_cost_and_what_the_client_added() -> None:
    """A line for each client; one without a load says why."""
    heading, first, second = matrix.rows([with_clients()])

    told = dict(zip(heading, first, strict=True))
    assert (told["write gap"], told["reference"], told["failed"], told["goodput after"]) == (
        "1.51 s",
        "1.01 s",
        "150",
        "100%",
    )
    assert second[-1] == "no load: OSError: <no> | way"


def test_every_form_of_the_report_has_clients_trials_and_the_earlier_run(tmp_path: Path) -> None:
    """And text from outside is no markup in any of them."""
    run = replace(with_clients(), earlier=compared(tmp_path, 1.0, 2.0).earlier, trials=(outage_of(1), outage_of(2)))

    html, told, plain = page(run), markdown(run), text(run)

    for form in (html, told, plain):
        assert "valkey-py" in form
        assert "local emulator: not an AWS recovery time" in form
    assert "All 2 trials" in html
    assert "Held against an earlier run" in html
    assert "&lt;no&gt;" in html
    assert r"OSError: &lt;no&gt; \| way" in told
    assert "error bar ±10 ms" in told
    assert "held against the run of 2026-11-23" in plain
    assert len(document(run)["trials"]) == 2  # pyright: ignore[reportArgumentType] - the document is of plain objects


def test_one_trial_is_no_distribution() -> None:
    """And without clients or an earlier run there are no empty sections."""
    html = page(result(failover_story()))

    for heading in ("trials", "Clients under test", "Held against"):
        assert heading not in html
