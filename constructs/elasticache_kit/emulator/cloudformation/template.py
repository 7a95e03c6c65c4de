"""What a template says, without any resource being touched: parsing, references, order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from moto.cloudformation.utils import yaml_tag_constructor

Template = dict[str, Any]

_SUB_REFERENCE = re.compile(r"\$\{([^!][^}]*)\}")


class TemplateError(ValueError):
    """The template cannot be deployed as it stands; the message is CloudFormation's."""


def parse(body: str) -> Template:
    """Read a template from JSON or YAML, with the short forms of the intrinsic functions."""
    try:
        parsed = json.loads(body)
    except ValueError:
        yaml.add_multi_constructor("", yaml_tag_constructor, yaml.SafeLoader)
        try:
            parsed = yaml.load(body, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise TemplateError(f"Template format error: {error}") from error
    if not isinstance(parsed, dict) or not parsed.get("Resources"):
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    return parsed


def references(value: Any) -> Iterator[str]:
    """Yield every logical id that a value mentions through Ref, Fn::GetAtt or Fn::Sub."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        if key == "Ref":
            yield str(inner)
        elif key == "Fn::GetAtt":
            yield inner.split(".")[0] if isinstance(inner, str) else str(inner[0])
        elif key == "Fn::Sub":
            text = inner if isinstance(inner, str) else inner[0]
            yield from (name.split(".")[0] for name in _SUB_REFERENCE.findall(text))
            if not isinstance(inner, str):
                yield from references(inner[1])
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


def imports(template: Template) -> set[str]:
    """Name every export of another stack that the template imports by a literal name."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        elif isinstance(value, Mapping):
            name = value.get("Fn::ImportValue")
            if isinstance(name, str):
                found.add(name)
            for inner in value.values():
                walk(inner)

    walk(template)
    return found


def with_zones_of(template: Template, region: str) -> Template:
    """Say the region wherever a template asks for the Availability Zones of its own: moto takes those of us-east-1."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        if value.get("Fn::GetAZs", region) in ("", {"Ref": "AWS::Region"}):
            return {"Fn::GetAZs": region}
        return {key: walk(item) for key, item in value.items()}

    return walk(template)
