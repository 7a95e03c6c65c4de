"""What `make prove` says of the counts."""

from __future__ import annotations

from scripts.prove import Tally, lines, measurements


def tally(subject: str, outcomes: dict[str, int], disagreement: str | None = None) -> Tally:
    """Return the count of a test."""
    return Tally(
        depth="spec",
        subject=subject,
        cases=sum(outcomes.values()),
        outcomes=outcomes,
        disagreement=disagreement,
        seen={},
    )


def test_the_cases_of_a_depth_are_added_up() -> None:
    """One line for each depth, with every outcome."""
    shown = lines([tally("a", {"accepted": 2}), tally("b", {"accepted": 1, "refused": 3})])

    assert [line.split() for line in shown] == [
        ["spec", "6", "cases:", "3", "accepted,", "3", "refused"],
        ["disagreements:", "0"],
    ]


def test_a_disagreement_is_shown_whole() -> None:
    """With its subject, so that somebody can look into it."""
    shown = lines([tally("a", {"accepted": 1}, "the rulebook says yes")])

    assert shown[1:] == ["disagreements: 1", "  a: the rulebook says yes"]


def test_a_measurement_is_shown_with_all_its_values() -> None:
    """Numbers short, texts as they are."""
    shown = measurements([{"name": "staleness", "lag": 200, "p50": 201.23456, "of": "a replica"}])

    assert shown == ["staleness  lag=200  p50=201.2  of=a replica"]
