"""The figures that a reader wants first, as cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.report.markup import Markup, tag

if TYPE_CHECKING:
    from elasticache_kit.drills.experiment import Limits
    from elasticache_kit.drills.result import Result
    from elasticache_kit.drills.verdict import Figure, Finding, Verdict

Figures: TypeAlias = "Mapping[str, Figure]"

_SIGNS = {"passed": "✓", "failed": "✗", "unknown": "?"}


def cards(result: Result) -> Markup:
    """Return a card for each finding about the node group that the fault struck."""
    found = (finding for finding in result.of(result.experiment.node_group) if finding.checker != "instrument")
    return tag("div", *(_card(result, finding) for finding in found), class_="cards")


def _card(result: Result, finding: Finding) -> Markup:
    value, more = _content(result, finding)
    return tag(
        "div",
        tag("div", tag("span", finding.checker.replace("acknowledged ", "")), _sign(finding.verdict), class_="name"),
        tag("div", value, class_="value" if value[:1].isdigit() else "value words"),
        tag("div", more, class_="more"),
        class_="card",
    )


def _sign(verdict: Verdict) -> Markup:
    return tag("span", f"{_SIGNS[verdict]} {verdict}", class_=f"mark {verdict}")


def _content(result: Result, finding: Finding) -> tuple[str, str]:
    """Return the large text and the small one."""
    make = _CONTENTS.get(finding.checker)
    return make(finding.figures, result.experiment.limits) if make else (finding.verdict.value, finding.sentence)


def _write_outage(figures: Figures, limits: Limits) -> tuple[str, str]:
    return seconds(figures, "longest_gap_seconds"), f"longest gap; limit {spoken(limits.max_write_outage_seconds)}"


def _read_outage(figures: Figures, limits: Limits) -> tuple[str, str]:
    return seconds(figures, "longest_gap_seconds"), f"longest gap; limit {spoken(limits.max_read_outage_seconds)}"


def _lost(figures: Figures, limits: Limits) -> tuple[str, str]:
    return count(figures, "lost"), f"in {figures.get('acknowledged', 0):,} writes; {limits.allow_lost} allowed"


def _stale(figures: Figures, _limits: Limits) -> tuple[str, str]:
    oldest = figures.get("age_max_seconds")
    age = f"at most {spoken(oldest)} old, " if isinstance(oldest, float) else ""
    return count(figures, "stale"), f"{age}in {figures.get('reads', 0):,} reads"


def _promotion(figures: Figures, _limits: Limits) -> tuple[str, str]:
    return seconds(figures, "promotion_seconds"), _by_events(figures, "event_promotion_seconds")


def _redundancy(figures: Figures, _limits: Limits) -> tuple[str, str]:
    return seconds(figures, "redundancy_seconds"), _by_events(figures, "event_recovery_seconds")


def _by_events(figures: Figures, name: str) -> str:
    return "from the call" if figures.get(name) is None else f"by the events {seconds(figures, name)}"


def _ghosts(figures: Figures, _limits: Limits) -> tuple[str, str]:
    return count(figures, "unanswered_yet_present"), "without an answer and there all the same"


def _backwards(figures: Figures, _limits: Limits) -> tuple[str, str]:
    return count(figures, "went_backwards"), f"went back, in {figures.get('reads', 0):,} reads"


def _client_recovery(figures: Figures, _limits: Limits) -> tuple[str, str]:
    return seconds(
        figures, "write_recovery_seconds"
    ), f"of writes; of reads {seconds(figures, 'read_recovery_seconds')}"


def _goodput(figures: Figures, limits: Limits) -> tuple[str, str]:
    limit = f"; limit {spoken(limits.max_goodput_seconds)}" if limits.max_goodput_seconds is not None else ""
    return seconds(figures, "goodput_seconds"), f"until the load was what it was{limit}"


def _regions(figures: Figures, _limits: Limits) -> tuple[str, str]:
    home, lag = seconds(figures, "home_seconds"), seconds(figures, "lag_p50_seconds")
    return seconds(figures, "away_seconds"), f"until the other Region took the writes; back {home}; lag before {lag}"


def _sign_in(figures: Figures, _limits: Limits) -> tuple[str, str]:
    return count(figures, "refused"), f"refused of {figures.get('sign_ins', 0):,} sign-ins"


_CONTENTS: Mapping[str, Callable[[Figures, Limits], tuple[str, str]]] = {
    "write outage": _write_outage,
    "read outage": _read_outage,
    "lost acknowledged writes": _lost,
    "stale reads": _stale,
    "ghost writes": _ghosts,
    "monotonic reads": _backwards,
    "client recovery": _client_recovery,
    "goodput": _goodput,
    "promotion": _promotion,
    "full redundancy": _redundancy,
    "regions": _regions,
    "sign-in": _sign_in,
}


def seconds(figures: Figures, name: str) -> str:
    """Return a figure as a duration, or a dash."""
    value = figures.get(name)
    return spoken(float(value)) if isinstance(value, int | float) else "-"


def count(figures: Figures, name: str) -> str:
    """Return a figure as a count; of zero it is only known that none was observed."""
    value = figures.get(name)
    return "unknown" if value is None else f"{value:,}" if value else "none observed"
