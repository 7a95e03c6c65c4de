"""Spec level: what the rulebook accepts the API accepts, and what it refuses the API refuses by the same rules."""

from __future__ import annotations

import time
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.property.depth import cases, each
from tests.property.near_miss import broken, changed
from tests.property.subject import SUBJECTS, Subject
from tests.property.tally import Tally

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation
    from tests.property.world import Answer, World

SERVED = [subject for subject in SUBJECTS if subject.served]
# What makes a run worth its name: the share of the cases asked for that was tried (a small kind of spec has no more),
# of the broken ones the share that is still refused after a change, and what at most is beyond the emulator.
ENOUGH, REFUSED, BEYOND = 0.5, 0.5, 0.15


def expected(violations: tuple[Violation, ...]) -> tuple[str, set[str]]:
    """Return the code and the rules that the API must refuse with; no rules where it must accept."""
    errors = [violation for violation in violations if violation.level == "error"]
    # The first code that is known of any of them.
    codes = [*(item.aws_code for item in errors if item.aws_code), "InvalidParameterValue"]
    return (codes[0], {item.rule_id for item in errors}) if errors else ("", set())


def disagreement(violations: tuple[Violation, ...], answer: Answer) -> str | None:
    """Say in what the rulebook and the API differ; None where they agree."""
    code, rules = expected(violations)
    if rules == answer.rules and (code == answer.code if rules else answer.accepted or answer.not_yet):
        return None
    return f"the rulebook says {code or 'yes'} {sorted(rules)}, the API says {answer}"


def outcome(violations: tuple[Violation, ...], answer: Answer) -> str:
    """Name what came of a request."""
    return "refused" if expected(violations)[1] else "beyond the emulator" if answer.not_yet else "accepted"


def ask(subject: Subject, spec: Any, world: World, tally: Tally) -> tuple[str, str | None]:
    """Ask rulebook and API, and return the outcome with the disagreement, if there is one."""
    done, told, undo = "accepted", None, False
    for operation, request, violations in subject.requests(spec):
        answer = world.call(operation, request)
        undo = undo or answer.accepted
        tally.seen.update(expected(violations)[1])
        done, told = outcome(violations, answer), disagreement(violations, answer)
        if told or not answer.accepted:
            break
    if undo:
        remove(subject, spec, world)
    return done, told and f"{shown(spec)}: {told}"


def shown(spec: Any) -> str:
    """Write a spec down without what it omits."""
    given = {item.name: getattr(spec, item.name) for item in fields(spec)}
    return ", ".join(f"{name}={value!r}" for name, value in given.items() if value is not None)


def agree(subject: Subject, world: World, tally: Tally, drawn: Any) -> None:
    """Count a case, and fail where rulebook and API disagree."""
    done, told = ask(subject, subject.settle(drawn, world), world, tally)
    tally.judge(done, told)


def remove(subject: Subject, spec: Any, world: World) -> None:
    """Take away what was made, when it is ready to go, and see it gone: the next case finds the same world."""
    operation, request = subject.undo(spec)
    deadline = time.monotonic() + 20
    while not (answer := world.call(operation, request)).code.endswith(("NotFoundFault", "NotFound")):
        assert time.monotonic() < deadline, f"{request} cannot be removed: {answer}"


@pytest.mark.parametrize("subject", SERVED, ids=[subject.name for subject in SERVED])
def test_rulebook_and_api_agree(subject: Subject, world: World, tallies: list[Tally]) -> None:
    """Half of the specs are good by construction, the others near misses; each goes over the wire."""
    share = cases("spec") * subject.weight // sum(item.weight for item in SERVED)
    plan = (
        ("good", share // 2, subject.good),
        ("good but for a change", share // 4, changed(subject.good, subject.cases)),
        ("broken", share // 4, broken(subject.cases)),
    )
    counted: dict[str, Tally] = {}
    for kind, number, specs in plan:
        counted[kind] = Tally("spec", f"{subject.name}: {kind}")
        tallies.append(counted[kind])
        each(number, specs, partial(agree, subject, world, counted[kind]))
        assert counted[kind].cases >= ENOUGH * number

    assert counted["good"].share("accepted") == 1
    assert counted["broken"].share("refused") >= REFUSED
    assert all(tally.share("beyond the emulator") <= BEYOND for tally in counted.values())


@pytest.mark.parametrize("subject", SERVED, ids=[subject.name for subject in SERVED])
def test_a_rulebook_that_differs_is_noticed(subject: Subject, world: World) -> None:
    """Had the rulebook one rule less or one more, the same requests would disagree: the comparison is awake."""
    tally = Tally("spec", subject.name)
    rule_id, (bad, kept) = next(
        (name, pair) for name, pair in subject.cases.items() if expected(subject.check(pair[0]))[1] == {name}
    )
    for spec in (bad, kept):
        assert ask(subject, subject.settle(spec, world), world, tally)[1] is None

    (_, request, violations), *_ = subject.requests(subject.settle(bad, world))
    answer = world.call(next(subject.requests(subject.settle(bad, world)))[0], request)

    assert disagreement(tuple(item for item in violations if item.rule_id != rule_id), answer) is not None
