"""The page `docs/rules.md`: every rule in one table for each kind of resource.

Write it anew with `python -m elasticache_kit.model.rules_page > docs/rules.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict, cast

from elasticache_kit.model.data import load
from elasticache_kit.model.rule import RuleFact, Subject, rule_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HEADINGS: dict[Subject, str] = {
    "replication_group": "Replication groups",
    "replication_group_change": "Changes of a replication group",
    "cache_cluster": "Cache clusters",
    "cache_cluster_change": "Changes of a cache cluster",
    "serverless_cache": "Serverless caches",
    "serverless_cache_change": "Changes of a serverless cache",
    "global_replication_group": "Global datastores",
    "global_replication_group_change": "Changes of a global datastore",
    "parameter_group": "Parameter groups",
    "subnet_group": "Subnet groups",
    "user": "Users",
    "user_group": "User groups",
    "snapshot": "Snapshots",
    "serverless_cache_snapshot": "Snapshots of a serverless cache",
    "scalable_target": "Auto scaling",
    "resource": "Resources of a template",
}


_WHY = {
    "behaviour": "how ElastiCache behaves",
    "unseen": "a spec does not show it",
    "operation": "not a matter of CloudFormation",
    "replacement": "CloudFormation replaces the resource",
}


_LEVELS = {
    "error": "refused when the resource is made",
    "update-error": "refused when the resource changes",
    "warn": "taken, but without effect, risky or doubtful; quotas that AWS raises on request, and guesses",
    "info": "known and not checked, each with the reason",
}

_GUIDE = Path(__file__).parent / "data" / "rules_page.md"


class UncheckedFact(TypedDict):
    """Something that is known and is no rule, as `unchecked.json` holds it."""

    id: str
    why: str
    rule: NotRequired[str]
    what: str
    source: list[str]
    decision: NotRequired[str]


class ConflictFact(TypedDict):
    """Figures that sources give differently, as `node_types.json`, `parameters.json` and `metrics.json` hold them."""

    what: str
    values: dict[str, object]
    used: object
    source: list[str] | str


def unchecked() -> tuple[UncheckedFact, ...]:
    """Return what is known and is no rule."""
    return tuple(cast("Mapping[str, list[UncheckedFact]]", load("unchecked"))["unchecked"])


def reviewed() -> tuple[str, ...]:
    """Return the ids of everything that was looked at when the rules were written."""
    return tuple(cast("Mapping[str, list[str]]", load("unchecked"))["reviewed"])


def counts() -> dict[Subject, dict[str, int]]:
    """Return how many rules of each level a subject has; `info` is known of no subject in particular."""
    found: dict[Subject, dict[str, int]] = {
        about: dict.fromkeys(("error", "update-error", "warn"), 0) for about in _HEADINGS
    }
    for fact in rule_facts():
        found[fact["about"]][_level(fact)] += 1
    return found


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "What elasticache-kit checks before anything is deployed. An `error` is refused, a `warn` is shown."
    yield "A value that only a deployment knows never breaks a rule. What rests on a guess is a `warn`."
    yield "This page is generated: `python -m elasticache_kit.model.rules_page > docs/rules.md`."
    yield from ("", "## How many", "", *_count_lines())
    yield from ("", _GUIDE.read_text(encoding="utf-8").rstrip())
    for about, heading in _HEADINGS.items():
        yield from (
            "",
            f"## {heading}",
            "",
            "| Rule | Level | What it asks | AWS answers | Source |",
            "|---|---|---|---|---|",
        )
        yield from (_row(fact) for fact in rule_facts() if fact["about"] == about)
    yield from (
        "",
        "## Known and not checked",
        "",
        "| Id | What is known | Why no rule | Source |",
        "|---|---|---|---|",
    )
    yield from (_unchecked_row(fact) for fact in unchecked())
    yield from (
        "",
        "## Where sources disagree",
        "",
        "| What | What each says, and which one was taken | Sources |",
        "|---|---|---|",
        *_decisions(),
    )
    yield from ("", "## Sources", "", "| Key | What it is |", "|---|---|")
    legends = [
        cast("Mapping[str, Mapping[str, str]]", load(name))["sources"] for name in ("rules", "unchecked", "metrics")
    ]
    for key, text in {**legends[2], **legends[1], **legends[0]}.items():
        yield f"| {key} | {_cell(text)} |"
    yield ""


def _count_lines() -> Iterator[str]:
    by_subject = counts()
    yield f"| What is checked | {' | '.join(_LEVELS)} |"
    yield "|---" * (len(_LEVELS) + 1) + "|"
    for about, heading in _HEADINGS.items():
        yield f"| {heading} | {' | '.join(str(by_subject[about].get(level, '')) for level in _LEVELS)} |"
    totals = {level: sum(found.get(level, 0) for found in by_subject.values()) for level in _LEVELS}
    totals["info"] = len(unchecked())
    yield f"| all | {' | '.join(str(number) for number in totals.values())} |"
    yield ""
    yield from (f"- `{level}`: {meaning}" for level, meaning in _LEVELS.items())


def _level(fact: RuleFact) -> str:
    return "update-error" if fact["level"] == "error" and fact["about"].endswith("_change") else fact["level"]


def _row(fact: RuleFact) -> str:
    answer = ": ".join(part for part in (fact["aws_code"], fact["aws_message"]) if part)
    implied = " and ".join(f"`{name}`" for name in fact.get("implies", ()))
    what = _cell(fact["what"]) + (f" Fires with {implied}." if implied else "")
    return f"| `{fact['id']}` | {_level(fact)} | {what} | {_cell(answer)} | {_places(fact['source'])} |"


def _decisions() -> Iterator[str]:
    for fact in (*rule_facts(), *unchecked()):
        if "decision" in fact:
            yield f"| `{fact['id']}` | {_cell(fact['decision'])} | {_places(fact['source'])} |"
    for name in ("node_types", "parameters", "metrics"):
        for fact in cast("Mapping[str, list[ConflictFact]]", load(name))["conflicts"]:
            said = "; ".join(f"{source}: {value}" for source, value in fact["values"].items())
            taken = _cell(f"{said}. Taken: {fact['used']}.")
            source = fact["source"]
            yield f"| {_cell(fact['what'])} | {taken} | {_places([source] if isinstance(source, str) else source)} |"


def _unchecked_row(fact: UncheckedFact) -> str:
    why = f"`{fact['rule']}` says it" if "rule" in fact else _WHY[fact["why"]]
    return f"| `{fact['id']}` | {_cell(fact['what'])} | {why} | {_places(fact['source'])} |"


def _places(source: list[str]) -> str:
    return "<br>".join(_cell(place) for place in source)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    sys.stdout.write(page())
