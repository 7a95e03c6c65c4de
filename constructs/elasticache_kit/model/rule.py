"""Rule and Violation: one thing that ElastiCache asks, and a spec that does not keep to it.

The text of a rule (what it asks, how hard, its source, AWS's own error) is data in `data/rules.json`; the check is a
function here. The two are joined when a module of rules is imported, and must match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, Literal, NotRequired, TypedDict, TypeVar, cast

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.data import load
from elasticache_kit.model.unknown import UndecidedError

Level = Literal["error", "warn"]
Subject = Literal[
    "replication_group",
    "replication_group_change",
    "cache_cluster",
    "cache_cluster_change",
    "serverless_cache",
    "serverless_cache_change",
    "global_replication_group",
    "global_replication_group_change",
    "parameter_group",
    "subnet_group",
    "user",
    "user_group",
    "snapshot",
    "serverless_cache_snapshot",
    "scalable_target",
    "resource",
]

S = TypeVar("S")

# Stands in a finding for a value that nobody should read.
HIDDEN = "(hidden)"

_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Violation:
    """A spec does not keep to a rule.

    Args:
        rule_id: the rule, for example `rg-failover-needs-replica`.
        level: `error` where ElastiCache refuses, `warn` where it accepts what has no effect, is risky or is doubtful.
        property: the CloudFormation property in snake_case, or the name of a parameter.
        value: what was given; None where nothing was.
        message: what is wrong and what is allowed, one sentence without a final stop.
        remedy: what to do, without a final stop.
        source: where the rule is written.
        aws_code: the error code that AWS answers with, where it is known.
        aws_message: AWS's own sentence, where it is known.
    """

    rule_id: str
    level: Level
    property: str
    value: object
    message: str
    remedy: str
    source: tuple[str, ...]
    aws_code: str | None
    aws_message: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, before the rule puts its name to it.

    Args:
        property: the property to name.
        value: its value.
        message: what is wrong and what is allowed.
        remedy: what to do.
        aws_message: AWS's own sentence where it depends on the case. Default: the one of the rule.
    """

    property: str
    value: object
    message: str
    remedy: str
    aws_message: str | None = None


class RuleFact(TypedDict):
    """A rule as `rules.json` holds it; its `about` there says what each key means."""

    id: str
    about: Subject
    level: Level
    what: str
    source: list[str]
    aws_code: str | None
    aws_message: str | None
    implies: NotRequired[list[str]]
    decision: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """One thing that ElastiCache asks of a spec.

    Args:
        id: its name, for good.
        source: where it is written.
        level: `error` or `warn`.
        what: what it asks, one sentence.
        aws_code: the error code that AWS answers with, where it is known.
        aws_message: AWS's own sentence, where it is known.
        check: yields what it finds in a spec; an UndecidedError means that it cannot tell.
    """

    id: str
    source: tuple[str, ...]
    level: Level
    what: str
    aws_code: str | None
    aws_message: str | None
    check: Callable[[S], Iterable[Finding]]

    def violations(self, spec: S) -> Iterator[Violation]:
        """Yield what breaks this rule, up to the first value that is UNKNOWN."""
        try:
            for finding in self.check(spec):
                yield Violation(
                    rule_id=self.id,
                    level=self.level,
                    property=finding.property,
                    value=finding.value,
                    message=finding.message,
                    remedy=finding.remedy,
                    source=self.source,
                    aws_code=self.aws_code,
                    aws_message=finding.aws_message or self.aws_message,
                )
        except UndecidedError:
            return


@cache
def rule_facts() -> tuple[RuleFact, ...]:
    """Return the rules as the data has them."""
    return tuple(cast("Mapping[str, list[RuleFact]]", load("rules"))["rules"])


def join(about: Subject, checks: Mapping[str, Callable[[S], Iterable[Finding]]]) -> tuple[Rule[S], ...]:
    """Join the checks of a subject with its texts, in the order of the data.

    Raises:
        AssertionError: a check has no text, or a text no check.
    """
    facts = [fact for fact in rule_facts() if fact["about"] == about]
    unmatched = {fact["id"] for fact in facts} ^ set(checks)
    if unmatched:
        raise AssertionError(f"rules.json and the checks of {about} differ in {', '.join(sorted(unmatched))}")
    return tuple(
        Rule(
            id=fact["id"],
            source=tuple(fact["source"]),
            level=fact["level"],
            what=fact["what"],
            aws_code=fact["aws_code"],
            aws_message=fact["aws_message"],
            check=checks[fact["id"]],
        )
        for fact in facts
    )


def apply(rules: Iterable[Rule[S]], spec: S) -> tuple[Violation, ...]:
    """Return all that breaks any of the rules, errors first."""
    found = [violation for rule in rules for violation in rule.violations(spec)]
    return tuple(sorted(found, key=lambda violation: violation.level != "error"))


def describe(subject: str, violations: Iterable[Violation]) -> str:
    """Return one text with all violations: each with its property, value, what is allowed, the remedy and the rule."""
    listed = tuple(violations)
    blocks = [_block(violation) for violation in listed]
    return "\n".join([f"{subject}: {_count(listed)}", *blocks])


def refuse(subject: str, violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return the warnings where nothing else was found.

    Raises:
        ValidationError: at least one violation is an error; the text names all of them, and the warnings.
    """
    listed = tuple(violations)
    if any(violation.level == "error" for violation in listed):
        raise ValidationError(describe(subject, listed))
    return listed


def _count(violations: tuple[Violation, ...]) -> str:
    errors = sum(violation.level == "error" for violation in violations)
    counts = [(errors, "problem"), (len(violations) - errors, "warning")]
    spoken = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
    return ", ".join(spoken) or "no problems"


def _block(violation: Violation) -> str:
    mark = "" if violation.level == "error" else "warning: "
    return "\n".join(
        (
            f"  {mark}{violation.property}{_value(violation.value)}: {violation.message}",
            f"    {violation.remedy}   [{violation.rule_id}]",
        )
    )


def shown(value: object) -> str:
    """Return a value as a finding shows it, cut where it is long."""
    text = _shown(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _value(value: object) -> str:
    return " is not given" if value is None else f" = {shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, str):
        # A StrEnum is a str to its reader.
        return repr(str(value))
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        plain = all(isinstance(item, str | int) for item in items)
        return repr(items) if plain else f"({len(items)} entries)"
    return repr(value)
