"""The report as one HTML page that needs nothing else: no network, no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import resources
from typing import TYPE_CHECKING

from elasticache_kit import __version__
from elasticache_kit.drills import matrix
from elasticache_kit.drills.duration import offset, spoken
from elasticache_kit.drills.earlier import differences
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.outage import outages
from elasticache_kit.drills.report.card import cards
from elasticache_kit.drills.report.distribution import distributions
from elasticache_kit.drills.report.document import errors_by_kind
from elasticache_kit.drills.report.markup import Markup, tag
from elasticache_kit.drills.report.milestone import Milestone, milestones
from elasticache_kit.drills.report.picture import pictures
from elasticache_kit.drills.report.summary import summary
from elasticache_kit.drills.verdict import Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

_MOST_OUTAGES = 20
# More do not fit on a narrow screen.
_MOST_COLUMNS = 5
_DATE = "%Y-%m-%d %H:%M:%S"
_MARKS = {Verdict.PASSED: "✓ passed", Verdict.FAILED: "✗ failed", Verdict.UNKNOWN: "? unknown"}


def page(result: Result) -> str:
    """Return the report as HTML."""
    group = result.experiment.group
    title = f"drill {result.experiment.drill} on {group.replication_group_id}: {result.verdict}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(resources.files(__package__ or "").joinpath("report.css").read_text(encoding="utf-8"))),
    )
    moments = milestones(result)
    body = tag(
        "main",
        _head(result),
        tag("p", result.stamp, class_="stamp") if result.stamp else None,
        tag("p", f"INVALID, not passed: {result.invalid}", class_="stamp") if result.invalid else None,
        tag("p", summary(result), class_="lead"),
        cards(result),
        *pictures(result, moments),
        tag("h2", "Findings"),
        _table(
            ("node group", "checked", "verdict", "found"),
            [(f.node_group or "all", f.checker, mark(f.verdict), f.sentence) for f in result.findings],
        ),
        *_clients(result),
        *distributions(result),
        *_compared(result),
        *_outages(result, moments),
        *_errors(result),
        *_method(result),
        tag("footer", f"elasticache-kit {__version__}, run {result.experiment.run_id}, {result.started:{_DATE}} UTC"),
    )
    return "<!doctype html>\n" + tag("html", head, tag("body", body), lang="en") + "\n"


def mark(verdict: Verdict) -> Markup:
    """Return a verdict as a word and a sign, so that colour is not all that tells it."""
    return tag("span", _MARKS[verdict], class_=f"mark {verdict}")


def _head(result: Result) -> Markup:
    experiment, group = result.experiment, result.experiment.group
    nodes = sum(len(node_group.members) for node_group in group.node_groups)
    facts = (
        f"{group.engine} {group.engine_version or ''}".strip(),
        group.cache_node_type,
        f"cluster mode {'enabled' if group.cluster_enabled else 'disabled'}",
        f"{len(group.node_groups)} node group{'s' * (len(group.node_groups) != 1)}, {nodes} nodes",
        "TLS" if group.transit_encryption else "no TLS",
        experiment.region,
    )
    return tag(
        "div",
        tag(
            "div",
            tag("div", f"drill: {experiment.drill}", class_="kicker"),
            tag("h1", group.replication_group_id),
            tag("p", *(tag("span", fact) for fact in facts if fact), class_="facts row"),
        ),
        tag("div", _MARKS[result.verdict], class_=f"verdict {result.verdict}"),
        class_="head",
    )


def _clients(result: Result) -> Iterable[Markup]:
    if not result.clients:
        return
    heading, *rows = matrix.rows([result])
    yield tag("h2", "Clients under test")
    yield _table(heading, rows, numbers=(3, 4, 5, 6, 7))
    yield tag(
        "p",
        f"In node group {result.experiment.node_group}: the longest time without an acknowledged write beside that of "
        "the reference, which is what the fault cost; what is more the client added. Goodput at the end is held "
        "against that before the fault; neighbours: the longest gap in a node group that nothing was done to.",
    )


def _compared(result: Result) -> Iterable[Markup]:
    if result.earlier is None:
        return
    rows = [(d.node_group, d.metric, d.said(d.before), d.said(d.now), d.change) for d in differences(result)]
    yield tag("h2", "Held against an earlier run")
    yield tag("p", f"Of the drill {result.earlier.drill} that began at {result.earlier.started}.")
    yield _table(("node group", "figure", "before", "now", "difference"), rows, numbers=(2, 3))


def _outages(result: Result, moments: Sequence[Milestone]) -> Iterable[Markup]:
    zero = next((moment.at for moment in moments if moment.is_call), result.began)
    found = [
        (gap, action, group.node_group_id)
        for group in result.experiment.group.node_groups
        for action in (Action.WRITE, Action.READ)
        for gap in outages(result.history.operations(action, group.node_group_id))
    ]
    longest = sorted(found, key=lambda item: -item[0].seconds)[:_MOST_OUTAGES]
    yield tag("h2", "Outages")
    if not found:
        yield tag("p", "None observed: no write and no read failed.")
        return
    rows = [
        (node_group, f"{action}s", offset(gap.start - zero), spoken(gap.seconds), f"{gap.failed:,}")
        for gap, action, node_group in longest
    ]
    yield _table(("node group", "of", "begins", "lasts", "failed"), rows, numbers=(2, 3, 4))
    if len(found) > len(longest):
        yield tag("p", f"{len(found) - len(longest)} shorter ones are in report.json.")


def _errors(result: Result) -> Iterable[Markup]:
    rows = [(group, f"{action}s", kind, f"{count:,}") for group, action, kind, count in errors_by_kind(result)]
    if rows:
        yield tag("h2", "Errors by kind")
        yield _table(("node group", "of", "error", "operations"), rows, numbers=(3,))


def _method(result: Result) -> Iterable[Markup]:
    settings = result.experiment.settings
    yield tag("h2", "How it was measured")
    yield tag(
        "p",
        f"In every node group {settings.rate:g} numbered writes and as many reads a second were due at fixed times, "
        "whatever became of those before them: an open loop, in which a stall hides nothing. Latency counts from when "
        "an operation was due. A gap is the time between one acknowledgement and the next; an outage is a gap in which "
        "an operation failed. Every acknowledged write was read back from the primary at the end. A read is stale if a "
        "newer write had been acknowledged before it was sent.",
    )
    if result.calibration is not None:
        yield tag("p", f"The instrument was held against known stalls before the load: {result.calibration}.")
    yield tag("pre", result.fault)
    left = "" if result.cleaned_up else f" They could not be removed and expire in {settings.time_to_live_seconds} s."
    yield tag("p", f"Keys of this drill begin with elasticache-kit:drill:{result.experiment.run_id}:.{left}")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> Markup:
    def kind(column: int) -> str:
        return "number" if column in numbers else "keep" if column < len(headings) - 1 else "text"

    return tag(
        "div",
        tag(
            "table",
            tag("thead", tag("tr", *(tag("th", text, class_=kind(n)) for n, text in enumerate(headings)))),
            tag(
                "tbody",
                *(
                    tag("tr", *(tag("td", cell, class_=kind(n), data_label=headings[n]) for n, cell in enumerate(row)))
                    for row in rows
                ),
            ),
        ),
        class_=f"scroll {_narrow(headings, numbers)}".strip(),
    )


def _narrow(headings: Sequence[str], numbers: Sequence[int]) -> str:
    """Return how a narrow screen shows a table: sentences under their heads, many columns as lines with labels."""
    if not numbers:
        return "stack"
    return "label" if len(headings) > _MOST_COLUMNS else ""
