"""The node types and engine versions that ElastiCache offers, as cfn-lint has them from AWS.

Which of them exist, and where, is taken from there. What they can do is not in any package: a new one has to be
looked up in the user guide by a person, so it is reported and not made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict, cast

from scripts.model_data.provider_schema import SCHEMAS

EXTENSIONS = SCHEMAS / "extensions" / "aws_elasticache_cachecluster"
Document = Mapping[str, object]


class NodeTypeFact(TypedDict, total=False):
    """A node type as `node_types.json` holds it, as far as it is needed here."""

    supports: list[str]
    regions_missing: list[str]


def node_types() -> dict[str, frozenset[str]]:
    """Return the node types that each Region offers."""
    content = _read(EXTENSIONS / "cachenodetype_enum.json")
    return {
        region: frozenset(cast("Mapping[str, list[str]]", offer)["enum"])
        for region, offer in content.items()
        if isinstance(offer, dict)
    }


def versions() -> dict[str, frozenset[str]]:
    """Return the versions of each engine that a new cache can run."""
    found: dict[str, frozenset[str]] = {}
    for branch in cast(
        "list[dict[str, dict[str, dict[str, dict[str, object]]]]]", _read(EXTENSIONS / "engine_version.json")["allOf"]
    ):
        engine = branch["if"]["properties"]["Engine"].get("const")
        if isinstance(engine, str):
            found[engine] = frozenset(cast("list[str]", branch["then"]["properties"]["EngineVersion"]["enum"]))
    return found


def regenerated_node_types(document: Document, offered: Mapping[str, frozenset[str]]) -> dict[str, object]:
    """Return `node_types.json` with the Regions as they are offered; all else in it was reviewed, and stays."""
    anywhere = frozenset[str]().union(*offered.values())
    facts = cast("Mapping[str, NodeTypeFact]", document["node_types"])
    renewed: dict[str, object] = {}
    for name, fact in facts.items():
        missing = sorted(region for region, names in offered.items() if name not in names)
        kept = {key: value for key, value in fact.items() if key != "regions_missing"}
        source = {"source": kept.pop("source")} if "source" in kept else {}
        places = {"regions_missing": missing} if name in anywhere else {}
        renewed[name] = {**kept, **places, **source}
    about = {**cast("Document", document["about"]), "regions": sorted(offered)}
    return {**document, "about": about, "node_types": renewed}


def unreviewed_node_types(document: Document, offered: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yield the node types that the data lack, and those that they say can be made though nobody offers them."""
    facts = cast("Mapping[str, NodeTypeFact]", document["node_types"])
    anywhere = frozenset[str]().union(*offered.values())
    for name in sorted(anywhere - set(facts)):
        regions = sum(name in names for names in offered.values())
        yield f"node_types.json lacks {name}, which {regions} Regions offer: look it up in UG:CacheNodes.SupportedTypes"
    for name in sorted(set(facts) - anywhere):
        if "create_new" in facts[name].get("supports", []):
            yield f"node_types.json says that {name} can be made, and no Region offers it: take its create_new away"


def unreviewed_versions(document: Document, offered: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Yield the engine versions that the data lack, and those that are not offered any more."""
    facts = cast("list[dict[str, str]]", document["versions"])
    for engine, numbers in sorted(offered.items()):
        ours = {fact["version"] for fact in facts if fact["engine"] == engine}
        for number in sorted(numbers - ours):
            yield f"engines.json lacks {engine} {number}: look up its features in UG:engine-versions"
        for number in sorted(ours - numbers):
            yield f"engines.json offers {engine} {number}, which ElastiCache does not: move it to past_versions"


def _read(path: Path) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json.loads(path.read_text(encoding="utf-8")))
