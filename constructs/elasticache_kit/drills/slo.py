"""Service level objectives: what a drill must show over all of its trials, from a file of one line each.

    write_outage_p95: 15s
    lost_writes_max: 0

A name is a metric and how to read it over the trials: `max`, `p50`, `p90`, `p95` or `p99`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import yaml

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.outage import quantile
from elasticache_kit.drills.verdict import Figure, Finding, Verdict
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import objective as written

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a checker.

    Args:
        checker: the checker that finds it.
        figure: its name among the checker's figures.
        is_time: whether it is in seconds; it is a count otherwise.
    """

    checker: str
    figure: str
    is_time: bool = True


METRICS: Mapping[str, Metric] = {
    "write_outage": Metric("write outage", "longest_gap_seconds"),
    "read_outage": Metric("read outage", "longest_gap_seconds"),
    "healthy_outage": Metric("blast radius", "longest_gap_seconds"),
    "promotion": Metric("promotion", "promotion_seconds"),
    "client_recovery": Metric("client recovery", "write_recovery_seconds"),
    "full_redundancy": Metric("full redundancy", "redundancy_seconds"),
    "goodput_recovery": Metric("goodput", "goodput_seconds"),
    "staleness": Metric("stale reads", "age_max_seconds"),
    "lost_writes": Metric("lost acknowledged writes", "lost", is_time=False),
    "stale_reads": Metric("stale reads", "stale", is_time=False),
    "refused_sign_ins": Metric("sign-in", "refused", is_time=False),
    "backward_reads": Metric("monotonic reads", "went_backwards", is_time=False),
}
# What is not there in a trial in which nothing was seen: no stale read has no age.
_NONE_IS_ZERO = frozenset({"staleness"})


@dataclass(frozen=True, slots=True)
class Objective:
    """One line of the file.

    Args:
        name: for example `write_outage_p95`.
        metric: what is measured.
        share: how it is read over the trials; 1 is the largest.
        limit: what it may be at most, in seconds or as a count.
    """

    name: str
    metric: Metric
    share: float
    limit: float

    def judge(self, results: Sequence[Result]) -> Finding:
        """Hold the trials against it; one that measured nothing, or was invalid, leaves it unknown."""
        checker = f"objective {self.name}"
        values = [self._value(result) for result in results]
        known = [value for value in values if value is not None]
        found = quantile(known, self.share)
        figures: dict[str, Figure] = {"value": found, "limit": self.limit, "trials": len(known)}
        shown = ", ".join("not measured" if value is None else self._said(value) for value in values)
        if len(known) < len(values) or found is None:
            sentence = f"not measured in {len(values) - len(known)} of {len(values)} trials: {shown}"
            return Finding(checker=checker, node_group="", verdict=Verdict.UNKNOWN, sentence=sentence, figures=figures)
        verdict = Verdict.PASSED if found <= self.limit else Verdict.FAILED
        sentence = f"{self._said(found)} (limit {self._said(self.limit)}) in n = {len(known)}: {shown}"
        return Finding(checker=checker, node_group="", verdict=verdict, sentence=sentence, figures=figures)

    def _value(self, result: Result) -> float | None:
        """Return the worst of all node groups."""
        if result.invalid and self.metric.is_time:
            return None
        found = [f for f in result.findings if f.checker == self.metric.checker and f.verdict is not Verdict.UNKNOWN]
        if not found:
            return None
        values = [f.figures.get(self.metric.figure) for f in found]
        if self.metric in {METRICS[name] for name in _NONE_IS_ZERO}:
            values = [value or 0 for value in values]
        numbers = [float(value) for value in values if isinstance(value, int | float)]
        return max(numbers) if len(numbers) == len(values) else None

    def _said(self, value: float) -> str:
        return spoken(value) if self.metric.is_time else f"{value:g}"


def read(path: Path) -> tuple[Objective, ...]:
    """Read a file of objectives.

    Raises:
        ValidationError: it cannot be read, or has lines that mean nothing; the message has all of them.
    """
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValidationError(f"the objectives {str(path)!r} cannot be read: {error}") from error
    if not isinstance(content, dict) or not content:
        raise ValidationError(f"{path} has no objectives: write one in each line, such as `write_outage_p95: 15s`")
    found = [_objective(str(name), value) for name, value in cast("Mapping[object, object]", content).items()]
    wrong = [item for item in found if isinstance(item, str)]
    if wrong:
        raise ValidationError("\n".join([f"{path}: {len(wrong)} wrong", *(f"  {text}" for text in wrong)]))
    return tuple(item for item in found if isinstance(item, Objective))


def _objective(name: str, value: object) -> Objective | str:
    found = written.read(name, value)
    return found if isinstance(found, str) else Objective(name, METRICS[found.metric], found.share, found.limit)
