"""Template: a CloudFormation template as it stands in a file, JSON or YAML, written by hand or by a tool.

Intrinsic functions stay as they are written, in their long form: `!Ref Group` is `{"Ref": "Group"}`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from elasticache_kit.errors import DocumentError
from elasticache_kit.template import json_text, yaml_text
from elasticache_kit.template.located import Located, Value
from elasticache_kit.template.located import Path as ValuePath

STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource of a template.

    Args:
        logical_id: its name in the template.
        type: for example `AWS::ElastiCache::ReplicationGroup`.
        properties: its properties, intrinsic functions kept. Default: none.
        line: the line that names it, counted from 1.
        lines: the line of each value in the properties, by its path from the properties on.
        condition: the name of the condition that it depends on. Default: none.
        metadata: its metadata. Default: none.
        depends_on: the logical ids that it names in DependsOn. Default: none.
        deletion_policy: DeletionPolicy as written. Default: None, which CloudFormation takes for its own default.
        update_replace_policy: UpdateReplacePolicy as written. Default: as above.
        update_policy: UpdatePolicy. Default: none.
    """

    logical_id: str
    type: str
    properties: Mapping[str, Value] = field(default_factory=dict[str, Value])
    line: int | None = None
    lines: Mapping[ValuePath, int] = field(default_factory=dict[ValuePath, int])
    condition: str | None = None
    metadata: Mapping[str, Value] = field(default_factory=dict[str, Value])
    depends_on: tuple[str, ...] = ()
    deletion_policy: Value = None
    update_replace_policy: Value = None
    update_policy: Mapping[str, Value] = field(default_factory=dict[str, Value])

    def line_of(self, path: ValuePath) -> int | None:
        """Return the line of a value in the properties, or of the nearest thing around it that has one."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template.

    Args:
        path: the file it was read from, as it was given; `-` is standard input.
        resources: its resources by logical id. Loops (`Fn::ForEach`) and macros that would make more are not run.
        parameters: its parameters by name, as written.
        conditions: its conditions by name, as written.
        mappings: its mappings by name, as written.
        metadata: its metadata.
        transforms: the names of its transforms, for example `AWS::Serverless-2016-10-31`.
    """

    path: str
    resources: Mapping[str, Resource]
    parameters: Mapping[str, Value] = field(default_factory=dict[str, Value])
    conditions: Mapping[str, Value] = field(default_factory=dict[str, Value])
    mappings: Mapping[str, Value] = field(default_factory=dict[str, Value])
    metadata: Mapping[str, Value] = field(default_factory=dict[str, Value])
    transforms: tuple[str, ...] = ()


def read(path: str) -> Template:
    """Read a template from a file, or from standard input for `-`.

    Raises:
        DocumentError: the file cannot be read, or is no template; the message says why, and where.
    """
    try:
        content = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DocumentError(f"{path} is no template: it is not text in UTF-8") from None
    return parse(text, path)


def parse(text: str, path: str) -> Template:
    """Read a template from its text.

    Args:
        text: JSON or YAML.
        path: where it comes from.

    Raises:
        DocumentError: it is no template; the message says why, and where.
    """
    shown = "standard input" if path == STDIN else path
    syntax = json_text if text.lstrip().startswith("{") else yaml_text
    located = syntax.parse(text, shown)
    root = located.value
    resources = root.get("Resources") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(resources, dict):
        raise DocumentError(f"{shown} is no CloudFormation template: it has no mapping Resources at its top")
    return Template(
        path=path,
        resources=_resources(resources, located, shown),
        parameters=_mapping(root.get("Parameters")),
        conditions=_mapping(root.get("Conditions")),
        mappings=_mapping(root.get("Mappings")),
        metadata=_mapping(root.get("Metadata")),
        transforms=_texts(root.get("Transform")),
    )


def _resources(written: Mapping[str, Value], located: Located, shown: str) -> dict[str, Resource]:
    # One pass over the lines for all resources: a template may have thousands.
    lines: dict[str, dict[ValuePath, int]] = {}
    for path, line in located.lines.items():
        match path:
            case ("Resources", str(name), "Properties", *rest):
                lines.setdefault(name, {})[tuple(rest)] = line
            case _:
                pass
    found: dict[str, Resource] = {}
    problems: list[str] = []
    for name, body in written.items():
        if name.startswith("Fn::"):
            continue
        line = located.lines.get(("Resources", name))
        kind = body.get("Type") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(kind, str):
            problems.append(f"line {line}: {name} has no Type, which every resource has")
            continue
        found[name] = _resource(name, kind, body, line, lines.get(name, {}))
    if problems:
        raise DocumentError("\n".join([f"{shown} is no CloudFormation template:", *(f"  {item}" for item in problems)]))
    return found


def _resource(
    name: str, kind: str, body: Mapping[str, Value], line: int | None, lines: Mapping[ValuePath, int]
) -> Resource:
    condition = body.get("Condition")
    return Resource(
        logical_id=name,
        type=kind,
        properties=_mapping(body.get("Properties")),
        line=line,
        lines=lines,
        condition=condition if isinstance(condition, str) else None,
        metadata=_mapping(body.get("Metadata")),
        depends_on=_texts(body.get("DependsOn")),
        deletion_policy=body.get("DeletionPolicy"),
        update_replace_policy=body.get("UpdateReplacePolicy"),
        update_policy=_mapping(body.get("UpdatePolicy")),
    )


def _mapping(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _texts(value: Value) -> tuple[str, ...]:
    """Return the texts among one value or a list of them."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str))
