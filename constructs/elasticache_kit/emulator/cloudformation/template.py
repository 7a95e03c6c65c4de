"""What a template says, without any resource being touched: parsing, references, order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import yaml

Template = dict[str, Any]

_SUB_REFERENCE = re.compile(r"\$\{([^!][^}]*)\}")


class TemplateError(ValueError):
    """The template cannot be deployed as it stands; the message is CloudFormation's."""


class _Loader(yaml.SafeLoader):
    """Reads YAML with the short forms of the intrinsic functions; other readers of this process stay as they are."""


def _short_form(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = str(node.value)
    if name in ("Ref", "Condition"):
        return {name: value}
    return {f"Fn::{name}": value.split(".", 1) if name == "GetAtt" and isinstance(value, str) else value}


cast("Any", _Loader).add_multi_constructor("!", _short_form)


def parse(body: str) -> Template:
    """Read a template from JSON or YAML, with the short forms of the intrinsic functions."""
    parsed: Any
    try:
        parsed = json.loads(body)
    except ValueError:
        try:
            parsed = yaml.load(body, Loader=_Loader)  # noqa: S506 - a safe one
        except yaml.YAMLError as error:
            raise TemplateError(f"Template format error: {error}") from error
    template = cast("Template", parsed) if isinstance(parsed, dict) else {}
    if not template.get("Resources"):
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    return template


def references(value: Any) -> Iterator[str]:
    """Yield every logical id that a value mentions through Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from references(item)
    if not isinstance(value, Mapping):
        return
    for key, inner in cast("Mapping[str, Any]", value).items():
        if key == "Ref":
            yield str(inner)
        elif key == "Fn::GetAtt":
            yield inner.split(".")[0] if isinstance(inner, str) else str(inner[0])
        elif key == "Fn::Sub":
            text, *values = [inner] if isinstance(inner, str) else inner
            yield from (name.split(".")[0] for name in _SUB_REFERENCE.findall(text))
            yield from references(values)
        else:
            yield from references(inner)


def dependencies(template: Template) -> dict[str, set[str]]:
    """Say of each resource which other resources of the template it needs first."""
    resources = template["Resources"]
    result: dict[str, set[str]] = {}
    for logical_id, definition in resources.items():
        explicit = definition.get("DependsOn", [])
        needed = {explicit} if isinstance(explicit, str) else set(explicit)
        needed.update(references(definition.get("Properties", {})))
        result[logical_id] = {name for name in needed if name in resources and name != logical_id}
    return result


def order(template: Template) -> list[str]:
    """List the resources so that each stands after all that it needs.

    Raises:
        TemplateError: resources need each other in a circle.
    """
    waiting = dependencies(template)
    done: list[str] = []
    while waiting:
        ready = [name for name, needed in waiting.items() if not needed & waiting.keys()]
        if not ready:
            raise TemplateError(f"Circular dependency between resources: [{', '.join(sorted(waiting))}]")
        done.extend(ready)
        for name in ready:
            del waiting[name]
    return done


def imports(template: Any) -> set[str]:
    """Name every export of another stack that a template, or a part of one, imports by a literal name."""
    if isinstance(template, list):
        return set[str]().union(*map(imports, cast("list[Any]", template)))
    if not isinstance(template, Mapping):
        return set()
    mapping = cast("Mapping[str, Any]", template)
    name = mapping.get("Fn::ImportValue")
    own = {name} if isinstance(name, str) else set[str]()
    return own.union(*map(imports, mapping.values()))


def with_zones_of(template: Any, region: str) -> Any:
    """Say the region wherever a template asks for the Availability Zones of its own: moto takes those of us-east-1."""
    if isinstance(template, list):
        return [with_zones_of(item, region) for item in cast("list[Any]", template)]
    if not isinstance(template, Mapping):
        return template
    mapping = cast("Mapping[str, Any]", template)
    if mapping.get("Fn::GetAZs", region) in ("", {"Ref": "AWS::Region"}):
        return {"Fn::GetAZs": region}
    return {key: with_zones_of(item, region) for key, item in mapping.items()}
