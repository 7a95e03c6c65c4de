"""Verdicts and findings: what a checker says of a history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

Figure: TypeAlias = "float | int | str | None"


class Verdict(StrEnum):
    """Whether a group lived up to a limit; unknown when the evidence does not tell."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one checker found in one node group.

    Args:
        checker: its name, for example `write outage`.
        node_group: the node group; empty when it concerns the whole drill.
        verdict: the checker's verdict.
        sentence: what was found, in words.
        figures: what was found, in numbers; times are in seconds.
        timed: whether it depends on the instrument having kept time.
    """

    checker: str
    node_group: str
    verdict: Verdict
    sentence: str
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])
    timed: bool = True


def distrust(findings: Iterable[Finding], reason: str) -> tuple[Finding, ...]:
    """Return findings of which those that depend on time are unknown, for a reason."""
    return tuple(
        replace(finding, verdict=Verdict.UNKNOWN, sentence=f"{finding.sentence}; but {reason}")
        if finding.timed
        else finding
        for finding in findings
    )


def compose(findings: Iterable[Finding]) -> Verdict:
    """Return one verdict for all: failed if any failed, else unknown if any is unknown or there is none."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAILED in verdicts:
        return Verdict.FAILED
    return Verdict.PASSED if verdicts == {Verdict.PASSED} else Verdict.UNKNOWN
