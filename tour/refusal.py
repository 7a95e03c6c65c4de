"""Refusals: what ElastiCache would refuse is found in a template before it is deployed, all of it at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tour.promise import require

if TYPE_CHECKING:
    from pathlib import Path

    from tour.place import Place

STACK = "replication-group"
GROUP = "AWS::ElastiCache::ReplicationGroup"
# Two mistakes, and the rules that they break.
MISTAKES = {"NumCacheClusters": 9, "SnapshotWindow": "05:00-05:30"}
BROKEN_RULES = {"rg-num-cache-clusters-range", "bk-window-format"}


def check(place: Place) -> str:
    """Put a template that was deployed before the rulebook, as it is and with two mistakes."""
    template = place.directory / "cdk.out" / f"{place.prefix}{STACK}.template.json"
    return compare(place, template, _broken(template, place.directory / "broken.template.json"))


def compare(place: Place, good: Path, bad: Path) -> str:
    """See that nothing is found in one template, and both mistakes in the other."""
    passed = place.ask("check", str(good), "--output", "json")
    require(passed.returncode == 0, f"the deployed template is refused: {passed.stdout}")
    refused = place.ask("check", str(bad), "--output", "json")
    found: list[dict[str, Any]] = json.loads(refused.stdout)["problems"]
    rules = {item["rule_id"] for item in found}
    require(refused.returncode == 1, f"a template with two mistakes ends with {refused.returncode}, not with 1")
    require(rules >= BROKEN_RULES, f"of {sorted(BROKEN_RULES)} were found {sorted(rules)}")
    require(all(item["source"] for item in found), "a problem has no source")
    return f"a deployed template passes; with two mistakes both are found, {' and '.join(sorted(BROKEN_RULES))}"


def _broken(template: Path, target: Path) -> Path:
    content = json.loads(template.read_text())
    for resource in content["Resources"].values():
        if resource["Type"] == GROUP:
            resource["Properties"] |= MISTAKES
    target.write_text(json.dumps(content))
    return target
