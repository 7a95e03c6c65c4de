"""What a survey found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.template.problem import Problem
    from elasticache_kit.template.survey import Survey

Paint = Callable[[str, str], str]


def text(problems: Iterable[Problem], paint: Paint = lambda part, _role: part) -> str:
    """Return every problem in two lines: where it is and what is wrong, then what to do, the rule and its source.

    Args:
        problems: the problems.
        paint: gives a part of the text its looks, by its role: `error`, `warn`, `place` or `quiet`. Default: none.
    """
    return "\n".join(_block(problem, paint) for problem in problems)


def summary(survey: Survey, problems: Iterable[Problem]) -> str:
    """Return one line: how much was looked at and how much was found.

    Args:
        survey: what was looked at.
        problems: those that count; the others of the survey were acknowledged or ignored.
    """
    counted = tuple(problems)
    errors = sum(problem.level == "error" for problem in counted)
    parts = [_count(errors, "error"), _count(len(counted) - errors, "warning")]
    if silent := len(survey.problems) - len(counted):
        parts.append(f"{silent} acknowledged or ignored")
    looked = f"{_count(survey.templates, 'template')}, {_count(survey.resources, 'resource')} of ElastiCache"
    return f"{looked}: {', '.join(parts)}"


def json_document(survey: Survey, problems: Iterable[Problem]) -> dict[str, object]:
    """Return what was found as plain data.

    Args:
        survey: what was looked at.
        problems: those that count.
    """
    counted = tuple(problems)
    return {
        "templates": survey.templates,
        "resources": survey.resources,
        "errors": sum(problem.level == "error" for problem in counted),
        "warnings": sum(problem.level == "warn" for problem in counted),
        "problems": [_plain(problem) for problem in counted],
        "acknowledged": [_plain(problem) for problem in survey.problems if problem.acknowledged is not None],
        "passed_over": survey.passed_over,
    }


def _plain(problem: Problem) -> dict[str, object]:
    plain: dict[str, object] = asdict(problem)
    return plain | {"source": list(problem.source)}


def subject(problem: Problem) -> str:
    """Return what a problem is about: the resource, its property and the value."""
    name = ".".join(part for part in (problem.logical_id, problem.property) if part)
    if problem.value is not None:
        return f"{name} = {problem.value}"
    return f"{name} is not given" if problem.property else name


def _block(problem: Problem, paint: Paint) -> str:
    place = f"{problem.path}:{problem.line}" if problem.line is not None else problem.path
    level = "error" if problem.level == "error" else "warning"
    said = ": ".join(part for part in (subject(problem), problem.message) if part)
    source = f"; {', '.join(problem.source)}" if problem.source else ""
    return "\n".join(
        (
            f"{paint(place, 'place')}: {paint(level, problem.level)}: {said}",
            f"    {problem.remedy}   {paint(f'[{problem.rule_id}{source}]', 'quiet')}",
        )
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
