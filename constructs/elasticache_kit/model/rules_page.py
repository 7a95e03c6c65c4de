"""The page `docs/rules.md`: every rule in one table for each kind of resource.

Write it anew with `python -m elasticache_kit.model.rules_page > docs/rules.md`.
"""

from __future__ import annotations

import sys
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


class UncheckedFact(TypedDict):
    """Something that is known and is no rule, as `unchecked.json` holds it."""

    id: str
    why: str
    rule: NotRequired[str]
    what: str
    source: list[str]


def unchecked() -> tuple[UncheckedFact, ...]:
    """Return what is known and is no rule."""
    return tuple(cast("Mapping[str, list[UncheckedFact]]", load("unchecked"))["unchecked"])


def reviewed() -> tuple[str, ...]:
    """Return the ids of everything that was looked at when the rules were written."""
    return tuple(cast("Mapping[str, list[str]]", load("unchecked"))["reviewed"])


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "What elasticache-kit checks before anything is deployed. An `error` is refused, a `warn` is shown."
    yield "A value that only a deployment knows never breaks a rule. A rule without a source is a `warn`."
    yield "This page is generated: `python -m elasticache_kit.model.rules_page > docs/rules.md`."
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
    yield from ("", "## Sources", "", "| Key | What it is |", "|---|---|")
    legends = [cast("Mapping[str, Mapping[str, str]]", load(name))["sources"] for name in ("rules", "unchecked")]
    for key, text in {**legends[1], **legends[0]}.items():
        yield f"| {key} | {_cell(text)} |"
    yield ""


def _row(fact: RuleFact) -> str:
    answer = ": ".join(part for part in (fact["aws_code"], fact["aws_message"]) if part)
    source = "<br>".join(_cell(place) for place in fact["source"])
    return f"| `{fact['id']}` | {fact['level']} | {_cell(fact['what'])} | {_cell(answer)} | {source} |"


def _unchecked_row(fact: UncheckedFact) -> str:
    why = f"`{fact['rule']}` says it" if "rule" in fact else _WHY[fact["why"]]
    source = "<br>".join(_cell(place) for place in fact["source"])
    return f"| `{fact['id']}` | {_cell(fact['what'])} | {why} | {source} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    sys.stdout.write(page())
