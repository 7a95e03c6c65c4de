"""SARIF 2.1.0: what a survey found, in the form that code scanning takes.

See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit import __version__
from elasticache_kit.model.rule import rule_facts
from elasticache_kit.template import acknowledgement, same_name, survey
from elasticache_kit.template.document import STDIN
from elasticache_kit.template.report import subject

if TYPE_CHECKING:
    from elasticache_kit.template.problem import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/elasticache-kit/elasticache-kit"
PAGE = f"{HOME}/blob/main/docs/rules.md"

_LEVELS = {"error": "error", "warn": "warning"}


def log(problems: Iterable[Problem], ignored: Collection[str] = ()) -> dict[str, object]:
    """Return a SARIF log of one run.

    Args:
        problems: everything that was found; what is acknowledged becomes a suppressed result, with the reason.
        ignored: the rules that the user ignores, whose results are suppressed too. Default: none.
    """
    found = tuple(problems)
    rules = _rules(found)
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "elasticache-kit",
                        "semanticVersion": __version__,
                        "informationUri": HOME,
                        "rules": rules,
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "where the check was started"}}},
                "results": [_result(problem, index[problem.rule_id], ignored) for problem in found],
            }
        ],
    }


def _rules(problems: Iterable[Problem]) -> list[dict[str, object]]:
    """Describe each rule that something was found of, once."""
    facts = {fact["id"]: fact for fact in rule_facts()}
    own = {**acknowledgement.RULES, **same_name.RULES, **survey.RULES}
    found: dict[str, dict[str, object]] = {}
    for problem in problems:
        fact = facts.get(problem.rule_id)
        what = fact["what"] if fact is not None else own[problem.rule_id]
        answer = ": ".join(part for part in (problem.aws_code, fact["aws_message"] if fact else None) if part)
        sources = "".join(f"\n- {source}" for source in problem.source)
        parts = [what, f"AWS answers: {answer}" if answer else "", f"Source:{sources}" if sources else ""]
        help_text = "\n\n".join(part for part in parts if part)
        found[problem.rule_id] = {
            "id": problem.rule_id,
            "shortDescription": {"text": what},
            "fullDescription": {"text": what},
            "help": {"text": help_text, "markdown": f"{help_text}\n\n[All rules]({PAGE})"},
            "helpUri": PAGE,
            "defaultConfiguration": {"level": _LEVELS[problem.level]},
            "properties": {"tags": ["elasticache", "cloudformation"]},
        }
    return list(found.values())


def _result(problem: Problem, index: int, ignored: Collection[str]) -> dict[str, object]:
    said = ": ".join(part for part in (subject(problem), problem.message) if part)
    result: dict[str, object] = {
        "ruleId": problem.rule_id,
        "ruleIndex": index,
        "level": _LEVELS[problem.level],
        "message": {"text": f"{said}. {problem.remedy[:1].upper()}{problem.remedy[1:]}."},
        "locations": [_location(problem)],
        "partialFingerprints": {"elasticacheKit/v1": _fingerprint(problem)},
    }
    suppressions: list[Mapping[str, str]] = []
    if problem.acknowledged is not None:
        suppressions.append({"kind": "inSource", "justification": problem.acknowledged})
    if problem.rule_id in ignored:
        suppressions.append({"kind": "external", "justification": "ignored on the command line"})
    return result | ({"suppressions": suppressions} if suppressions else {})


def _location(problem: Problem) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": _artifact(problem.path)}
    # Code scanning shows a result in a file at its line, and needs one.
    physical["region"] = {"startLine": problem.line or 1}
    location: dict[str, object] = {"physicalLocation": physical}
    if problem.logical_id is not None:
        whole = ".".join(part for part in (problem.logical_id, problem.property) if part)
        location["logicalLocations"] = [{"name": problem.logical_id, "fullyQualifiedName": whole, "kind": "resource"}]
    return location


def _artifact(path: str) -> dict[str, object]:
    if path == STDIN:
        return {"uri": "stdin"}
    file = Path(path).resolve()
    try:
        relative = file.relative_to(Path.cwd())
    except ValueError:
        return {"uri": file.as_uri()}
    return {"uri": relative.as_posix().replace("%", "%25").replace(" ", "%20"), "uriBaseId": "%SRCROOT%"}


def _fingerprint(problem: Problem) -> str:
    """Return what tells a result from others, and stays when lines move."""
    parts = (problem.rule_id, Path(problem.path).name, problem.logical_id or "", problem.property or "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
