"""Template level: whatever the constructs accept, cfn-lint finds no error in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk.assertions import Template
from hypothesis import strategies as st

from tests.cfn_lint import lint
from tests.property.construct import KINDS, REGION, Place, Wish
from tests.property.depth import cases, each
from tests.property.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cfnlint.match import Match

# A synth and a run of cfn-lint cost the same for one resource as for many.
PER_STACK = 20
WISHES = st.lists(st.one_of([wish for _, wish in KINDS.values()]), min_size=PER_STACK, max_size=PER_STACK)


def synthesized(wishes: Sequence[Wish]) -> dict[str, Any]:
    """Make all wishes in one stack and return its template."""
    place = Place()
    for number, wish in enumerate(wishes):
        place.make(wish, number)
    return dict(Template.from_stack(place.stack).to_json())


def errors(template: Mapping[str, Any]) -> list[str]:
    """Return the errors that cfn-lint finds, each with the properties of the resource; its warnings are advice."""
    resources = template["Resources"]
    # A match has a path where it comes from a rule, and the class does not say so.
    found: list[Any] = [match for match in lint(json.dumps(template), regions=[REGION]) if _is_error(match)]
    return [f"{match} in {json.dumps(resources.get(match.path[1])) if match.path[1:] else 'it'}" for match in found]


def _is_error(match: Match) -> bool:
    return match.rule.severity == "error"


def test_cfn_lint_finds_no_error_in_what_the_constructs_accept(tallies: list[Tally]) -> None:
    """The wishes are good by construction, so the constructs accept all of them, and so does cfn-lint."""
    tally = Tally("template", "constructs")
    tallies.append(tally)

    def check(wishes: list[Wish]) -> None:
        found = errors(synthesized(wishes))
        for wish in wishes:
            tally.seen[wish.kind] += 1
        tally.judge("accepted", "\n".join(found) or None, number=len(wishes))

    each(cases("template") // PER_STACK, WISHES, check)

    assert len(tally.seen) >= len(KINDS)


def test_a_wrong_property_among_many_is_found() -> None:
    """A value that no construct would let through has its error: cfn-lint sees each resource of the stack."""
    drawn: list[Wish] = []
    each(1, WISHES, drawn.extend)
    template = synthesized(drawn[:PER_STACK])
    name = next(name for name, item in template["Resources"].items() if item["Type"].startswith("AWS::ElastiCache"))
    template["Resources"][name]["Properties"]["Surprise"] = 1

    assert any("Surprise" in error for error in errors(template))
