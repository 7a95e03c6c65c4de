"""The facts of replacement: complete, explained, and the provider schemas' own but for what they say differs."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from elasticache_kit.model.change.fact import ELASTICACHE, PropertyFact, TypeFact, general, referenced, types

# Found without importing it, which costs seconds.
_CFN_LINT = importlib.util.find_spec("cfnlint")
SCHEMAS = Path(_CFN_LINT.origin if _CFN_LINT and _CFN_LINT.origin else "").parent / "data" / "schemas"
REGION = cast("dict[str, str]", json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text()))
OURS = sorted(name for name in REGION if name.startswith(ELASTICACHE))


def schema(type_name: str) -> Mapping[str, Any]:
    """Return the provider schema of a type, as the locked cfn-lint ships it."""
    return json.loads((SCHEMAS / "resources" / f"{REGION[type_name]}.json").read_text())


def named(provider: Mapping[str, Any], key: str) -> set[str]:
    """Return the properties that a schema lists under a key."""
    return {path.removeprefix("/properties/").partition("/")[0] for path in provider.get(key, ())}


def writable(provider: Mapping[str, Any]) -> set[str]:
    """Return the properties that a template can set."""
    return set(provider["properties"]) - named(provider, "readOnlyProperties")


def differences(fact: TypeFact, provider: Mapping[str, Any]) -> set[str]:
    """Return the properties of which the data says another thing than the schema, and gives no reason."""
    expected = dict.fromkeys(writable(provider), "in-place")
    expected |= dict.fromkeys(named(provider, "conditionalCreateOnlyProperties"), "conditional")
    expected |= dict.fromkeys(named(provider, "createOnlyProperties"), "replacement")
    said = {name: known.update for name, known in fact.properties.items() if known.schema is None}
    explained = {name for name, known in fact.properties.items() if known.schema is not None}
    return {name for name in {*expected, *said} - explained if expected.get(name) != said.get(name)}


def test_every_type_of_elasticache_is_known() -> None:
    """Those of the locked schemas, and no others."""
    assert sorted(types()) == OURS


@pytest.mark.parametrize("name", OURS)
def test_what_replaces_is_what_the_schema_says(name: str) -> None:
    """Create-only, conditional and all other properties; where the data says otherwise it gives the reason."""
    assert differences(types()[name], schema(name)) == set()


@pytest.mark.parametrize("name", sorted(referenced()))
def test_what_replaces_a_resource_that_caches_refer_to_is_what_the_schema_says(name: str) -> None:
    """Keys, subnets, their VPC."""
    provider = schema(name)
    said = {key: known.update for key, known in referenced()[name].properties.items()}

    assert said == {
        **dict.fromkeys(named(provider, "conditionalCreateOnlyProperties"), "conditional"),
        **dict.fromkeys(named(provider, "createOnlyProperties"), "replacement"),
    }


@pytest.mark.parametrize("key", ["createOnlyProperties", "conditionalCreateOnlyProperties"])
def test_a_schema_that_changes_is_noticed(key: str) -> None:
    """The control of the tests above: Port moves, and a new property is create-only."""
    provider = dict(schema("AWS::ElastiCache::ReplicationGroup"))
    provider["createOnlyProperties"] = [path for path in provider["createOnlyProperties"] if path != "/properties/Port"]
    provider["properties"] = {**provider["properties"], "Colour": {}}
    provider[key] = [*provider[key], "/properties/Colour"]

    assert differences(types()["AWS::ElastiCache::ReplicationGroup"], provider) == {"Port", "Colour"}


@pytest.mark.parametrize("name", OURS)
def test_a_transform_of_the_schema_is_in_the_data(name: str) -> None:
    """CloudFormation looks at two properties otherwise than they are written."""
    transforms = {"$lowercase(": "lowercase", "$join($split(": "two parts"}
    written = cast("dict[str, str]", schema(name).get("propertyTransform") or {})
    expected = {
        path.removeprefix("/properties/"): next(said for start, said in transforms.items() if rule.startswith(start))
        for path, rule in written.items()
    }

    assert {key: known.compare for key, known in types()[name].properties.items() if known.compare} == expected


@pytest.mark.parametrize("name", OURS)
def test_the_name_and_the_lists_without_order_are_the_schemas(name: str) -> None:
    """The name is the primary identifier, where a template can set it."""
    provider, fact = schema(name), types()[name]
    unordered = {
        key
        for key, value in provider["properties"].items()
        if value.get("insertionOrder") is False
        and key in fact.properties
        and fact.properties[key].update not in {"in-place", "refused"}
    }

    assert fact.unordered == unordered
    identifier = named(provider, "primaryIdentifier") & writable(provider)
    # Snapshots are identified by an ARN, and named all the same.
    assert fact.name is None or {fact.name} == identifier or fact.name.endswith("SnapshotName")
    assert not identifier or fact.name in identifier


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(known, id=f"{name.rpartition('::')[2]}.{known.name}")
        for name, fact in types().items()
        for known in fact.properties.values()
    ],
)
def test_every_property_has_a_source(known: PropertyFact) -> None:
    """A guess would not do: a refusal or a replacement stops a deployment."""
    assert known.source
    assert not any(source.startswith("UNSOURCED") for source in known.source)
    assert known.update != "conditional" or known.note


def test_what_decides_a_refusal_has_a_source() -> None:
    """CloudFormation's own refusals come from its pages, or from an answer that somebody quotes."""
    for fact_id in ("named-replacement-fails", "type-change-refused"):
        assert not any(source.startswith("UNSOURCED") for source in general(fact_id)["source"])
