"""The properties of each AWS::ElastiCache type, as CloudFormation's own provider schemas have them.

cfn-lint ships these schemas, with what it has learned of AWS's API added: enumerations, lengths and patterns. How the
API spells a value of an enumeration that is taken in any case botocore tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import botocore.session
import cfnlint
from botocore.model import StringShape

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
REGION = "us-east-1"
PREFIX = "AWS::ElastiCache::"

# What a schema calls it, and what our data does. A list of values that is compared without regard to case says so.
_KEPT = {
    "enum": "values",
    "enumCaseInsensitive": "values",
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_items",
    "maxItems": "max_items",
}
_TYPES = {"array": "list", "object": "record"}

Property = dict[str, object]
"""A property as `properties.json` holds it; see `elasticache_kit.model.property.Property`."""


class _Schema(TypedDict):
    properties: Mapping[str, Mapping[str, object]]
    definitions: NotRequired[Mapping[str, Mapping[str, object]]]
    required: NotRequired[list[str]]
    readOnlyProperties: NotRequired[list[str]]
    deprecatedProperties: NotRequired[list[str]]


def resource_types(region: str = REGION) -> tuple[str, ...]:
    """Return the AWS::ElastiCache types that CloudFormation has in a Region."""
    return tuple(sorted(name for name in _index(region) if name.startswith(PREFIX)))


def regions() -> tuple[str, ...]:
    """Return the Regions that cfn-lint has schemas of."""
    return tuple(sorted(path.stem for path in (SCHEMAS / "providers").glob("*-*.json")))


def properties(resource_type: str) -> dict[str, Property]:
    """Return the properties of a type by name, each with its type and what CloudFormation asks of it."""
    path = SCHEMAS / "resources" / f"{_index(REGION)[resource_type]}.json"
    schema = cast("_Schema", json.loads(path.read_text(encoding="utf-8")))
    found = _properties(schema["properties"], schema.get("required", []), schema.get("definitions", {}))
    for mark, pointers in (
        ("read_only", schema.get("readOnlyProperties", [])),
        ("deprecated", schema.get("deprecatedProperties", [])),
    ):
        for pointer in pointers:
            _mark(found, pointer.removeprefix("/properties/").split("/"), mark)
    return found


def document() -> dict[str, object]:
    """Return the whole of `properties.json`."""
    date = json.loads((SCHEMAS / "version.json").read_text(encoding="utf-8"))["schema_date"][:10]
    return {
        "about": {
            "what": "the properties of each AWS::ElastiCache type; a property is optional unless it is required",
            "made": "whole by `make model-data` from cfn-lint; never edit it by hand",
            "any_case": "CloudFormation takes the values in capital letters, too",
        },
        "sources": {
            "CFN": f"CloudFormation provider schema as shipped in cfn-lint {version('cfn-lint')} (schema_date {date})"
        },
        "source": ["CFN"],
        "types": {name: properties(name) for name in resource_types()},
    }


def _mark(properties: dict[str, Property], path: list[str], mark: str) -> None:
    """Mark a property; one whose members all have the mark has it, too."""
    name, *deeper = path
    found = properties[name]
    members = cast("dict[str, Property]", found.get("properties", {}))
    if deeper and deeper[0] in members:
        _mark(members, deeper, mark)
    if not deeper or (members and all(mark in member for member in members.values())):
        found[mark] = True


def _spelled(values: list[str]) -> list[str]:
    """Return values, which cfn-lint has in lower case here, as the API spells them; the unit of storage is GB."""
    meant = {value.lower(): value for value in values}
    for words in _enumerations():
        if {word.lower() for word in words} == set(meant):
            meant = {word.lower(): word for word in words}
    return [meant[value.lower()] for value in values]


@cache
def _enumerations() -> tuple[tuple[str, ...], ...]:
    model = botocore.session.get_session().get_service_model("elasticache")
    shapes = [model.shape_for(name) for name in model.shape_names]
    return tuple(tuple(shape.enum) for shape in shapes if isinstance(shape, StringShape) and shape.enum)


@cache
def _index(region: str) -> Mapping[str, str]:
    path = SCHEMAS / "providers" / f"{region}.json"
    return cast("Mapping[str, str]", json.loads(path.read_text(encoding="utf-8")))


def _properties(
    schemas: Mapping[str, Mapping[str, object]], required: list[str], definitions: Mapping[str, Mapping[str, object]]
) -> dict[str, Property]:
    found: dict[str, Property] = {}
    for name in sorted(schemas):
        found[name] = _property(schemas[name], definitions)
        if name in required:
            found[name]["required"] = True
    return found


def _property(schema: Mapping[str, object], definitions: Mapping[str, Mapping[str, object]]) -> Property:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _property(definitions[reference.rpartition("/")[2]], definitions)
    kind = str(schema["type"])
    found: Property = {"type": _TYPES.get(kind, kind)}
    found |= {ours: schema[theirs] for theirs, ours in _KEPT.items() if theirs in schema}
    if "enumCaseInsensitive" in schema:
        found["values"] = _spelled(cast("list[str]", schema["enumCaseInsensitive"]))
        found["any_case"] = True
    if schema.get("uniqueItems"):
        found["unique"] = True
    if "items" in schema:
        found["items"] = _property(cast("Mapping[str, object]", schema["items"]), definitions)
    if "properties" in schema:
        members = cast("Mapping[str, Mapping[str, object]]", schema["properties"])
        found["properties"] = _properties(members, cast("list[str]", schema.get("required", [])), definitions)
    elif kind == "object":
        # The parameters of a parameter group: any name, each with a text.
        found["type"] = "map"
    return found
